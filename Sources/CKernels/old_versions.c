// SPDX-License-Identifier: MIT
// What keeps a program that holds Swift's libraries able to start on glibc 2.34 and libstdc++ 3.4.29: functions of which
// newer systems have a new version, where the linker would ask for that, and the old one is as good.
//
// Swift's standard library has `hypot` among its functions, which nothing here calls; Foundation waits for conditions of
// C++. The definitions are hidden: other libraries keep their own.

#if defined(__linux__) && defined(__x86_64__)
// For RTLD_DEFAULT.
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <features.h>
#ifdef __GLIBC__
#include <dlfcn.h>
#include <stdlib.h>

#define HIDDEN __attribute__((visibility("hidden")))

double relax_hypot(double x, double y);
float relax_hypotf(float x, float y);
__asm__(".symver relax_hypot, hypot@GLIBC_2.2.5");
__asm__(".symver relax_hypotf, hypotf@GLIBC_2.2.5");

HIDDEN double hypot(double x, double y) { return relax_hypot(x, y); }
HIDDEN float hypotf(float x, float y) { return relax_hypotf(x, y); }

// std::condition_variable::wait(std::unique_lock<std::mutex> &), in whatever version the system has. It is looked for
// when it is first called, since a program of shared libraries of Swift has no C++ of its own to link to. Weak: where
// the C++ library is linked statically, its own is taken.
#define CONDITION_WAIT _ZNSt18condition_variable4waitERSt11unique_lockISt5mutexE

HIDDEN __attribute__((weak)) void CONDITION_WAIT(void *condition, void *lock) {
  static _Atomic(void *) found;
  void *wait = found;
  if (!wait) {
    wait = dlsym(RTLD_DEFAULT, "_ZNSt18condition_variable4waitERSt11unique_lockISt5mutexE");
    if (!wait) abort();
    found = wait;
  }
  ((void (*)(void *, void *))wait)(condition, lock);
}

#endif
#endif
