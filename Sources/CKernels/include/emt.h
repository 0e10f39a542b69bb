// SPDX-License-Identifier: MIT
// Effective medium theory: what the kernel reads.
#ifndef RELAX_EMT_H
#define RELAX_EMT_H

#include <stddef.h>
#include <stdint.h>

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
/// relax_emt_scratch doubles, `indices` room for the capacity and one entry a run. `virial`, unless
/// NULL, receives the sum of r ⊗ f over pairs in eV as xx, yy, zz, yz, xz, xy; energy and forces are
/// the same to the last bit with and without.
double relax_emt(int32_t set, const relax_emt_problem *problem, const relax_emt_species *species,
                 const relax_emt_block *blocks, const relax_emt_run *runs, const int32_t *rows,
                 const int32_t *partners, const double *atoms, const void *coordinates,
                 double *scratch, int32_t *indices, void *forces, double *virial);

#endif
