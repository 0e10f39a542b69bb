// SPDX-License-Identifier: MIT
// Loads the library, and looks for models in its collections.
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "words.h"

/// Fills the table; the name of what is missing, or null.
static const char *resolve(void *handle, relax_kim_library *kim) {
#define RESOLVE(result, name, arguments)             \
  *(void **)&kim->name = dlsym(handle, "KIM_" #name); \
  if (kim->name == NULL) return "KIM_" #name;
  KIM_FUNCTIONS(RESOLVE)
#undef RESOLVE
  *(void **)&kim->Log_PushDefaultPrintFunction =
      dlsym(handle, "KIM_Log_PushDefaultPrintFunction");
#define RESOLVE(name)                                   \
  {                                                     \
    const kim_id *found = dlsym(handle, "KIM_" #name);  \
    if (found == NULL) return "KIM_" #name;             \
    kim->name = *found;                                 \
  }
  KIM_CONSTANTS(RESOLVE)
#undef RESOLVE
  return NULL;
}

relax_kim_library *relax_kim_open(const char *path, char *reason, int32_t room) {
  relax_kim_copy("", reason, room);
  // Libraries of models ask for this one by its name, and get the copy that is loaded already.
  void *handle = dlopen(path, RTLD_NOW | RTLD_LOCAL);
  if (handle == NULL) {
    const char *error = dlerror();
    relax_kim_copy(error != NULL ? error : "it cannot be loaded", reason, room);
    return NULL;
  }
  relax_kim_library *kim = calloc(1, sizeof *kim);
  if (kim == NULL) {
    relax_kim_copy("no memory is left", reason, room);
    dlclose(handle);
    return NULL;
  }
  const char *missing = resolve(handle, kim);
  if (missing != NULL) {
    snprintf(reason, (size_t)room, "it has no %s, so it is not version 2.1 or later", missing);
    free(kim);
    dlclose(handle);
    return NULL;
  }
  relax_kim_lock();
  relax_kim_silence(kim);
  relax_kim_unlock();
  return kim;
}

const char *relax_kim_version(const relax_kim_library *kim) { return kim->SEM_VER_GetSemVer(); }

int32_t relax_kim_find(const relax_kim_library *kim, const char *name, char *file, int32_t room) {
  int32_t found = RELAX_KIM_UNUSABLE;
  kim_collections *collections = NULL;
  relax_kim_copy("", file, room);
  relax_kim_lock();
  if (kim->Collections_Create(&collections) == 0) {
    kim_id type = {0}, collection = {0};
    found = RELAX_KIM_NOTHING;
    if (kim->Collections_GetItemType(collections, name, &type) == 0) {
      if (type.id == kim->COLLECTION_ITEM_TYPE_portableModel.id) found = RELAX_KIM_PORTABLE;
      if (type.id == kim->COLLECTION_ITEM_TYPE_simulatorModel.id) found = RELAX_KIM_SIMULATOR;
      if (type.id == kim->COLLECTION_ITEM_TYPE_modelDriver.id) found = RELAX_KIM_DRIVER;
      const char *path = NULL;
      if (kim->Collections_GetItemLibraryFileNameAndCollection(
              collections, type, name, &path, &collection) == 0 &&
          path != NULL) {
        relax_kim_copy(path, file, room);
      }
    }
    kim->Collections_Destroy(&collections);
  }
  relax_kim_unlock();
  return found;
}

int64_t relax_kim_names(const relax_kim_library *kim, char *names, int64_t room) {
  int64_t bytes = 0;
  kim_collections *collections = NULL;
  relax_kim_lock();
  if (kim->Collections_Create(&collections) == 0) {
    int count = 0;
    if (kim->Collections_CacheListOfItemNamesByType(
            collections, kim->COLLECTION_ITEM_TYPE_portableModel, &count) != 0) {
      count = 0;
    }
    for (int k = 0; k < count; k++) {
      const char *name = NULL;
      if (kim->Collections_GetItemNameByType(collections, k, &name) != 0 || name == NULL) continue;
      int64_t length = (int64_t)strlen(name);
      if (bytes + length + 1 < room) {
        memcpy(names + bytes, name, (size_t)length);
        names[bytes + length] = '\n';
        names[bytes + length + 1] = 0;
      }
      bytes += length + 1;
    }
    kim->Collections_Destroy(&collections);
  }
  relax_kim_unlock();
  return bytes;
}
