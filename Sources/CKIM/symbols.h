// SPDX-License-Identifier: MIT
// The functions and constants of the KIM API that are called, as its documentation declares them.
#ifndef RELAX_CKIM_SYMBOLS_H
#define RELAX_CKIM_SYMBOLS_H

/// Units, names and the like are structures of one number, passed by value.
typedef struct {
  int id;
} kim_id;

/// What the library owns.
typedef struct kim_model kim_model;
typedef struct kim_arguments kim_arguments;
typedef struct kim_collections kim_collections;

/// Functions of any type.
typedef void kim_function(void);

/// Functions that every version 2 has: result, name without its prefix, arguments.
#define KIM_FUNCTIONS(F)                                                                             \
  F(const char *, SEM_VER_GetSemVer, (void))                                                         \
  F(void, Log_PushDefaultVerbosity, (kim_id))                                                        \
  F(int, Collections_Create, (kim_collections **))                                                   \
  F(void, Collections_Destroy, (kim_collections **))                                                 \
  F(int, Collections_GetItemType, (kim_collections *, const char *, kim_id *))                       \
  F(int, Collections_GetItemLibraryFileNameAndCollection,                                            \
    (kim_collections *, kim_id, const char *, const char **, kim_id *))                              \
  F(int, Collections_CacheListOfItemNamesByType, (kim_collections *, kim_id, int *))                 \
  F(int, Collections_GetItemNameByType, (kim_collections *, int, const char **))                     \
  F(int, Model_Create,                                                                               \
    (kim_id, kim_id, kim_id, kim_id, kim_id, kim_id, const char *, int *, kim_model **))             \
  F(void, Model_Destroy, (kim_model **))                                                             \
  F(int, Model_IsRoutinePresent, (const kim_model *, kim_id, int *, int *))                          \
  F(void, Model_GetInfluenceDistance, (const kim_model *, double *))                                 \
  F(void, Model_GetNeighborListPointers, (const kim_model *, int *, const double **, const int **))  \
  F(void, Model_GetUnits,                                                                            \
    (const kim_model *, kim_id *, kim_id *, kim_id *, kim_id *, kim_id *))                           \
  F(int, Model_ComputeArgumentsCreate, (const kim_model *, kim_arguments **))                        \
  F(int, Model_ComputeArgumentsDestroy, (const kim_model *, kim_arguments **))                       \
  F(int, Model_Compute, (const kim_model *, const kim_arguments *))                                  \
  F(int, Model_GetSpeciesSupportAndCode, (const kim_model *, kim_id, int *, int *))                  \
  F(int, ComputeArguments_GetArgumentSupportStatus, (const kim_arguments *, kim_id, kim_id *))       \
  F(int, ComputeArguments_GetCallbackSupportStatus, (const kim_arguments *, kim_id, kim_id *))       \
  F(int, ComputeArguments_SetArgumentPointerInteger, (kim_arguments *, kim_id, const int *))         \
  F(int, ComputeArguments_SetArgumentPointerDouble, (kim_arguments *, kim_id, const double *))       \
  F(int, ComputeArguments_SetCallbackPointer,                                                        \
    (kim_arguments *, kim_id, kim_id, kim_function *, void *))                                       \
  F(void, COMPUTE_ARGUMENT_NAME_GetNumberOfComputeArgumentNames, (int *))                            \
  F(int, COMPUTE_ARGUMENT_NAME_GetComputeArgumentName, (int, kim_id *))                              \
  F(const char *, ComputeArgumentName_ToString, (kim_id))                                            \
  F(void, COMPUTE_CALLBACK_NAME_GetNumberOfComputeCallbackNames, (int *))                            \
  F(int, COMPUTE_CALLBACK_NAME_GetComputeCallbackName, (int, kim_id *))                              \
  F(const char *, ComputeCallbackName_ToString, (kim_id))                                            \
  F(void, MODEL_ROUTINE_NAME_GetNumberOfModelRoutineNames, (int *))                                  \
  F(int, MODEL_ROUTINE_NAME_GetModelRoutineName, (int, kim_id *))                                    \
  F(const char *, ModelRoutineName_ToString, (kim_id))                                               \
  F(const char *, LengthUnit_ToString, (kim_id))                                                     \
  F(const char *, EnergyUnit_ToString, (kim_id))                                                     \
  F(kim_id, SpeciesName_FromString, (const char *))                                                  \
  F(int, SpeciesName_Known, (kim_id))

/// Constants, without their prefix.
#define KIM_CONSTANTS(C)                         \
  C(LOG_VERBOSITY_silent)                        \
  C(LOG_VERBOSITY_error)                         \
  C(LANGUAGE_NAME_c)                             \
  C(NUMBERING_zeroBased)                         \
  C(LENGTH_UNIT_A)                               \
  C(ENERGY_UNIT_eV)                              \
  C(CHARGE_UNIT_e)                               \
  C(TEMPERATURE_UNIT_K)                          \
  C(TIME_UNIT_ps)                                \
  C(COLLECTION_ITEM_TYPE_modelDriver)            \
  C(COLLECTION_ITEM_TYPE_portableModel)          \
  C(COLLECTION_ITEM_TYPE_simulatorModel)         \
  C(MODEL_ROUTINE_NAME_Create)                   \
  C(MODEL_ROUTINE_NAME_ComputeArgumentsCreate)   \
  C(MODEL_ROUTINE_NAME_Compute)                  \
  C(MODEL_ROUTINE_NAME_Refresh)                  \
  C(MODEL_ROUTINE_NAME_ComputeArgumentsDestroy)  \
  C(MODEL_ROUTINE_NAME_Destroy)                  \
  C(SUPPORT_STATUS_notSupported)                 \
  C(SUPPORT_STATUS_required)                     \
  C(COMPUTE_ARGUMENT_NAME_numberOfParticles)     \
  C(COMPUTE_ARGUMENT_NAME_particleSpeciesCodes)  \
  C(COMPUTE_ARGUMENT_NAME_particleContributing)  \
  C(COMPUTE_ARGUMENT_NAME_coordinates)           \
  C(COMPUTE_ARGUMENT_NAME_partialEnergy)         \
  C(COMPUTE_ARGUMENT_NAME_partialForces)         \
  C(COMPUTE_CALLBACK_NAME_GetNeighborList)

struct relax_kim_library {
#define DECLARE(result, name, arguments) result(*name) arguments;
  KIM_FUNCTIONS(DECLARE)
#undef DECLARE
  // Since 2.2; null in older versions.
  void (*Log_PushDefaultPrintFunction)(kim_id, kim_function *);
#define DECLARE(name) kim_id name;
  KIM_CONSTANTS(DECLARE)
#undef DECLARE
};

#endif
