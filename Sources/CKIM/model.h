// SPDX-License-Identifier: MIT
// What a model is made of.
#ifndef RELAX_CKIM_MODEL_H
#define RELAX_CKIM_MODEL_H

#include <stdint.h>

#include "ckim.h"
#include "symbols.h"

/// One of the lists that a model asks for.
typedef struct {
  double cutoff;        // Å
  int32_t needs_ghosts;
  int32_t rows;         // particles whose neighbours are known
  int32_t *starts, *neighbors;
} kim_list;

struct relax_kim_model {
  const relax_kim_library *kim;
  kim_model *model;
  kim_arguments *arguments;
  int32_t has_energy, has_forces;
  double influence;
  int32_t list_count;
  kim_list *lists;
  // What the arguments point to during a computation.
  int32_t particles;
  int32_t *species, *contributing;
};

#endif
