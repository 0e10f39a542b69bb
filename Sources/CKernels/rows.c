// SPDX-License-Identifier: MIT
// Rows of numbers as programs usually write them, eight digits at a time.
//
// This reader only ever says "yes, these are the values" or "I do not know": whatever is unusual is
// left to the careful reader, so there is one place that decides what is an error.
#include "kernels.h"

#include <math.h>
#include <string.h>

// A word that begins closer than this to the end of the text is not read here, so that words can be
// loaded eight bytes at a time.
enum { MARGIN = 64 };

static inline uint64_t load(const uint8_t *p) {
  uint64_t word;
  memcpy(&word, p, sizeof word);
  return word;
}

// How many of the eight bytes in `word` are digits before the first that is not; `word` becomes the
// bytes less '0'.
static inline int leading_digits(uint64_t *word) {
  uint64_t less = *word ^ 0x3030303030303030ull;
  *word = less;
  // The high bit of each byte that is above 9.
  uint64_t others = ((less + 0x7676767676767676ull) | less) & 0x8080808080808080ull;
  return others ? __builtin_ctzll(others) >> 3 : 8;
}

// The number that eight bytes 0...9 spell, the first one in the lowest byte.
static inline uint64_t eight_digits(uint64_t word) {
  word = word * 10 + (word >> 8);
  return (((word & 0x000000ff000000ffull) * 0x000f424000000064ull) +
          (((word >> 16) & 0x000000ff000000ffull) * 0x0000271000000001ull)) >>
         32;
}

static const uint64_t powers[9] = {1,      10,      100,      1000,     10000,
                                   100000, 1000000, 10000000, 100000000};
static const double real_powers[23] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                       1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                       1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};

static inline int ends_word(uint8_t byte) {
  return byte == ' ' || byte == '\n' || byte == '\t' || byte == '\r';
}

// Behind the blanks at `p`.
static inline const uint8_t *skip_blanks(const uint8_t *p, const uint8_t *limit) {
  while (p < limit) {
    uint64_t others = load(p) ^ 0x2020202020202020ull;
    if (others) {
      p += __builtin_ctzll(others) >> 3;
      if (*p != '\t') return p;
      p++;
    } else {
      p += 8;
    }
  }
  return p;
}

// Reads up to 19 digits with a point among them; anything else is taken apart by
// relax_parse_double. Returns what follows, or NULL.
static inline const uint8_t *read_real(const uint8_t *p, const uint8_t *limit, double *value) {
  const uint8_t *start = p;
  uint64_t negative = *p == '-';
  p += negative;
  uint64_t word = load(p);
  int count = leading_digits(&word);
  if (count >= 1 && count < 8 && p[count] == '.') {
    uint64_t mantissa = eight_digits(word << (64 - 8 * count));
    p += count + 1;
    int decimals = 0;
    for (;;) {
      word = load(p);
      int more = leading_digits(&word);
      if (more == 0) break;
      mantissa = mantissa * powers[more] + eight_digits(word << (64 - 8 * more));
      decimals += more;
      p += more;
      if (more < 8 || count + decimals > 19) break;
    }
    if (count + decimals <= 19 && ends_word(*p)) {
      if (mantissa <= (uint64_t)1 << 53) {
        double magnitude = (double)(int64_t)mantissa / real_powers[decimals];
        *value = negative ? -magnitude : magnitude;
        return p;
      }
      return relax_parse_double(start, (size_t)(p - start), value) == RELAX_NUMBER ? p : NULL;
    }
  }
  p = start;
  while (p < limit && !ends_word(*p)) p++;
  if (p >= limit) return NULL;
  int32_t code = relax_parse_double(start, (size_t)(p - start), value);
  return code == RELAX_NUMBER && isfinite(*value) ? p : NULL;
}

size_t relax_read_rows(const uint8_t *text, size_t length, const uint8_t *kinds, size_t words,
                       const uint8_t *symbols, size_t rows, double *reals, int64_t *integers,
                       uint8_t *bytes, size_t *used) {
  *used = 0;
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
  if (length <= MARGIN) return 0;
  const uint8_t *p = text, *limit = text + length - MARGIN;
  for (size_t row = 0; row < rows; row++) {
    for (size_t i = 0; i < words; i++) {
      p = skip_blanks(p, limit);
      if (p >= limit) return row;
      switch (kinds[i]) {
        case RELAX_REAL:
          p = read_real(p, limit, reals);
          if (p == NULL) return row;
          reals++;
          break;
        case RELAX_SYMBOL: {
          unsigned first = (unsigned)(p[0] | 0x20) - 0x60, second = (unsigned)(p[1] | 0x20) - 0x60;
          int one = ends_word(p[1]);
          if (one) second = 0;
          if (first - 1 > 25 || (!one && second - 1 > 25)) return row;
          uint8_t number = symbols[32 * first + second];
          if (number == 0) return row;
          *bytes++ = number;
          p += one ? 1 : 2;
          break;
        }
        case RELAX_LOGICAL:
          if (*p != 'T' && *p != 'F') return row;
          *bytes++ = *p++ == 'T';
          break;
        case RELAX_INTEGER: {
          int negative = *p == '-';
          p += negative;
          int64_t value = 0;
          const uint8_t *start = p;
          while ((uint8_t)(*p - '0') < 10 && p - start < 18) value = 10 * value + (*p++ - '0');
          if (p == start) return row;
          *integers++ = negative ? -value : value;
          break;
        }
        default:
          return row;
      }
      if (!ends_word(*p)) return row;
    }
    p = skip_blanks(p, limit);
    if (p >= limit) return row;
    if (*p == '\r') p++;
    if (*p != '\n') return row;
    p++;
    *used = (size_t)(p - text);
  }
  return rows;
#else
  return 0;
#endif
}
