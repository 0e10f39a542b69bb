// SPDX-License-Identifier: MIT
#define _GNU_SOURCE
#include "kernels.h"

#if defined(__linux__)
#include <sched.h>
#endif
#if defined(__GLIBC__)
#include <malloc.h>
#endif
#include <unistd.h>

int32_t relax_processors(void) {
#if defined(__linux__)
  cpu_set_t set;
  if (sched_getaffinity(0, sizeof set, &set) == 0) return CPU_COUNT(&set);
#endif
  long online = sysconf(_SC_NPROCESSORS_ONLN);
  return online > 0 ? (int32_t)online : 1;
}

void relax_trim_memory(void) {
#if defined(__GLIBC__)
  malloc_trim(0);
#endif
}
