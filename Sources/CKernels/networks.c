// SPDX-License-Identifier: MIT
// Kernels of neural networks, a table of function pointers a kernel set as in dispatch.c. The set is
// named by the caller: a network keeps the one that it was prepared with.
#include "networks.h"

#include <math.h>

#include "kernels.h"

typedef double double8 __attribute__((vector_size(64)));
typedef int64_t integer8 __attribute__((vector_size(64)));
typedef float float8 __attribute__((vector_size(32)));

#define CONCATENATE_(a, b) a##_##b
#define CONCATENATE(a, b) CONCATENATE_(a, b)

#define TARGET
#define NAME(function) CONCATENATE(function, portable)
#define LANES 4
#define VECTORS 2
#include "activations.inc"
#include "dense.inc"
#include "gradients.inc"
#include "exponential.inc"
#include "spread.inc"
#undef TARGET
#undef NAME
#undef LANES
#undef VECTORS
#undef VECTOR
#undef MASK
#undef INLINE

#if defined(__x86_64__)
#define TARGET __attribute__((target("avx2,fma")))
#define NAME(function) CONCATENATE(function, avx2)
#define LANES 8
#define VECTORS 2
#include "activations.inc"
#include "dense.inc"
#include "gradients.inc"
#include "exponential.inc"
#include "spread.inc"
#undef TARGET
#undef NAME
#undef LANES
#undef VECTORS
#undef VECTOR
#undef MASK
#undef INLINE

#define TARGET \
  __attribute__((target("avx512f,avx512dq,avx512vl,avx512bw,avx2,fma"), min_vector_width(512)))
#define NAME(function) CONCATENATE(function, avx512)
#define LANES 16
#define VECTORS 4
#include "activations.inc"
#include "dense.inc"
#include "gradients.inc"
#include "exponential.inc"
#include "spread.inc"
#endif

typedef struct {
  void (*dense)(const relax_dense_layer *, int32_t);
  void (*spread)(int32_t, const double *, int32_t, int32_t, const double *, int32_t, double,
                 float *, int64_t);
  void (*add_normalized)(const float *, int64_t, int32_t, int32_t, const float *, const float *,
                         float *, int64_t, const int32_t *);
  void (*add_product)(float *, const float *, const float *, size_t);
  void (*activate_rows)(int32_t, const float *, float *, size_t);
  void (*differentiate)(int32_t, const float *, float *, float *, size_t);
  void (*add_outer)(const float *, int64_t, const float *, int64_t, int32_t, int32_t, int32_t,
                    float *, int64_t);
  void (*combine)(const relax_combination *, int32_t);
  void (*column_moments)(const float *, int64_t, const double *, const float *, int64_t,
                         const double *, int32_t, int32_t, double *, double *);
  void (*scale_columns)(const float *, int64_t, const float *, const float *, const float *,
                        int32_t, int32_t, float *, int64_t);
  void (*project_columns)(const float *, int64_t, const float *, const float *, const float *,
                          const float *, int32_t, int32_t, float *, int64_t);
  void (*normalized_gradient)(const float *, int64_t, int32_t, int32_t, const float *,
                              const float *, const relax_rows *, float *, int64_t, float *, float *);
} network_kernels;

#define TABLE(suffix)                                                                      \
  {                                                                                        \
    dense_##suffix, spread_##suffix, add_normalized_##suffix, add_product_##suffix,        \
        activate_rows_##suffix, differentiate_##suffix, add_outer_##suffix,                \
        combine_##suffix, column_moments_##suffix, scale_columns_##suffix,                 \
        project_columns_##suffix, normalized_gradient_##suffix                             \
  }
static const network_kernels tables[] = {
    TABLE(portable),
#if defined(__x86_64__)
    TABLE(avx2),
    TABLE(avx512),
#endif
};

void relax_dense(int32_t set, const relax_dense_layer *layer, int32_t count) {
  tables[set].dense(layer, count);
}
void relax_spread(int32_t set, int32_t kind, const double *x, int32_t rows, int32_t width,
                  const double *parameters, int32_t total, double coefficient, float *out,
                  int64_t stride) {
  tables[set].spread(kind, x, rows, width, parameters, total, coefficient, out, stride);
}
void relax_add_normalized(int32_t set, const float *x, int64_t stride, int32_t rows, int32_t columns,
                          const float *gain, const float *shift, float *out, int64_t out_stride,
                          const int32_t *out_rows) {
  tables[set].add_normalized(x, stride, rows, columns, gain, shift, out, out_stride, out_rows);
}
void relax_add_product(int32_t set, float *y, const float *a, const float *b, size_t n) {
  tables[set].add_product(y, a, b, n);
}
void relax_activate_rows(int32_t set, int32_t activation, const float *x, float *y, size_t n) {
  tables[set].activate_rows(activation, x, y, n);
}
void relax_differentiate(int32_t set, int32_t activation, const float *x, float *d, float *y,
                         size_t n) {
  tables[set].differentiate(activation, x, d, y, n);
}
void relax_add_outer(int32_t set, const float *y, int64_t y_stride, const float *x,
                     int64_t x_stride, int32_t rows, int32_t outputs, int32_t inputs, float *out,
                     int64_t stride) {
  tables[set].add_outer(y, y_stride, x, x_stride, rows, outputs, inputs, out, stride);
}
void relax_combine(int32_t set, const relax_combination *combination, int32_t count) {
  tables[set].combine(combination, count);
}
void relax_column_moments(int32_t set, const float *a, int64_t a_stride, const double *a_center,
                          const float *b, int64_t b_stride, const double *b_center, int32_t rows,
                          int32_t columns, double *sums, double *products) {
  tables[set].column_moments(a, a_stride, a_center, b, b_stride, b_center, rows, columns, sums,
                             products);
}
void relax_scale_columns(int32_t set, const float *x, int64_t x_stride, const float *center,
                         const float *factor, const float *shift, int32_t rows, int32_t columns,
                         float *out, int64_t stride) {
  tables[set].scale_columns(x, x_stride, center, factor, shift, rows, columns, out, stride);
}
void relax_project_columns(int32_t set, const float *x, int64_t x_stride, const float *center,
                           const float *scale, const float *slope, const float *shift,
                           int32_t rows, int32_t columns, float *d, int64_t stride) {
  tables[set].project_columns(x, x_stride, center, scale, slope, shift, rows, columns, d, stride);
}
void relax_normalized_gradient(int32_t set, const float *x, int64_t x_stride, int32_t rows,
                               int32_t columns, const float *gain, const float *shift,
                               const relax_rows *d, float *out, int64_t stride, float *gain_sums,
                               float *shift_sums) {
  tables[set].normalized_gradient(x, x_stride, rows, columns, gain, shift, d, out, stride,
                                  gain_sums, shift_sums);
}
