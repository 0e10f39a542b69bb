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

/// x[i] = exp(x[i]); relative error below 4e-16 for |x[i]| <= 700, rubbish beyond.
void relax_exponential(double *x, size_t n);

/// Constants of a species in effective medium theory, in eV and Angstrom.
typedef struct {
  double decay1, shift1;  // eta2 and eta2 beta s0
  double decay2, shift2;  // kappa / beta and kappa s0
} relax_emt_species;

/// Pairs of a centre of species a and a neighbour of species b.
typedef struct {
  int32_t a, b;
  int32_t first_run, last_run;
  double sigma_a, sigma_b;  // chi_ab and 1 / chi_ab, halved where every pair is listed twice
  double pair_a, pair_b;    // the same times -V0 / (2 gamma2) of a and of b
} relax_emt_block;

/// Neighbours first..<last of one centre: its row of coordinates and its atom.
typedef struct {
  int32_t row, atom, first, last;
} relax_emt_run;

/// The cutoff function and the sizes of the arrays.
typedef struct {
  double midpoint, slope;  // of the logistic cutoff
  double cutoff;           // pairs at or beyond it are left out
  double far_square;       // square of a distance beyond every interaction
  size_t atoms, pairs, block_count;
} relax_emt_problem;

/// Room for `pairs` pairs in `blocks` blocks, each padded to a multiple of eight.
static inline size_t relax_emt_capacity(size_t pairs, size_t blocks) {
  return (pairs + 8 * blocks + 15) & ~(size_t)7;
}
/// Doubles of scratch memory.
static inline size_t relax_emt_scratch(size_t atoms, size_t pairs, size_t blocks) {
  return 10 * relax_emt_capacity(pairs, blocks) + 2 * ((atoms + 7) & ~(size_t)7);
}

/// Energy in eV; forces in eV/Angstrom are overwritten.
/// `rows` and `partners` hold each pair's neighbour: its row of coordinates and its atom. `atoms`
/// holds, each padded to a multiple of eight, E0, lambda, 6 V0, kappa, beta eta2 and
/// 1 / (12 gamma1) by atom. `coordinates` and `forces` are rows of four doubles. `scratch` has
/// relax_emt_scratch doubles, `indices` room for the capacity and one entry a run.
double relax_emt(const relax_emt_problem *problem, const relax_emt_species *species,
                 const relax_emt_block *blocks, const relax_emt_run *runs, const int32_t *rows,
                 const int32_t *partners, const double *atoms, const void *coordinates,
                 double *scratch, int32_t *indices, void *forces);

#endif
