// SPDX-License-Identifier: MIT
// The standard library of Swift has `hypot` among its functions, and with it asks for glibc 2.35, whose hypot is a new
// version of an old one. Nothing here calls it: the old one is as good, and lets the program start on glibc 2.34.

#if defined(__linux__) && defined(__x86_64__)
#include <features.h>
#ifdef __GLIBC__

double relax_hypot(double x, double y);
float relax_hypotf(float x, float y);
__asm__(".symver relax_hypot, hypot@GLIBC_2.2.5");
__asm__(".symver relax_hypotf, hypotf@GLIBC_2.2.5");

// Hidden: other libraries keep their own.
__attribute__((visibility("hidden"))) double hypot(double x, double y) { return relax_hypot(x, y); }
__attribute__((visibility("hidden"))) float hypotf(float x, float y) { return relax_hypotf(x, y); }

#endif
#endif
