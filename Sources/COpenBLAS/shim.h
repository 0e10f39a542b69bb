// SPDX-License-Identifier: MIT
// LAPACKE's default complex types come from <complex.h>, which Swift cannot import.
#ifndef RELAX_COPENBLAS_SHIM_H
#define RELAX_COPENBLAS_SHIM_H
#define LAPACK_COMPLEX_CUSTOM
typedef struct { float re, im; } relax_complex_float;
typedef struct { double re, im; } relax_complex_double;
#define lapack_complex_float relax_complex_float
#define lapack_complex_double relax_complex_double
#include <cblas.h>
#include <lapacke.h>
#endif
