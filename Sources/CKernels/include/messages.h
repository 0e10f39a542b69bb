// SPDX-License-Identifier: MIT
// Messages of networks whose filters are functions of distance and angle, in single precision.
#ifndef RELAX_MESSAGES_H
#define RELAX_MESSAGES_H

#include <stdint.h>

#include "networks.h"

/// Functions of one variable by quintic pieces, in panels of `RELAX_PANEL` functions: four rows a knot, slope,
/// curvature and value of each function and the difference to the next knot's value, the first two in units
/// of the distance of knots. A piece is six rows: those of its knot, and slope and curvature of the next; the
/// slope takes differences from the table, since those of rounded values would have few digits. A panel
/// stays in the cache while all points are looked up in it.
typedef struct {
  const float *panels;
  int64_t panel;           // numbers of a panel
  const int32_t *knots;    // the knot below, one a point
  const float *weights;    // twelve a point: of the six rows for the value, then for the slope
} relax_table;

/// out[p] and slopes[p]: values and slopes of `columns` functions at points first..<last. Columns up to
/// whole vectors are written.
void relax_tabulate(int32_t set, const relax_table *table, int32_t first, int32_t last,
                    int32_t columns, float *out, float *slopes, int64_t stride);

/// Sums of rows times tabulated functions, over edges that have a center each.
typedef struct {
  relax_table table;       // a point an edge
  const int32_t *starts;   // where the edges of each center begin in `edges`
  const int32_t *edges;    // edges by center; NULL where they are in this order already
  const int32_t *others;   // the row of `x` of each edge
  const float *x;
  int64_t x_stride;
  const float *own;        // a row a center, for slopes; NULL without
  int64_t own_stride;
  const uint8_t *wanted;   // whether the slope of an edge is wanted
  int32_t columns;
  float *sums;             // a row a center
  int64_t sums_stride;
  float *slopes;           // one an edge
} relax_filter;

/// For centers first..<last: sums[c] = Σ_e x[other] ⊙ W(e), and slopes[e] += own[c] · (x[other] ⊙ W'(e))
/// of those that are wanted. Columns up to whole vectors are written; those beyond must be zero in `x`.
void relax_filter_sum(int32_t set, const relax_filter *filter, int32_t first, int32_t last);

/// What edges send on through their ends, as a function of the angle between them: the sum over all
/// pairs of edges by the addition theorem, Σ_k y_k ⊙ q_l(d_k) Y_lm(k), an atom, times Y_lm of an edge.
typedef struct {
  int32_t degrees, radials, columns;
  const float *harmonics;  // Y_lm, degrees² a row, an edge
  int64_t harmonics_stride;
  const float *radial;     // degrees × radials a row, an edge
  const float *radial_slopes;
  int64_t radial_stride;
  const float *factors;    // degrees × radials rows of columns: q_l = Σ_n radial_ln factors_ln
  int64_t factors_stride;
  const float *opposite;   // of each degree, (−1)^l (2l + 1) / 4π: Σ_m Y_lm Y_lm of an edge and its back
  const int32_t *partners; // the edge back, or −1
} relax_angular;

/// sums = Σ over edges first..<last of y ⊙ q_l Y_lm: degrees² rows of `stride` numbers.
void relax_angular_sum(int32_t set, const relax_angular *angular, const float *y, int64_t y_stride,
                       int32_t first, int32_t last, float *sums, int64_t stride);

/// out = Σ_lm Y_lm(edge) sums_lm, less what the edge back has in it.
void relax_angular_gather(int32_t set, const relax_angular *angular, const float *y,
                          int64_t y_stride, int32_t edge, const float *sums, int64_t stride,
                          float *out);

/// sums += Y_lm(edge) d: the reverse pass of the gather, and, unless harmonic_slopes is NULL,
/// harmonic_slopes[lm] += forward_lm · d.
void relax_angular_spread(int32_t set, const relax_angular *angular, int32_t edge, const float *d,
                          float *sums, int64_t stride, const float *forward,
                          float *harmonic_slopes);

/// The reverse pass of the sum for one edge: out = the derivative by y, from those by sums; returns the
/// derivative by the distance. `back` is the derivative by what the edge back gathered, NULL without;
/// harmonic_slopes as above.
float relax_angular_reverse(int32_t set, const relax_angular *angular, int32_t edge,
                            const float *y, const float *back, const float *sums, int64_t stride,
                            float *out, float *harmonic_slopes);

/// Mixtures of rows, and what takes derivatives back through them: items that have weights each, in groups,
/// and for each group a row of `x`.
typedef struct {
  relax_rows weights;      // a row of starts[groups] numbers an item
  const int32_t *starts;   // where the weights of each group begin; groups + 1 numbers
  int32_t groups;
  float *rows;             // one a weight, the same for all items but for `first`
  int64_t rows_stride;
  const int32_t *first;    // the row of each item's first weight; NULL for 0
  float *x;                // `groups` rows an item
  int64_t x_stride;
  const int32_t *x_items;  // which item of `x` each one is; NULL where they are in this order
  int32_t columns;
  int32_t accumulates;     // whether `relax_mix` adds to x
} relax_mixture;

/// x[g] = Σ_k w[k] rows[k] over the weights k of group g, stored or added, for items 0..<count.
void relax_mix(int32_t set, const relax_mixture *mixture, int32_t count);

/// rows[k] += w[k] x[g], item after item: the derivative of the mixtures by rows.
void relax_mix_back(int32_t set, const relax_mixture *mixture, int32_t count);

/// slopes[stride · i + k] += rows[k] · x[g] of item i: the derivative of the mixtures by weights. Columns
/// beyond the last must be zero in rows or x.
void relax_mix_slopes(int32_t set, const relax_mixture *mixture, int32_t count, float *slopes,
                      int64_t stride);

/// values[i], slopes[i], curvatures[i] = f, f' and f'' of x[i], which may be one of them, for whole vectors;
/// f is the shifted softplus, swish or the identity.
void relax_curve(int32_t set, int32_t activation, const float *x, float *values, float *slopes,
                 float *curvatures, size_t n);

/// out[r][c] = Σ_k x[r][k] w[k][c] in double precision, rows one after the other; each number is one chain of
/// multiply-adds in ascending k.
void relax_multiply(int32_t set, const double *x, const double *w, int32_t rows, int32_t inner,
                    int32_t columns, double *out);

/// sums[r] += a[r] · b[r] for r < rows.
void relax_row_products(int32_t set, const relax_rows *a, const relax_rows *b, int32_t rows,
                        int32_t columns, float *sums);

#endif
