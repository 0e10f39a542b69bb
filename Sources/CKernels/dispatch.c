// SPDX-License-Identifier: MIT
// One explicit table of function pointers a kernel set. Not `target_clones`: its resolvers run
// before the thread sanitizer's runtime and crash there.
#include "kernels.h"

#include <math.h>
#include <string.h>

// Vectors that every kernel set can compile; narrower ones split them.
typedef double double8 __attribute__((vector_size(64)));
typedef int64_t integer8 __attribute__((vector_size(64)));
typedef double double4 __attribute__((vector_size(32)));
typedef double double2 __attribute__((vector_size(16)));

// What the first pass of effective medium theory leaves of each pair for the second.
typedef struct {
  double *displacement, *square, *sigma_a, *sigma_b, *force_a, *force_b, *force;
} relax_emt_pairs;

#if defined(__x86_64__)
#include <immintrin.h>

// For each mask of eight lanes the numbers of the lanes that are set, a byte each.
#define LANE(m, i) \
  (((m) >> (i) & 1) ? (uint64_t)(i) << 8 * __builtin_popcount((m) & ((1 << (i)) - 1)) : 0)
#define LANES_1(m)                                                                       \
  LANE(m, 0) | LANE(m, 1) | LANE(m, 2) | LANE(m, 3) | LANE(m, 4) | LANE(m, 5) | LANE(m, 6) | \
      LANE(m, 7)
#define LANES_4(m) LANES_1(m), LANES_1(m + 1), LANES_1(m + 2), LANES_1(m + 3)
#define LANES_16(m) LANES_4(m), LANES_4(m + 4), LANES_4(m + 8), LANES_4(m + 12)
#define LANES_64(m) LANES_16(m), LANES_16(m + 16), LANES_16(m + 32), LANES_16(m + 48)
static const uint64_t set_lanes_first[256] = {LANES_64(0), LANES_64(64), LANES_64(128),
                                              LANES_64(192)};
#endif

#define CONCATENATE_(a, b) a##_##b
#define CONCATENATE(a, b) CONCATENATE_(a, b)

#define LEVEL 0
#define TARGET
#define NAME(function) CONCATENATE(function, portable)
#include "vectors.inc"
#include "neighbors.inc"
#include "lennardjones.inc"
#include "exponential.inc"
#include "emt.inc"
#include "dispersion.inc"
#include "dispersion_triples.inc"
#undef TARGET
#undef NAME

#if defined(__x86_64__)
#undef LEVEL
#define LEVEL 1
#define TARGET __attribute__((target("avx2,fma")))
#define NAME(function) CONCATENATE(function, avx2)
#include "vectors.inc"
#include "neighbors.inc"
#include "lennardjones.inc"
#include "exponential.inc"
#include "emt.inc"
#include "dispersion.inc"
#include "dispersion_triples.inc"
#undef TARGET
#undef NAME

#undef LEVEL
#define LEVEL 2
#define TARGET __attribute__((target("avx512f,avx512dq,avx512vl,avx512bw,avx2,fma"), min_vector_width(512)))
#define NAME(function) CONCATENATE(function, avx512)
#include "vectors.inc"
#include "neighbors.inc"
#include "lennardjones.inc"
#include "exponential.inc"
#include "emt.inc"
#include "dispersion.inc"
#include "dispersion_triples.inc"
#undef TARGET
#undef NAME
#endif

typedef struct {
  double (*dot)(const double *, const double *, size_t);
  void (*add_scaled)(double *, double, const double *, size_t);
  void (*exponential)(double *, size_t);
  int32_t (*find_neighbors)(const relax_grid *, int32_t *, void *, int32_t, int32_t *, int32_t *,
                            int64_t);
  double (*lennard_jones)(const relax_lennard_jones_parameters *, const double *, const int32_t *,
                          const int32_t *, size_t, double *, double *);
  double (*emt)(const relax_emt_problem *, const relax_emt_species *, const relax_emt_block *,
                const relax_emt_run *, const int32_t *, const int32_t *, const double *,
                const double *, double *, int32_t *, double *, double *);
  void (*dispersion_count)(const relax_dispersion_lattice *, const relax_dispersion_pair *, double,
                           size_t, double *);
  double (*dispersion_attract)(int32_t, const relax_dispersion_lattice *,
                               const relax_dispersion_pair *, double, size_t, const double *,
                               const double *, double *, double *, double *, double *);
  void (*dispersion_count_forces)(const relax_dispersion_lattice *, const relax_dispersion_pair *,
                                  double, size_t, const double *, double *, double *);
  double (*dispersion_triples)(const relax_dispersion_lattice *, const relax_dispersion_pair *,
                               double, size_t, const double *, const double *, size_t, double *,
                               int32_t *, double *, double *, double *);
} kernel_table;

#define TABLE(suffix)                                                                     \
  {                                                                                       \
    dot_##suffix, add_scaled_##suffix, exponential_##suffix, find_neighbors_##suffix, \
        lennard_jones_##suffix, emt_##suffix, dispersion_count_##suffix,                  \
        dispersion_attract_##suffix, dispersion_count_forces_##suffix,                    \
        dispersion_triples_##suffix                                                       \
  }
static const kernel_table tables[] = {
    TABLE(portable),
#if defined(__x86_64__)
    TABLE(avx2),
    TABLE(avx512),
#endif
};

int32_t relax_kernels_supported(void) {
#if defined(__x86_64__)
  __builtin_cpu_init();
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
      __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512bw") &&
      __builtin_cpu_supports("fma"))
    return RELAX_AVX512;
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return RELAX_AVX2;
#endif
  return RELAX_PORTABLE;
}

double relax_dot(int32_t set, const double *a, const double *b, size_t n) {
  return tables[set].dot(a, b, n);
}
void relax_add_scaled(int32_t set, double *y, double scale, const double *x, size_t n) {
  tables[set].add_scaled(y, scale, x, n);
}
void relax_exponential(int32_t set, double *x, size_t n) { tables[set].exponential(x, n); }
int32_t relax_find_neighbors(int32_t set, const relax_grid *grid, int32_t *bin, void *scratch,
                             int32_t stride, int32_t *starts, int32_t *out, int64_t capacity) {
  return tables[set].find_neighbors(grid, bin, scratch, stride, starts, out, capacity);
}
double relax_lennard_jones(int32_t set, const relax_lennard_jones_parameters *parameters,
                           const double *rows, const int32_t *starts, const int32_t *neighbors,
                           size_t n, double *forces, double *virial) {
  return tables[set].lennard_jones(parameters, rows, starts, neighbors, n, forces, virial);
}
double relax_emt(int32_t set, const relax_emt_problem *problem, const relax_emt_species *species,
                 const relax_emt_block *blocks, const relax_emt_run *runs, const int32_t *rows,
                 const int32_t *partners, const double *atoms, const void *coordinates,
                 double *scratch, int32_t *indices, void *forces, double *virial) {
  return tables[set].emt(problem, species, blocks, runs, rows, partners, atoms, coordinates,
                         scratch, indices, forces, virial);
}
void relax_dispersion_count(int32_t set, const relax_dispersion_lattice *lattice,
                            const relax_dispersion_pair *pairs, double cutoff, size_t i,
                            double *counts) {
  tables[set].dispersion_count(lattice, pairs, cutoff, i, counts);
}
double relax_dispersion_attract(int32_t set, int32_t damping,
                                const relax_dispersion_lattice *lattice,
                                const relax_dispersion_pair *pairs, double cutoff, size_t i,
                                const double *weights, const double *slopes, double *scratch,
                                double *by_count, double *forces, double *virial) {
  return tables[set].dispersion_attract(damping, lattice, pairs, cutoff, i, weights, slopes, scratch,
                                        by_count, forces, virial);
}
void relax_dispersion_count_forces(int32_t set, const relax_dispersion_lattice *lattice,
                                   const relax_dispersion_pair *pairs, double cutoff, size_t i,
                                   const double *by_count, double *forces, double *virial) {
  tables[set].dispersion_count_forces(lattice, pairs, cutoff, i, by_count, forces, virial);
}
size_t relax_dispersion_images(const relax_dispersion_lattice *lattice, double cutoff, size_t i) {
  size_t count = 0;
  for (size_t j = 0; j <= i; j++) {
    const dispersion_step_portable step = dispersion_between_portable(lattice, cutoff, i, j);
    for (size_t k = 0; k < 8 * step.vectors; k++) {
      const double x = lattice->tx[k] - step.x, y = lattice->ty[k] - step.y;
      const double z = lattice->tz[k] - step.z;
      // Sets differ in the last digit of a square: none may find more than are counted here.
      count += x * x + y * y + z * z <= cutoff * cutoff * (1 + 1e-9);
    }
  }
  return count;
}
double relax_dispersion_triples(int32_t set, const relax_dispersion_lattice *lattice,
                                const relax_dispersion_pair *pairs, double cutoff, size_t i,
                                const double *c6, const double *slopes, size_t images,
                                double *scratch, int32_t *owners, double *by_count, double *forces,
                                double *virial) {
  return tables[set].dispersion_triples(lattice, pairs, cutoff, i, c6, slopes, images, scratch,
                                        owners, by_count, forces, virial);
}
