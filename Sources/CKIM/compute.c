// SPDX-License-Identifier: MIT
// Evaluates a model: it is told where everything is, and calls back for neighbours.
#include <stdlib.h>
#include <string.h>

#include "model.h"
#include "words.h"

/// A copy of `count` numbers in place of `*old`.
static int32_t take(int32_t **old, const int32_t *numbers, size_t count) {
  int32_t *copy = realloc(*old, (count + 1) * sizeof *copy);
  if (copy == NULL) return -1;
  if (count > 0) memcpy(copy, numbers, count * sizeof *copy);
  *old = copy;
  return 0;
}

int32_t relax_kim_set_particles(
    relax_kim_model *m, int32_t particles, int32_t atoms, const int32_t *species) {
  m->particles = 0;
  for (int k = 0; k < m->list_count; k++) m->lists[k].rows = 0;
  if (take(&m->species, species, (size_t)particles) != 0) return -1;
  int32_t *contributing = realloc(m->contributing, ((size_t)particles + 1) * sizeof *contributing);
  if (contributing == NULL) return -1;
  for (int32_t p = 0; p < particles; p++) contributing[p] = p < atoms;
  m->contributing = contributing;
  m->particles = particles;
  return 0;
}

int32_t relax_kim_set_neighbors(
    relax_kim_model *m, int32_t list, int32_t rows, const int32_t *starts,
    const int32_t *neighbors) {
  kim_list *l = &m->lists[list];
  l->rows = 0;
  if (take(&l->starts, starts, (size_t)rows + 1) != 0) return -1;
  if (take(&l->neighbors, neighbors, (size_t)starts[rows]) != 0) return -1;
  l->rows = rows;
  return 0;
}

/// The neighbours of one particle in one list; an error for one that we have none for.
static int give_neighbors(
    void *data, int count, const double *cutoffs, int list, int particle, int *neighbors,
    const int **first) {
  const relax_kim_model *m = data;
  if (list < 0 || list >= m->list_count || list >= count) return 1;
  const kim_list *l = &m->lists[list];
  if (cutoffs[list] > l->cutoff || particle < 0 || particle >= l->rows) return 1;
  *neighbors = l->starts[particle + 1] - l->starts[particle];
  *first = l->neighbors + l->starts[particle];
  return 0;
}

/// Whether all arguments could be set.
static int prepare(
    relax_kim_model *m, const double *coordinates, double *energy, double *forces) {
  const relax_kim_library *kim = m->kim;
  kim_arguments *a = m->arguments;
  return kim->ComputeArguments_SetArgumentPointerInteger(
             a, kim->COMPUTE_ARGUMENT_NAME_numberOfParticles, &m->particles) == 0 &&
         kim->ComputeArguments_SetArgumentPointerInteger(
             a, kim->COMPUTE_ARGUMENT_NAME_particleSpeciesCodes, m->species) == 0 &&
         kim->ComputeArguments_SetArgumentPointerInteger(
             a, kim->COMPUTE_ARGUMENT_NAME_particleContributing, m->contributing) == 0 &&
         kim->ComputeArguments_SetArgumentPointerDouble(
             a, kim->COMPUTE_ARGUMENT_NAME_coordinates, coordinates) == 0 &&
         (!m->has_energy || kim->ComputeArguments_SetArgumentPointerDouble(
                                a, kim->COMPUTE_ARGUMENT_NAME_partialEnergy, energy) == 0) &&
         (!m->has_forces || kim->ComputeArguments_SetArgumentPointerDouble(
                                a, kim->COMPUTE_ARGUMENT_NAME_partialForces, forces) == 0) &&
         kim->ComputeArguments_SetCallbackPointer(
             a, kim->COMPUTE_CALLBACK_NAME_GetNeighborList, kim->LANGUAGE_NAME_c,
             (kim_function *)give_neighbors, m) == 0;
}

int32_t relax_kim_compute(
    relax_kim_model *m, const double *coordinates, double *energy, double *forces, char *reason,
    int32_t room) {
  relax_kim_copy("", reason, room);
  *energy = 0;
  memset(forces, 0, 3 * (size_t)m->particles * sizeof *forces);
  relax_kim_forget();
  if (prepare(m, coordinates, energy, forces) && m->kim->Model_Compute(m->model, m->arguments) == 0)
    return 0;
  relax_kim_told(reason, room);
  return 1;
}
