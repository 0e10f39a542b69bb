// SPDX-License-Identifier: MIT
// Inner loops in C, chosen at run time for the processor at hand. No kernel allocates, keeps state
// or spawns threads; lengths are in elements; arrays never overlap unless said.
#ifndef RELAX_KERNELS_H
#define RELAX_KERNELS_H

#include <stddef.h>
#include <stdint.h>

// Kernel sets, from slow to fast.
enum { RELAX_PORTABLE = 0, RELAX_AVX2 = 1, RELAX_AVX512 = 2 };

/// Best kernel set that this processor can run.
int32_t relax_kernels_supported(void);
/// Chooses a kernel set for the whole process; 0 on success, -1 if the processor lacks it.
/// Call it before any thread uses a kernel.
int32_t relax_kernels_select(int32_t set);
/// Kernel set in use.
int32_t relax_kernels_selected(void);

/// Sum of a[i]*b[i].
double relax_dot(const double *a, const double *b, size_t n);
/// y[i] += scale * x[i].
void relax_add_scaled(double *y, double scale, const double *x, size_t n);

#endif
