// SPDX-License-Identifier: MIT
// Exact pairs from a neighbour list. One version for every processor: fused multiplications would
// change which pairs at the very cutoff belong to the list.
#include "kernels.h"

#include <math.h>

#pragma STDC FP_CONTRACT OFF

void relax_collect_pairs(const relax_listed *listed, size_t n, double low, double cutoff,
                         int32_t inclusive, int64_t *cursor, int32_t *second, int32_t *offsets,
                         double *distances) {
  const double *c = listed->cell;
  for (size_t j = 0; j < n; j++) {
    const int32_t row = listed->row_of_atom[j];
    const double *p = listed->positions + 4 * j;
    const int32_t *mine = listed->offsets + 4 * (size_t)row;
    const int32_t end = listed->starts[row + 1];
    for (int32_t k = listed->starts[row]; k < end; k++) {
      // Lists of neighbours lie apart in memory; ask for their ends some pairs ahead.
      if (k + 16 < end) {
        const int64_t ahead = cursor[listed->owners[listed->neighbors[k + 16]]];
        __builtin_prefetch(second + ahead, 1);
        __builtin_prefetch(offsets + 4 * ahead, 1);
        __builtin_prefetch(distances + ahead, 1);
      }
      const int32_t other = listed->neighbors[k], i = listed->owners[other];
      const double *q = listed->positions + 4 * (size_t)i;
      const int32_t *theirs = listed->offsets + 4 * (size_t)other;
      const int32_t u = mine[0] - theirs[0], v = mine[1] - theirs[1], w = mine[2] - theirs[2];
      double x = p[0] - q[0], y = p[1] - q[1], z = p[2] - q[2];
      if (u | v | w) {
        x += u * c[0] + v * c[3] + w * c[6];
        y += u * c[1] + v * c[4] + w * c[7];
        z += u * c[2] + v * c[5] + w * c[8];
      }
      const double square = x * x + y * y + z * z, distance = sqrt(square);
      if (!(square > low) || !(inclusive ? square <= cutoff * cutoff : distance < cutoff)) continue;
      const int64_t slot = cursor[i]++;
      second[slot] = (int32_t)j;
      int32_t *offset = offsets + 4 * slot;
      offset[0] = u, offset[1] = v, offset[2] = w, offset[3] = 0;
      distances[slot] = distance;
    }
  }
}
