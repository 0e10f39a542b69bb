// SPDX-License-Identifier: MIT
// Inner loops in C, chosen at run time for the processor at hand. No kernel allocates, keeps state
// or spawns threads; lengths are in elements; arrays never overlap unless said.
#ifndef RELAX_KERNELS_H
#define RELAX_KERNELS_H

#include <stddef.h>
#include <stdint.h>

// Kernel sets, from slow to fast.
enum { RELAX_PORTABLE = 0, RELAX_AVX2 = 1, RELAX_AVX512 = 2 };

/// Best kernel set that this processor can run.
int32_t relax_kernels_supported(void);
/// Chooses a kernel set for the whole process; 0 on success, -1 if the processor lacks it.
/// Call it before any thread uses a kernel.
int32_t relax_kernels_select(int32_t set);
/// Kernel set in use.
int32_t relax_kernels_selected(void);

/// Sum of a[i]*b[i].
double relax_dot(const double *a, const double *b, size_t n);
/// y[i] += scale * x[i].
void relax_add_scaled(double *y, double scale, const double *x, size_t n);

// Numbers in text (number.c).

/// What became of a number.
enum { RELAX_NUMBER = 0, RELAX_NOT_A_NUMBER = 1, RELAX_OUT_OF_RANGE = 2 };

/// Reads all of text[0..<length] as a decimal number, rounded correctly to the nearest double:
/// [sign] digits [. digits] [e [sign] digits] with a digit before or after the point, or nan, inf
/// and infinity in any case. A number too large for a double is out of range.
int32_t relax_parse_double(const uint8_t *text, size_t length, double *value);
/// Reads all of text[0..<length] as [sign] digits.
int32_t relax_parse_integer(const uint8_t *text, size_t length, int64_t *value);
/// Writes the shortest decimal text that reads back as `value` and returns its length (at most 32);
/// 0 if the number is outside of about 1e-22 to 2^53, or not finite.
size_t relax_format_double(double value, uint8_t *text);
/// Finds words between blanks and tabs: word i is text[bounds[2i]..<bounds[2i+1]]. Returns how many
/// there are, of which the first `limit` are stored.
size_t relax_split_words(const uint8_t *text, size_t length, uint32_t *bounds, size_t limit);
/// Position of the first `byte` in text[0..<length], or `length`.
size_t relax_find_byte(const uint8_t *text, size_t length, uint8_t byte);

/// What a word of a row must be to be read fast.
enum {
  RELAX_SYMBOL = 'S',   // one or two letters of an element: one byte, its atomic number
  RELAX_REAL = 'R',     // one double
  RELAX_INTEGER = 'I',  // one int64
  RELAX_LOGICAL = 'L',  // T or F: one byte, 1 or 0
};

/// Reads rows that are spelled in the usual way (rows.c): each has exactly the words that
/// kinds[0..<words] say, between blanks and tabs, and ends with a line feed.
///
/// Values are stored by type, row by row. Stops before the first row that is spelled in any other
/// way, correctly or not, or that comes close to the end of the text; that row is for a slower and
/// more careful reader.
///
/// `symbols` has the atomic number, or 0, for 32 · first letter + second letter, with a = 1 and 0
/// for none. Returns the number of rows; `used` is the number of bytes that they take.
size_t relax_read_rows(const uint8_t *text, size_t length, const uint8_t *kinds, size_t words,
                       const uint8_t *symbols, size_t rows, double *reals, int64_t *integers,
                       uint8_t *bytes, size_t *used);

#endif
