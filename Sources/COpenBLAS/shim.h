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

// Builds of OpenBLAS with their own thread pool have this; others do not.
extern int blas_thread_shutdown_(void) __attribute__((weak));

/// One thread for all of BLAS and LAPACK. The pool that OpenBLAS starts when it is loaded spins for
/// a tenth of a second of processor time before it first sleeps; it is ended here.
static inline void relax_single_threaded_blas(void) {
  openblas_set_num_threads(1);
  if (blas_thread_shutdown_) blas_thread_shutdown_();
}
#endif
