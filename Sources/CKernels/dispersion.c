// SPDX-License-Identifier: MIT
// Parts of Grimme's D3 that are the same for every processor: how an atom's coordination number
// chooses among reference systems.
#include "dispersion.h"

#include <math.h>
#include <string.h>

// The Gaussians of an atom far from all reference systems may all be 0, and one over their sum
// infinite. As in s-dftd3, a weight that is no number is then 1 for the system of the highest
// coordination number and 0 for others, and such a derivative is 0.
void relax_dispersion_weights(const relax_dispersion_lattice *lattice, const double *references,
                              const double *counts, double *weights, double *slopes) {
  memset(weights, 0, 8 * lattice->atoms * sizeof *weights);
  memset(slopes, 0, 8 * lattice->atoms * sizeof *slopes);
  for (size_t i = 0; i < lattice->atoms; i++) {
    const double *row = references + 8 * (size_t)lattice->species[i];
    double gauss[8], sum = 0, change = 0, highest = 0;
    size_t n = 0;
    for (; n < 8 && row[n] >= 0; n++) {
      const double off = row[n] - counts[i];
      gauss[n] = exp(-4 * off * off);
      sum += gauss[n];
      change += 8 * off * gauss[n];
      if (row[n] > highest) highest = row[n];
    }
    const double over = 1 / sum;
    for (size_t k = 0; k < n; k++) {
      const double weight = gauss[k] * over;
      const double slope = 8 * (row[k] - counts[i]) * gauss[k] * over -
                           gauss[k] * change * (over * over);
      weights[8 * i + k] = isfinite(weight) ? weight : row[k] == highest ? 1 : 0;
      slopes[8 * i + k] = isfinite(slope) ? slope : 0;
    }
  }
}

void relax_dispersion_coefficients(const relax_dispersion_lattice *lattice,
                                   const relax_dispersion_pair *pairs, const double *weights,
                                   const double *slopes, size_t i, double *c6, double *slope) {
  const relax_dispersion_pair *row =
      pairs + (size_t)lattice->species[i] * lattice->species_count;
  for (size_t j = 0; j < lattice->atoms; j++) {
    const double *table = row[lattice->species[j]].c6;
    double value = 0, change = 0;
    for (size_t k = 0; k < 8; k++) {
      double sum = 0;
      for (size_t m = 0; m < 8; m++) sum += table[8 * k + m] * weights[8 * j + m];
      value += weights[8 * i + k] * sum;
      change += slopes[8 * i + k] * sum;
    }
    c6[j] = value, slope[j] = change;
  }
}
