// SPDX-License-Identifier: MIT
// The KIM API (https://openkim.org/kim-api), loaded while the program runs: nothing of it is needed to
// build or to start. Only what evaluates portable models is here; lengths are in Å, energies in eV.
#ifndef RELAX_CKIM_H
#define RELAX_CKIM_H

#include <stdint.h>

/// A loaded library; never unloaded, since models are loaded into it.
typedef struct relax_kim_library relax_kim_library;
/// A model, and memory for one computation with it at a time.
typedef struct relax_kim_model relax_kim_model;

/// Loads the library at `path`, or of that name where the system's loader looks.
///
/// Returns null where there is none, or one of another kind; `reason` (with `room` bytes) says why.
relax_kim_library *relax_kim_open(const char *path, char *reason, int32_t room);

/// Its version, such as 2.3.0.
const char *relax_kim_version(const relax_kim_library *library);

/// What the collections have under a name.
enum {
  RELAX_KIM_NOTHING = 0,
  RELAX_KIM_PORTABLE = 1,
  RELAX_KIM_SIMULATOR = 2,
  RELAX_KIM_DRIVER = 3,
  RELAX_KIM_UNUSABLE = 4,  // the collections cannot be read
};

/// What the collections have under `name`; `file` (with `room` bytes) becomes the path of its library.
int32_t relax_kim_find(
    const relax_kim_library *library, const char *name, char *file, int32_t room);

/// Names of all portable models, a line each, as many as go into `names`; returns the bytes of all.
int64_t relax_kim_names(const relax_kim_library *library, char *names, int64_t room);

/// Why a model was not made.
enum {
  RELAX_KIM_MADE = 0,
  RELAX_KIM_NOT_CREATED = 1,  // `reason` holds the words of the model, if it has any
  RELAX_KIM_UNITS = 2,        // it counts in units of its own, named in `reason`
  RELAX_KIM_DEMANDS = 3,      // it demands an argument, callback or routine, named in `reason`
};

/// Makes a model of that name, or null and an outcome; to be given back by `relax_kim_destroy`.
relax_kim_model *relax_kim_create(
    const relax_kim_library *library, const char *name, int32_t *outcome, char *reason, int32_t room);
void relax_kim_destroy(relax_kim_model *model);

/// The model's number for the element of that symbol; -1 if it does not know it.
int32_t relax_kim_species(const relax_kim_model *model, const char *symbol);

/// Whether it computes energies and forces.
int32_t relax_kim_has_energy(const relax_kim_model *model);
int32_t relax_kim_has_forces(const relax_kim_model *model);

/// Particles farther than this from an atom do not change its energy, Å.
double relax_kim_influence(const relax_kim_model *model);

/// How many neighbour lists it asks for; their cutoffs in Å, and whether it asks for the neighbours of
/// particles without an energy of their own, too.
int32_t relax_kim_list_count(const relax_kim_model *model);
double relax_kim_list_cutoff(const relax_kim_model *model, int32_t list);
int32_t relax_kim_list_needs_ghosts(const relax_kim_model *model, int32_t list);

/// Takes over how many particles there are, the first `atoms` of which have an energy, and the species
/// of each. Lists must be given again.
///
/// Returns 0, or -1 where there is no memory.
int32_t relax_kim_set_particles(
    relax_kim_model *model, int32_t particles, int32_t atoms, const int32_t *species);

/// Takes over neighbours for one of the model's lists: those of particle p < `rows` are
/// `neighbors[starts[p] ..< starts[p + 1]]`, all that are closer than the list's cutoff and maybe more.
///
/// Returns 0, or -1 where there is no memory.
int32_t relax_kim_set_neighbors(
    relax_kim_model *model, int32_t list, int32_t rows, const int32_t *starts,
    const int32_t *neighbors);

/// Energy (eV) of the atoms and the negative slope of it for every particle (eV/Å, three numbers
/// each), for `coordinates` (Å, three numbers each).
///
/// Several threads may compute at once, with a model each. Returns 0; else the model failed and
/// `reason` holds its words, if it has any.
int32_t relax_kim_compute(
    relax_kim_model *model, const double *coordinates, double *energy, double *forces, char *reason,
    int32_t room);

#endif
