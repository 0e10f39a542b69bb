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
#include "exponential.inc"
#include "spread.inc"
#endif

typedef struct {
  void (*dense)(const relax_dense_layer *, int32_t);
  void (*activate)(int32_t, float *, size_t);
  void (*spread)(int32_t, const double *, int32_t, int32_t, const double *, int32_t, double,
                 float *, int64_t);
  void (*add_normalized)(const float *, int64_t, int32_t, int32_t, const float *, const float *,
                         float *, int64_t, const int32_t *);
  void (*add_product)(float *, const float *, const float *, size_t);
} network_kernels;

#define TABLE(suffix)                                                                      \
  {                                                                                        \
    dense_##suffix, activate_##suffix, spread_##suffix, add_normalized_##suffix,           \
        add_product_##suffix                                                               \
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
void relax_activate(int32_t set, int32_t activation, float *x, size_t n) {
  tables[set].activate(activation, x, n);
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
