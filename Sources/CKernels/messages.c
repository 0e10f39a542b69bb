// SPDX-License-Identifier: MIT
// Kernels of networks whose forces are derivatives, a table of function pointers a kernel set as in
// dispatch.c.
#include "messages.h"

#include <stddef.h>

#define CONCATENATE_(a, b) a##_##b
#define CONCATENATE(a, b) CONCATENATE_(a, b)

#define TARGET
#define NAME(function) CONCATENATE(function, portable)
#define LANES 4
#include "activations.inc"
#include "messages.inc"
#undef TARGET
#undef NAME
#undef LANES
#undef VECTOR
#undef MASK
#undef INLINE

#if defined(__x86_64__)
#define TARGET __attribute__((target("avx2,fma")))
#define NAME(function) CONCATENATE(function, avx2)
#define LANES 8
#include "activations.inc"
#include "messages.inc"
#undef TARGET
#undef NAME
#undef LANES
#undef VECTOR
#undef MASK
#undef INLINE

#define TARGET \
  __attribute__((target("avx512f,avx512dq,avx512vl,avx512bw,avx2,fma"), min_vector_width(512)))
#define NAME(function) CONCATENATE(function, avx512)
#define LANES 16
#include "activations.inc"
#include "messages.inc"
#endif

typedef struct {
  void (*tabulate)(const relax_table *, int32_t, int32_t, int32_t, float *, float *, int64_t);
  void (*filter_sum)(const relax_filter *, int32_t, int32_t);
  void (*angular_sum)(const relax_angular *, const float *, int64_t, int32_t, int32_t, float *,
                      int64_t);
  void (*angular_gather)(const relax_angular *, const float *, int64_t, int32_t, const float *,
                         int64_t, float *);
  void (*angular_spread)(const relax_angular *, int32_t, const float *, float *, int64_t,
                         const float *, float *);
  float (*angular_reverse)(const relax_angular *, int32_t, const float *, const float *,
                           const float *, int64_t, float *, float *);
  void (*row_products)(const relax_rows *, const relax_rows *, int32_t, int32_t, float *);
  void (*multiply)(const double *, const double *, int32_t, int32_t, int32_t, double *);
  void (*mix)(const relax_mixture *, int32_t);
  void (*mix_back)(const relax_mixture *, int32_t);
  void (*mix_slopes)(const relax_mixture *, int32_t, float *, int64_t);
  void (*curve)(int32_t, const float *, float *, float *, float *, size_t);
} kernel_table;

#define TABLE(suffix)                                                                         \
  {                                                                                           \
    tabulate_##suffix, filter_sum_##suffix, angular_sum_##suffix, angular_gather_##suffix,    \
        angular_spread_##suffix, angular_reverse_##suffix, row_products_##suffix,            \
        multiply_##suffix, mix_##suffix, mix_back_##suffix, mix_slopes_##suffix,              \
        curve_##suffix                                                                        \
  }
static const kernel_table tables[] = {
    TABLE(portable),
#if defined(__x86_64__)
    TABLE(avx2),
    TABLE(avx512),
#endif
};

void relax_tabulate(int32_t set, const relax_table *table, int32_t first, int32_t last,
                    int32_t columns, float *out, float *slopes, int64_t stride) {
  tables[set].tabulate(table, first, last, columns, out, slopes, stride);
}
void relax_filter_sum(int32_t set, const relax_filter *filter, int32_t first, int32_t last) {
  tables[set].filter_sum(filter, first, last);
}
void relax_angular_sum(int32_t set, const relax_angular *angular, const float *y, int64_t y_stride,
                       int32_t first, int32_t last, float *sums, int64_t stride) {
  tables[set].angular_sum(angular, y, y_stride, first, last, sums, stride);
}
void relax_angular_gather(int32_t set, const relax_angular *angular, const float *y,
                          int64_t y_stride, int32_t edge, const float *sums, int64_t stride,
                          float *out) {
  tables[set].angular_gather(angular, y, y_stride, edge, sums, stride, out);
}
void relax_angular_spread(int32_t set, const relax_angular *angular, int32_t edge, const float *d,
                          float *sums, int64_t stride, const float *forward,
                          float *harmonic_slopes) {
  tables[set].angular_spread(angular, edge, d, sums, stride, forward, harmonic_slopes);
}
float relax_angular_reverse(int32_t set, const relax_angular *angular, int32_t edge,
                            const float *y, const float *back, const float *sums, int64_t stride,
                            float *out, float *harmonic_slopes) {
  return tables[set].angular_reverse(angular, edge, y, back, sums, stride, out, harmonic_slopes);
}
void relax_multiply(int32_t set, const double *x, const double *w, int32_t rows, int32_t inner,
                    int32_t columns, double *out) {
  tables[set].multiply(x, w, rows, inner, columns, out);
}
void relax_row_products(int32_t set, const relax_rows *a, const relax_rows *b, int32_t rows,
                        int32_t columns, float *sums) {
  tables[set].row_products(a, b, rows, columns, sums);
}
void relax_mix(int32_t set, const relax_mixture *mixture, int32_t count) {
  tables[set].mix(mixture, count);
}
void relax_mix_back(int32_t set, const relax_mixture *mixture, int32_t count) {
  tables[set].mix_back(mixture, count);
}
void relax_mix_slopes(int32_t set, const relax_mixture *mixture, int32_t count, float *slopes,
                      int64_t stride) {
  tables[set].mix_slopes(mixture, count, slopes, stride);
}
void relax_curve(int32_t set, int32_t activation, const float *x, float *values, float *slopes,
                 float *curvatures, size_t n) {
  tables[set].curve(activation, x, values, slopes, curvatures, n);
}
