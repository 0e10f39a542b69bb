// SPDX-License-Identifier: MIT
// Grimme's D3 dispersion: reference data, and sums over atoms and their periodic images. All in
// atomic units.
#ifndef RELAX_DISPERSION_H
#define RELAX_DISPERSION_H

#include <stddef.h>
#include <stdint.h>

// Elements are counted from hydrogen (0) to plutonium (93), reference systems through all of them.

/// Number of the first reference system of an element; of element 94, how many systems there are.
int32_t relax_dispersion_first_reference(int32_t element);
/// Coordination number of a reference system.
double relax_dispersion_coordination(int32_t reference);
/// C6 of a pair of reference systems, atomic units.
double relax_dispersion_c6(int32_t a, int32_t b);
/// <r4>/<r2> of an element, atomic units.
double relax_dispersion_moment(int32_t element);
/// Covalent radius of an element, Angstrom; the coordination number takes 4/3 of it.
double relax_dispersion_covalent_radius(int32_t element);
/// Cutoff radius of a pair of elements, Angstrom.
double relax_dispersion_pair_radius(int32_t a, int32_t b);

/// Atoms, and the lattice translations that make their images.
typedef struct {
  const double *x, *y, *z;     // of atoms
  const int32_t *species;      // of atoms
  size_t atoms, species_count;
  double vectors[9];           // shortest lattice vectors of the axes that repeat; else zeros
  double reciprocal[9];        // whole numbers of these vectors that a displacement holds; else zeros
  double along[6];             // projects onto their space: xx, yy, zz, yz, xz, xy
  // Translations, shortest first, and far ones up to a multiple of eight.
  const double *tx, *ty, *tz;
  // How many vectors of eight hold all translations up to a length: by length times `bins_per_length`,
  // rounded down; the last bin is for whatever is longer, too.
  const int32_t *vectors_within;
  double bins_per_length;
  size_t bins;
} relax_dispersion_lattice;

/// Constants of a pair of species.
typedef struct {
  double radius;    // where the counting function is a half
  double damp6;     // rational: sixth power of the damping radius; zero: square of it at order 6
  double damp8;     // rational: eighth power; zero: square of it at order 8
  double scale6;    // s6
  double scale8;    // s8 C8 / C6
  double triple;    // radius of a pair in triples
  double c6[64];    // of reference systems of the first species (rows of eight) and the second
} relax_dispersion_pair;

enum { RELAX_RATIONAL = 0, RELAX_ZERO = 1 };

// Each of these does the pairs of atom i with the atoms 0...i and all images within `cutoff`, itself
// included, and adds to its outputs. `pairs` is a square of species_count.

/// Coordination numbers.
void relax_dispersion_count(int32_t set, const relax_dispersion_lattice *lattice,
                            const relax_dispersion_pair *pairs, double cutoff, size_t i,
                            double *counts);

/// Weights of the reference systems of each atom, in rows of eight, and their derivatives by its
/// coordination number; not of atom i alone. `references` has 8 coordination numbers a species, -1
/// where there is none.
void relax_dispersion_weights(const relax_dispersion_lattice *lattice, const double *references,
                              const double *counts, double *weights, double *slopes);

/// Pair energies: the sum is returned; forces (rows of four) and virial (xx, yy, zz, yz, xz, xy) at
/// constant C6, and derivatives by coordination numbers. `scratch` has 16 doubles a species.
double relax_dispersion_attract(int32_t set, int32_t damping,
                                const relax_dispersion_lattice *lattice,
                                const relax_dispersion_pair *pairs, double cutoff, size_t i,
                                const double *weights, const double *slopes, double *scratch,
                                double *by_count, double *forces, double *virial);

/// Forces and virial by way of coordination numbers.
void relax_dispersion_count_forces(int32_t set, const relax_dispersion_lattice *lattice,
                                   const relax_dispersion_pair *pairs, double cutoff, size_t i,
                                   const double *by_count, double *forces, double *virial);

/// C6 of atom i with all atoms, and the derivatives by its own coordination number: rows of a square.
void relax_dispersion_coefficients(const relax_dispersion_lattice *lattice,
                                   const relax_dispersion_pair *pairs, const double *weights,
                                   const double *slopes, size_t i, double *c6, double *slope);

/// How many images of atoms 0...i there are within `cutoff` of atom i.
size_t relax_dispersion_images(const relax_dispersion_lattice *lattice, double cutoff, size_t i);

/// Doubles of scratch memory for the triples of an atom with so many images.
static inline size_t relax_dispersion_scratch(size_t images) {
  return 10 * ((images + 15) & ~(size_t)7);
}

/// Energies of the triples of atom i with two of the images of atoms 0...i, each triple once, and all
/// derivatives as above. `c6` and `slopes` are squares made of rows of coefficients; `owners` has
/// room for `images`, which is what relax_dispersion_images says.
double relax_dispersion_triples(int32_t set, const relax_dispersion_lattice *lattice,
                                const relax_dispersion_pair *pairs, double cutoff, size_t i,
                                const double *c6, const double *slopes, size_t images,
                                double *scratch, int32_t *owners, double *by_count, double *forces,
                                double *virial);

#endif
