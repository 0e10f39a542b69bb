// SPDX-License-Identifier: MIT
// Inner loops of neural networks, in single precision.
#ifndef RELAX_NETWORKS_H
#define RELAX_NETWORKS_H

#include <stddef.h>
#include <stdint.h>

/// Columns of weights that are stored together; see `relax_dense`.
enum { RELAX_PANEL = 64 };
/// Rows that a dense layer works on at once; counts that are multiples of it waste nothing.
enum { RELAX_ROWS = 6 };
/// Strides of matrices are multiples of this many numbers, and columns up to it are written.
enum { RELAX_LANES = 16 };

/// Activation functions.
enum {
  RELAX_IDENTITY,
  RELAX_RELU,
  RELAX_LEAKY_RELU,
  RELAX_SOFTPLUS,
  RELAX_LEAKY_SOFTPLUS,
  RELAX_ELU,
  RELAX_LEAKY_ELU,
  RELAX_SHIFTED_SOFTPLUS,
  RELAX_LEAKY_SHIFTED_SOFTPLUS,
  RELAX_TANH,
  RELAX_LEAKY_TANH,
  RELAX_SWISH,
};

/// Rows of a matrix: row r starts at base + stride · rows[r], or + stride · r without `rows`.
typedef struct {
  const float *base;
  int64_t stride;
  const int32_t *rows;
} relax_rows;

/// A layer y = f(x W + …) and what becomes of its result.
///
/// Row r of the result is act(Σ_k x[r][k] w[k] + bias + add[0][r] + add[1][r]) · factor[r] · scale[r],
/// where what is absent (base or pointer NULL) is left out. It is stored to row r of `out`, or added
/// to it. Every number is one chain of multiply-adds in ascending k, whatever the rows beside it.
typedef struct {
  const float *weights;  // panels of 64 columns, padded with zeros: inputs × 64 numbers each
  int32_t inputs, outputs;
  const float *bias;     // outputs, padded to lanes
  relax_rows x, add[2], factor;
  const float *scale;    // one a row
  int32_t activation;
  int32_t accumulates;
  float *out;
  int64_t out_stride;
  const int32_t *out_rows;
  float *slopes;         // act' of each number, if not NULL
  int64_t slopes_stride;
} relax_dense_layer;

/// Applies the layer to rows 0..<count with kernel set `set`. Where rows are added to `out` and several
/// share a row of it, they are added in order.
void relax_dense(int32_t set, const relax_dense_layer *layer, int32_t count);

/// Which functions are spread over a feature.
enum { RELAX_SINES, RELAX_COSINES, RELAX_GAUSSIANS };
/// Features a row at most.
enum { RELAX_FEATURES = 16 };

/// out[r · stride + i] = f_i(x[r · width + i mod width]) for r < rows and i < total; f_i(x) is sin(p_i x),
/// cos(p_i x) or exp(coefficient (x − p_i)²). In double precision but for the result; `parameters` can be
/// read up to a multiple of eight.
void relax_spread(int32_t set, int32_t kind, const double *x, int32_t rows, int32_t width,
                  const double *parameters, int32_t total, double coefficient, float *out,
                  int64_t stride);

/// Normalises each row to mean 0 and variance 1 (plus 1e-5), scales by gain, adds shift, takes what is
/// positive and adds it to row out_rows[r] of out.
void relax_add_normalized(int32_t set, const float *x, int64_t stride, int32_t rows, int32_t columns,
                          const float *gain, const float *shift, float *out, int64_t out_stride,
                          const int32_t *out_rows);

/// y[i] += a[i] · b[i].
void relax_add_product(int32_t set, float *y, const float *a, const float *b, size_t n);

/// y[i] = act(x[i]); n is a multiple of `RELAX_LANES`.
void relax_activate_rows(int32_t set, int32_t activation, const float *x, float *y, size_t n);

/// d[i] *= act'(x[i]), and y[i] = act(x[i]) unless y is NULL; n is a multiple of `RELAX_LANES`.
void relax_differentiate(int32_t set, int32_t activation, const float *x, float *d, float *y,
                         size_t n);

/// out[k][c] += Σ_r y[r][k] x[r][c] for k < outputs and c < inputs, sums taken over 192 rows at a time in
/// ascending order; columns up to whole vectors are written.
void relax_add_outer(int32_t set, const float *y, int64_t y_stride, const float *x,
                     int64_t x_stride, int32_t rows, int32_t outputs, int32_t inputs, float *out,
                     int64_t stride);

/// Row r of the result is a[r] · b[r] · scale[r], where b and scale may be absent; it is stored to row r of
/// `out`, or added to it.
typedef struct {
  relax_rows a, b;
  const float *scale;  // one a row
  int32_t columns;
  int32_t accumulates;
  float *out;
  int64_t out_stride;
  const int32_t *out_rows;
} relax_combination;

/// Applies it to rows 0..<count in order; columns up to whole vectors are written.
void relax_combine(int32_t set, const relax_combination *combination, int32_t count);

/// sums[c] += Σ_r (a[r][c] − a_center[c]) and products[c] += Σ_r (a[r][c] − a_center[c]) (b[r][c] − b_center[c]),
/// in double precision.
void relax_column_moments(int32_t set, const float *a, int64_t a_stride, const double *a_center,
                          const float *b, int64_t b_stride, const double *b_center, int32_t rows,
                          int32_t columns, double *sums, double *products);

/// out[r][c] = (x[r][c] − center[c]) · factor[c] + shift[c].
void relax_scale_columns(int32_t set, const float *x, int64_t x_stride, const float *center,
                         const float *factor, const float *shift, int32_t rows, int32_t columns,
                         float *out, int64_t stride);

/// d[r][c] = (d[r][c] − shift[c] − (x[r][c] − center[c]) · slope[c]) · scale[c].
void relax_project_columns(int32_t set, const float *x, int64_t x_stride, const float *center,
                           const float *scale, const float *slope, const float *shift,
                           int32_t rows, int32_t columns, float *d, int64_t stride);

/// The reverse pass of `relax_add_normalized`: out = its derivative by x, where d[r] is the one by what was
/// added for row r; those by gain and shift are added to sums.
void relax_normalized_gradient(int32_t set, const float *x, int64_t x_stride, int32_t rows,
                               int32_t columns, const float *gain, const float *shift,
                               const relax_rows *d, float *out, int64_t stride, float *gain_sums,
                               float *shift_sums);

#endif
