// SPDX-License-Identifier: MIT
// The C++ runtime of a program that has it inside asks for `arc4random` where the system that it was made on has one,
// which glibc does only since 2.36. This one stands in for it, hidden from other libraries, so that the program starts on
// older systems too. Nothing of ours calls it: our random numbers are seeded.

#if defined(__linux__)
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

__attribute__((visibility("hidden"))) uint32_t arc4random(void) {
  uint32_t number;
  if (getentropy(&number, sizeof number) != 0) abort();
  return number;
}
#endif
