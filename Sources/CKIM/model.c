// SPDX-License-Identifier: MIT
// Makes models, and asks what they need and know.
#include "model.h"

#include <stdio.h>
#include <stdlib.h>

#include "words.h"

static int is_one_of(kim_id id, const kim_id *ids, int count) {
  for (int k = 0; k < count; k++)
    if (ids[k].id == id.id) return 1;
  return 0;
}

/// Whether the model insists on routines that we do not call; one is named.
static int demands_routine(const relax_kim_model *m, char *reason, int32_t room) {
  const relax_kim_library *kim = m->kim;
  const kim_id called[] = {
      kim->MODEL_ROUTINE_NAME_Create, kim->MODEL_ROUTINE_NAME_ComputeArgumentsCreate,
      kim->MODEL_ROUTINE_NAME_Compute, kim->MODEL_ROUTINE_NAME_Refresh,
      kim->MODEL_ROUTINE_NAME_ComputeArgumentsDestroy, kim->MODEL_ROUTINE_NAME_Destroy};
  int count = 0;
  kim->MODEL_ROUTINE_NAME_GetNumberOfModelRoutineNames(&count);
  for (int k = 0; k < count; k++) {
    kim_id name;
    int present = 0, required = 0;
    if (kim->MODEL_ROUTINE_NAME_GetModelRoutineName(k, &name) != 0 ||
        is_one_of(name, called, sizeof called / sizeof *called) ||
        kim->Model_IsRoutinePresent(m->model, name, &present, &required) != 0) {
      continue;
    }
    if (present && required) {
      snprintf(
          reason, (size_t)room, "the routine %s to be called", kim->ModelRoutineName_ToString(name));
      return 1;
    }
  }
  return 0;
}

/// Whether the model insists on arguments that we do not give; one is named. Notes what it can compute.
static int demands_argument(relax_kim_model *m, char *reason, int32_t room) {
  const relax_kim_library *kim = m->kim;
  const kim_id given[] = {
      kim->COMPUTE_ARGUMENT_NAME_numberOfParticles, kim->COMPUTE_ARGUMENT_NAME_particleSpeciesCodes,
      kim->COMPUTE_ARGUMENT_NAME_particleContributing, kim->COMPUTE_ARGUMENT_NAME_coordinates,
      kim->COMPUTE_ARGUMENT_NAME_partialEnergy, kim->COMPUTE_ARGUMENT_NAME_partialForces};
  int count = 0;
  kim->COMPUTE_ARGUMENT_NAME_GetNumberOfComputeArgumentNames(&count);
  for (int k = 0; k < count; k++) {
    kim_id name, status;
    if (kim->COMPUTE_ARGUMENT_NAME_GetComputeArgumentName(k, &name) != 0 ||
        kim->ComputeArguments_GetArgumentSupportStatus(m->arguments, name, &status) != 0) {
      continue;
    }
    int supported = status.id != kim->SUPPORT_STATUS_notSupported.id;
    if (name.id == kim->COMPUTE_ARGUMENT_NAME_partialEnergy.id) m->has_energy = supported;
    if (name.id == kim->COMPUTE_ARGUMENT_NAME_partialForces.id) m->has_forces = supported;
    if (status.id == kim->SUPPORT_STATUS_required.id &&
        !is_one_of(name, given, sizeof given / sizeof *given)) {
      snprintf(
          reason, (size_t)room, "the argument %s", kim->ComputeArgumentName_ToString(name));
      return 1;
    }
  }
  return 0;
}

/// Whether the model insists on calling back for more than neighbours; what for is named.
static int demands_callback(const relax_kim_model *m, char *reason, int32_t room) {
  const relax_kim_library *kim = m->kim;
  int count = 0;
  kim->COMPUTE_CALLBACK_NAME_GetNumberOfComputeCallbackNames(&count);
  for (int k = 0; k < count; k++) {
    kim_id name, status;
    if (kim->COMPUTE_CALLBACK_NAME_GetComputeCallbackName(k, &name) != 0 ||
        kim->ComputeArguments_GetCallbackSupportStatus(m->arguments, name, &status) != 0) {
      continue;
    }
    if (status.id == kim->SUPPORT_STATUS_required.id &&
        name.id != kim->COMPUTE_CALLBACK_NAME_GetNeighborList.id) {
      snprintf(reason, (size_t)room, "the callback %s", kim->ComputeCallbackName_ToString(name));
      return 1;
    }
  }
  return 0;
}

/// Whether lengths or energies are in other units than asked for, which are named.
static int has_own_units(const relax_kim_model *m, char *reason, int32_t room) {
  const relax_kim_library *kim = m->kim;
  kim_id length, energy, charge, temperature, time;
  kim->Model_GetUnits(m->model, &length, &energy, &charge, &temperature, &time);
  if (length.id == kim->LENGTH_UNIT_A.id && energy.id == kim->ENERGY_UNIT_eV.id) return 0;
  snprintf(
      reason, (size_t)room, "%s and %s", kim->LengthUnit_ToString(length),
      kim->EnergyUnit_ToString(energy));
  return 1;
}

/// Notes the lists that the model asks for.
static int note_lists(relax_kim_model *m) {
  int count = 0;
  const double *cutoffs = NULL;
  const int *spared = NULL;
  m->kim->Model_GetInfluenceDistance(m->model, &m->influence);
  m->kim->Model_GetNeighborListPointers(m->model, &count, &cutoffs, &spared);
  m->lists = calloc(count > 0 ? (size_t)count : 1, sizeof *m->lists);
  if (m->lists == NULL) return -1;
  m->list_count = count;
  for (int k = 0; k < count; k++) {
    m->lists[k].cutoff = cutoffs[k];
    m->lists[k].needs_ghosts = !spared[k];
  }
  return 0;
}

/// As `relax_kim_destroy`, with the lock held.
static void destroy(relax_kim_model *m) {
  if (m->arguments != NULL) m->kim->Model_ComputeArgumentsDestroy(m->model, &m->arguments);
  if (m->model != NULL) m->kim->Model_Destroy(&m->model);
  for (int k = 0; k < m->list_count; k++) {
    free(m->lists[k].starts);
    free(m->lists[k].neighbors);
  }
  free(m->lists);
  free(m->species);
  free(m->contributing);
  free(m);
}

/// As `relax_kim_create`, with the lock held and memory to fill.
///
/// The model's refresh routine is not called, no parameter being changed: six MEAM models (of Pascuet and
/// Fernandez, and of Wagner) have other numbers after it, and LAMMPS has those before.
static int32_t create(relax_kim_model *m, const char *name, char *reason, int32_t room) {
  const relax_kim_library *kim = m->kim;
  int accepted = 0;
  relax_kim_forget();
  if (kim->Model_Create(
          kim->NUMBERING_zeroBased, kim->LENGTH_UNIT_A, kim->ENERGY_UNIT_eV, kim->CHARGE_UNIT_e,
          kim->TEMPERATURE_UNIT_K, kim->TIME_UNIT_ps, name, &accepted, &m->model) != 0) {
    m->model = NULL;
    relax_kim_told(reason, room);
    return RELAX_KIM_NOT_CREATED;
  }
  if (!accepted && has_own_units(m, reason, room)) return RELAX_KIM_UNITS;
  if (demands_routine(m, reason, room)) return RELAX_KIM_DEMANDS;
  if (kim->Model_ComputeArgumentsCreate(m->model, &m->arguments) != 0) {
    m->arguments = NULL;
    relax_kim_told(reason, room);
    return RELAX_KIM_NOT_CREATED;
  }
  if (demands_argument(m, reason, room)) return RELAX_KIM_DEMANDS;
  if (demands_callback(m, reason, room)) return RELAX_KIM_DEMANDS;
  if (note_lists(m) != 0) return RELAX_KIM_NOT_CREATED;
  return RELAX_KIM_MADE;
}

relax_kim_model *relax_kim_create(
    const relax_kim_library *kim, const char *name, int32_t *outcome, char *reason, int32_t room) {
  relax_kim_copy("", reason, room);
  *outcome = RELAX_KIM_NOT_CREATED;
  relax_kim_model *m = calloc(1, sizeof *m);
  if (m == NULL) return NULL;
  m->kim = kim;
  relax_kim_lock();
  *outcome = create(m, name, reason, room);
  if (*outcome != RELAX_KIM_MADE) {
    destroy(m);
    m = NULL;
  }
  relax_kim_unlock();
  return m;
}

void relax_kim_destroy(relax_kim_model *m) {
  if (m == NULL) return;
  relax_kim_lock();
  destroy(m);
  relax_kim_unlock();
}

int32_t relax_kim_species(const relax_kim_model *m, const char *symbol) {
  kim_id name = m->kim->SpeciesName_FromString(symbol);
  int supported = 0, code = 0;
  if (!m->kim->SpeciesName_Known(name) ||
      m->kim->Model_GetSpeciesSupportAndCode(m->model, name, &supported, &code) != 0) {
    return -1;
  }
  return supported ? code : -1;
}

int32_t relax_kim_has_energy(const relax_kim_model *m) { return m->has_energy; }
int32_t relax_kim_has_forces(const relax_kim_model *m) { return m->has_forces; }
double relax_kim_influence(const relax_kim_model *m) { return m->influence; }
int32_t relax_kim_list_count(const relax_kim_model *m) { return m->list_count; }
double relax_kim_list_cutoff(const relax_kim_model *m, int32_t k) { return m->lists[k].cutoff; }
int32_t relax_kim_list_needs_ghosts(const relax_kim_model *m, int32_t k) {
  return m->lists[k].needs_ghosts;
}
