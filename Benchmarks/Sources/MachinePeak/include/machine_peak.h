// SPDX-License-Identifier: MIT
#ifndef MACHINE_PEAK_H
#define MACHINE_PEAK_H

/// Width of the vectors whose peak is measured.
enum machine_vectors { MACHINE_AVX2, MACHINE_AVX512 };

/// Single-precision operations a second that one thread reaches in fused multiply-adds (two
/// operations each) on registers alone: the best of `repeats` runs of some milliseconds of CPU
/// time. 0 if the processor lacks these vectors.
double machine_peak(enum machine_vectors vectors, int repeats);

#endif
