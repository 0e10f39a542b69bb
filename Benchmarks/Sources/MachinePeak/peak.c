// SPDX-License-Identifier: MIT
#define _GNU_SOURCE
#include "machine_peak.h"

#include <time.h>

#if defined(__x86_64__)
#include <immintrin.h>

// Independent chains, more than the eight that hide the latency of a multiply-add (four cycles at
// two a cycle) and as many as registers hold beside a factor and a term (of 32 wide and of 16
// narrow ones). Empty assembly keeps the compiler from folding or dropping them.
enum { WIDE_CHAINS = 16, NARROW_CHAINS = 12, STEPS = 8192 };

#define DEFINE_RUN(NAME, TARGET, VECTOR, SET, FMA, CHAINS)                                 \
  __attribute__((target(TARGET), noinline)) static void NAME(void) {                       \
    VECTOR sums[CHAINS];                                                                   \
    VECTOR factor = SET(0.999f), term = SET(0.001f);                                       \
    for (int k = 0; k < CHAINS; k++) sums[k] = SET((float)k);                              \
    for (int step = 0; step < STEPS; step++) {                                             \
      _Pragma("clang loop unroll(full)") for (int k = 0; k < CHAINS; k++) sums[k] =        \
          FMA(sums[k], factor, term);                                                      \
      __asm__ volatile("" : "+v"(factor));                                                 \
    }                                                                                      \
    for (int k = 0; k < CHAINS; k++) __asm__ volatile("" : : "v"(sums[k]));                \
  }

DEFINE_RUN(run_avx512, "avx512f", __m512, _mm512_set1_ps, _mm512_fmadd_ps, WIDE_CHAINS)
DEFINE_RUN(run_avx2, "avx2,fma", __m256, _mm256_set1_ps, _mm256_fmadd_ps, NARROW_CHAINS)

static double thread_seconds(void) {
  struct timespec time;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

double machine_peak(enum machine_vectors vectors, int repeats) {
  int wide = vectors == MACHINE_AVX512;
  if (wide ? !__builtin_cpu_supports("avx512f")
           : !__builtin_cpu_supports("avx2") || !__builtin_cpu_supports("fma"))
    return 0;
  // Many runs are timed together, since how the system shares out CPU time is off by some
  // microseconds.
  enum { TOGETHER = 256 };
  double operations = 2.0 * STEPS * TOGETHER * (wide ? 16 * WIDE_CHAINS : 8 * NARROW_CHAINS), best = 0;
  for (int r = 0; r < repeats; r++) {
    double begin = thread_seconds();
    for (int k = 0; k < TOGETHER; k++) {
      if (wide) run_avx512();
      else run_avx2();
    }
    double rate = operations / (thread_seconds() - begin);
    if (rate > best) best = rate;
  }
  return best;
}
#else
double machine_peak(enum machine_vectors vectors, int repeats) {
  (void)vectors;
  (void)repeats;
  return 0;
}
#endif
