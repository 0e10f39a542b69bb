// SPDX-License-Identifier: MIT
// Decimal text to numbers and back, exactly.
//
// Nearly every number in a structure file has at most 19 digits and a small exponent. Its digits
// then fit 64 bits, and one multiplication or division of 128-bit integers gives the value with a
// remainder that decides the rounding. Anything else goes to the C library.
#include "kernels.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const uint64_t powers_of_ten[20] = {
    1ull,
    10ull,
    100ull,
    1000ull,
    10000ull,
    100000ull,
    1000000ull,
    10000000ull,
    100000000ull,
    1000000000ull,
    10000000000ull,
    100000000000ull,
    1000000000000ull,
    10000000000000ull,
    100000000000000ull,
    1000000000000000ull,
    10000000000000000ull,
    100000000000000000ull,
    1000000000000000000ull,
    10000000000000000000ull};

static const double exact_powers_of_ten[23] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                               1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                               1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};

typedef unsigned __int128 wide;

// floor(2^(63 + bits) / 10^k), where 10^k has that many bits, so that 1/10^k is a little more than
// reciprocal · 2^-(63 + bits).
static const struct {
  uint64_t reciprocal;
  int bits;
} tenths[20] = {
    {0xffffffffffffffffull, 1},
    {0xccccccccccccccccull, 4},
    {0xa3d70a3d70a3d70aull, 7},
    {0x83126e978d4fdf3bull, 10},
    {0xd1b71758e219652bull, 14},
    {0xa7c5ac471b478423ull, 17},
    {0x8637bd05af6c69b5ull, 20},
    {0xd6bf94d5e57a42bcull, 24},
    {0xabcc77118461cefcull, 27},
    {0x89705f4136b4a597ull, 30},
    {0xdbe6fecebdedd5beull, 34},
    {0xafebff0bcb24aafeull, 37},
    {0x8cbccc096f5088cbull, 40},
    {0xe12e13424bb40e13ull, 44},
    {0xb424dc35095cd80full, 47},
    {0x901d7cf73ab0acd9ull, 50},
    {0xe69594bec44de15bull, 54},
    {0xb877aa3236a4b449ull, 57},
    {0x9392ee8e921d5d07ull, 60},
    {0xec1e4a7db69561a5ull, 64},
};

// The double nearest to `bits` (not 0) times 2^exponent, ties to even; `rest` says that the true
// value is a little larger. The result is always a normal number here.
static double rounded(wide bits, int exponent, int rest) {
  uint64_t high = (uint64_t)(bits >> 64);
  int leading = high ? __builtin_clzll(high) : 64 + __builtin_clzll((uint64_t)bits);
  bits <<= leading;
  exponent -= leading;
  uint64_t mantissa = (uint64_t)(bits >> 75);
  wide below = bits << 53;
  wide half = (wide)1 << 127;
  if (below > half || (below == half && (rest || (mantissa & 1)))) mantissa += 1;
  exponent += 75;
  // A mantissa that carried into bit 53 adds one to the exponent field by itself.
  uint64_t field = (uint64_t)(exponent + 1075 - 1);
  uint64_t pattern = (field << 52) + mantissa;
  double value;
  memcpy(&value, &pattern, sizeof value);
  return value;
}

// The double nearest to mantissa / 10^power, for a mantissa above 2^53.
static double quotient(uint64_t mantissa, int power) {
  int leading = __builtin_clzll(mantissa);
  uint64_t dividend = mantissa << leading;
  // Multiplying is faster than dividing. The true quotient is at least `high` and less than
  // high + 2, in units of the last place of `high`; nearly always that settles the rounding.
  uint64_t high = (uint64_t)(((wide)dividend * tenths[power].reciprocal) >> 64);
  int shift = high >> 63 ? 11 : 10;
  uint64_t below = high & (((uint64_t)1 << shift) - 1), half = (uint64_t)1 << (shift - 1);
  if (power > 0 && (below > half || below + 2 <= half)) {
    uint64_t bits = (high >> shift) + (below > half);
    int exponent = shift + 1 - leading - tenths[power].bits;
    uint64_t pattern = ((uint64_t)(exponent + 1074) << 52) + bits;
    double value;
    memcpy(&value, &pattern, sizeof value);
    return value;
  }
  // With the highest bit of the dividend set the quotient has at least 63 bits.
  wide numerator = (wide)dividend << 64;
  uint64_t divisor = powers_of_ten[power];
  wide exact = numerator / divisor;
  return rounded(exact, -64 - leading, exact * divisor != numerator);
}

// Whether text[0..<length] is `word` (lower case) in any case.
static int is_word(const uint8_t *text, size_t length, const char *word) {
  if (length != strlen(word)) return 0;
  for (size_t i = 0; i < length; i++)
    if ((text[i] | 0x20) != (uint8_t)word[i]) return 0;
  return 1;
}

// Significant digits that can influence a double, with room to spare (767 are enough).
enum { SIGNIFICANT = 800 };

// The C library's answer for digits that do not fit 64 bits or have a large exponent. `text` holds
// digits and at most one point; `exponent` applies to the text as it stands.
static double by_library(const uint8_t *text, size_t length, int64_t exponent) {
  char buffer[SIGNIFICANT + 32];
  size_t used = 0;
  int seen_point = 0, rest = 0;
  for (size_t i = 0; i < length; i++) {
    if (text[i] == '.') {
      seen_point = 1;
      continue;
    }
    if (seen_point) exponent -= 1;
    if (used == 0 && text[i] == '0') continue;
    if (used < SIGNIFICANT) {
      buffer[used++] = (char)text[i];
    } else {
      exponent += 1;
      rest |= text[i] != '0';
    }
  }
  if (used == 0) return 0;
  if (rest) {
    buffer[used++] = '1';
    exponent -= 1;
  }
  if (exponent > 99999) exponent = 99999;
  if (exponent < -99999) exponent = -99999;
  // Written without a point, so that the locale cannot matter.
  buffer[used++] = 'e';
  buffer[used++] = exponent < 0 ? '-' : '+';
  int64_t magnitude = exponent < 0 ? -exponent : exponent;
  for (int64_t unit = 10000; unit > 0; unit /= 10)
    buffer[used++] = (char)('0' + magnitude / unit % 10);
  buffer[used] = 0;
  return strtod(buffer, NULL);
}

int32_t relax_parse_double(const uint8_t *text, size_t length, double *value) {
  const uint8_t *p = text, *end = text + length;
  int negative = 0;
  if (p < end && (*p == '-' || *p == '+')) negative = *p++ == '-';
  const uint8_t *digits = p;
  uint64_t mantissa = 0;
  while (p < end && (uint8_t)(*p - '0') < 10) mantissa = 10 * mantissa + (uint64_t)(*p++ - '0');
  size_t count = (size_t)(p - digits);
  int64_t exponent = 0;
  if (p < end && *p == '.') {
    const uint8_t *fraction = ++p;
    while (p < end && (uint8_t)(*p - '0') < 10) mantissa = 10 * mantissa + (uint64_t)(*p++ - '0');
    exponent = -(int64_t)(p - fraction);
    count += (size_t)(p - fraction);
  }
  if (count == 0) {
    size_t rest = (size_t)(end - digits);
    if (digits + rest == text + length && p == digits) {
      if (is_word(digits, rest, "nan")) {
        *value = NAN;
        return RELAX_NUMBER;
      }
      if (is_word(digits, rest, "inf") || is_word(digits, rest, "infinity")) {
        *value = negative ? -INFINITY : INFINITY;
        return RELAX_NUMBER;
      }
    }
    return RELAX_NOT_A_NUMBER;
  }
  size_t digit_length = (size_t)(p - digits);
  int64_t shift = 0;
  if (p < end && (*p | 0x20) == 'e') {
    p++;
    int down = 0;
    if (p < end && (*p == '-' || *p == '+')) down = *p++ == '-';
    if (p == end) return RELAX_NOT_A_NUMBER;
    while (p < end && (uint8_t)(*p - '0') < 10) {
      // Far beyond any double, whatever the digits before it.
      if (shift < (int64_t)1 << 50) shift = 10 * shift + (*p - '0');
      p++;
    }
    if (down) shift = -shift;
  }
  if (p != end) return RELAX_NOT_A_NUMBER;
  exponent += shift;

  double result;
  if (count <= 19 && exponent >= -19 && exponent <= 19) {
    if (mantissa == 0) {
      result = 0;
    } else if (mantissa <= (uint64_t)1 << 53) {
      result = exponent < 0 ? (double)(int64_t)mantissa / exact_powers_of_ten[-exponent]
                            : (double)(int64_t)mantissa * exact_powers_of_ten[exponent];
    } else if (exponent >= 0) {
      result = rounded((wide)mantissa * powers_of_ten[exponent], 0, 0);
    } else {
      result = quotient(mantissa, (int)-exponent);
    }
  } else {
    result = by_library(digits, digit_length, shift);
    if (isinf(result)) return RELAX_OUT_OF_RANGE;
  }
  *value = negative ? -result : result;
  return RELAX_NUMBER;
}

int32_t relax_parse_integer(const uint8_t *text, size_t length, int64_t *value) {
  const uint8_t *p = text, *end = text + length;
  int negative = 0;
  if (p < end && (*p == '-' || *p == '+')) negative = *p++ == '-';
  if (p == end) return RELAX_NOT_A_NUMBER;
  uint64_t magnitude = 0;
  int overflow = 0;
  for (; p < end; p++) {
    uint8_t digit = (uint8_t)(*p - '0');
    if (digit > 9) return RELAX_NOT_A_NUMBER;
    overflow |= __builtin_mul_overflow(magnitude, 10, &magnitude);
    overflow |= __builtin_add_overflow(magnitude, digit, &magnitude);
  }
  if (overflow || magnitude > (uint64_t)INT64_MAX + (uint64_t)negative) return RELAX_OUT_OF_RANGE;
  *value = negative ? (int64_t)(0 - magnitude) : (int64_t)magnitude;
  return RELAX_NUMBER;
}

// 10^k, shifted up until its highest bit is set, and its number of bits.
static const struct {
  uint64_t high, low;
  int bits;
} tens[39] = {
    {0x8000000000000000ull, 0x0000000000000000ull, 1},
    {0xa000000000000000ull, 0x0000000000000000ull, 4},
    {0xc800000000000000ull, 0x0000000000000000ull, 7},
    {0xfa00000000000000ull, 0x0000000000000000ull, 10},
    {0x9c40000000000000ull, 0x0000000000000000ull, 14},
    {0xc350000000000000ull, 0x0000000000000000ull, 17},
    {0xf424000000000000ull, 0x0000000000000000ull, 20},
    {0x9896800000000000ull, 0x0000000000000000ull, 24},
    {0xbebc200000000000ull, 0x0000000000000000ull, 27},
    {0xee6b280000000000ull, 0x0000000000000000ull, 30},
    {0x9502f90000000000ull, 0x0000000000000000ull, 34},
    {0xba43b74000000000ull, 0x0000000000000000ull, 37},
    {0xe8d4a51000000000ull, 0x0000000000000000ull, 40},
    {0x9184e72a00000000ull, 0x0000000000000000ull, 44},
    {0xb5e620f480000000ull, 0x0000000000000000ull, 47},
    {0xe35fa931a0000000ull, 0x0000000000000000ull, 50},
    {0x8e1bc9bf04000000ull, 0x0000000000000000ull, 54},
    {0xb1a2bc2ec5000000ull, 0x0000000000000000ull, 57},
    {0xde0b6b3a76400000ull, 0x0000000000000000ull, 60},
    {0x8ac7230489e80000ull, 0x0000000000000000ull, 64},
    {0xad78ebc5ac620000ull, 0x0000000000000000ull, 67},
    {0xd8d726b7177a8000ull, 0x0000000000000000ull, 70},
    {0x878678326eac9000ull, 0x0000000000000000ull, 74},
    {0xa968163f0a57b400ull, 0x0000000000000000ull, 77},
    {0xd3c21bcecceda100ull, 0x0000000000000000ull, 80},
    {0x84595161401484a0ull, 0x0000000000000000ull, 84},
    {0xa56fa5b99019a5c8ull, 0x0000000000000000ull, 87},
    {0xcecb8f27f4200f3aull, 0x0000000000000000ull, 90},
    {0x813f3978f8940984ull, 0x4000000000000000ull, 94},
    {0xa18f07d736b90be5ull, 0x5000000000000000ull, 97},
    {0xc9f2c9cd04674edeull, 0xa400000000000000ull, 100},
    {0xfc6f7c4045812296ull, 0x4d00000000000000ull, 103},
    {0x9dc5ada82b70b59dull, 0xf020000000000000ull, 107},
    {0xc5371912364ce305ull, 0x6c28000000000000ull, 110},
    {0xf684df56c3e01bc6ull, 0xc732000000000000ull, 113},
    {0x9a130b963a6c115cull, 0x3c7f400000000000ull, 117},
    {0xc097ce7bc90715b3ull, 0x4b9f100000000000ull, 120},
    {0xf0bdc21abb48db20ull, 0x1e86d40000000000ull, 123},
    {0x96769950b50d88f4ull, 0x1314448000000000ull, 127},
};

// The 64 highest bits of the 192-bit product of 10^k (see `tens`) and `factor`, the last one set if
// any bit below is.
static inline uint64_t product_to_odd(int k, uint64_t factor) {
  wide low = (wide)tens[k].low * factor;
  wide high = (wide)tens[k].high * factor + (uint64_t)(low >> 64);
  return (uint64_t)(high >> 64) | ((uint64_t)high != 0 || (uint64_t)low != 0);
}

// floor(q · log10(2)), for |q| < 1000.
static inline int log10_of_power_of_two(int q) { return (q * 1262611) >> 22; }

// The shortest decimal digits · 10^exponent that reads back as significand · 2^power, the nearest
// one if there are several; false if that lies outside of the table.
//
// R. Giulietti, "The Schubfach way to render doubles" (2020). Powers of ten up to 10^38 are exact
// in 128 bits, so no argument about truncated ones is needed here.
static int shortest(uint64_t significand, int power, uint64_t *digits, int *exponent) {
  // Below a power of two the neighbour is only half as far away.
  int irregular = significand == (uint64_t)1 << 52;
  int k = irregular ? (power * 1262611 - 524031) >> 22 : log10_of_power_of_two(power);
  if (k > 0 || k < -38) return 0;
  // 10^-k times 4 · significand · 2^power, to be held in 64 bits with two bits of fraction.
  int shift = power + tens[-k].bits;
  uint64_t odd = significand & 1;
  uint64_t value = product_to_odd(-k, (significand << 2) << shift);
  uint64_t lower = product_to_odd(-k, ((significand << 2) - 2 + (uint64_t)irregular) << shift) + odd;
  uint64_t upper = product_to_odd(-k, ((significand << 2) + 2) << shift) - odd;
  uint64_t whole = value >> 2;
  // One digit less, if exactly one neighbour lies between the bounds.
  uint64_t tenth = whole / 10;
  int down = lower <= 40 * tenth, up = 40 * tenth + 40 <= upper;
  if (down != up) {
    *digits = tenth + (uint64_t)up;
    *exponent = k + 1;
    return 1;
  }
  down = lower <= 4 * whole;
  up = 4 * whole + 4 <= upper;
  uint64_t middle = 4 * whole + 2;
  if (down == up) up = value > middle || (value == middle && (whole & 1));
  *digits = whole + (uint64_t)up;
  *exponent = k;
  return 1;
}

static const char pairs[201] =
    "00010203040506070809101112131415161718192021222324252627282930313233343536373839"
    "40414243444546474849505152535455565758596061626364656667686970717273747576777879"
    "8081828384858687888990919293949596979899";

// Writes `value` in decimal so that it ends before `end`, and returns the number of digits.
static inline int write_digits(uint64_t value, uint8_t *end) {
  uint8_t *p = end;
  while (value >= 100) {
    p -= 2;
    memcpy(p, pairs + 2 * (value % 100), 2);
    value /= 100;
  }
  if (value >= 10) {
    p -= 2;
    memcpy(p, pairs + 2 * value, 2);
  } else {
    *--p = (uint8_t)('0' + value);
  }
  return (int)(end - p);
}

// Digits of a number with at most eight decimals, of moderate size, as files mostly hold them.
static inline uint64_t eight_decimals(double magnitude) {
  if (!(magnitude >= 1e-4 && magnitude < 1e7)) return 0;
  // Signed, because processors convert signed integers faster.
  int64_t scaled = (int64_t)(magnitude * 1e8 + 0.5);
  // Below 2^53 and 10^22 both operands are exact, so this is how the text would be read. Texts of
  // up to 15 digits all denote different doubles: no other one can be shorter.
  return (double)scaled / 1e8 == magnitude ? (uint64_t)scaled : 0;
}

size_t relax_format_double(double value, uint8_t *text) {
  uint64_t pattern;
  memcpy(&pattern, &value, sizeof pattern);
  uint8_t *p = text;
  if (pattern >> 63) *p++ = '-';
  int field = (int)(pattern >> 52 & 0x7ff);
  uint64_t significand = pattern & (((uint64_t)1 << 52) - 1);
  if (field == 0 && significand == 0) {
    memcpy(p, "0.0", 3);
    return (size_t)(p - text) + 3;
  }
  if (field == 0 || field == 0x7ff) return 0;
  uint64_t digits = eight_decimals(fabs(value));
  int exponent = -8;
  if (digits == 0 &&
      !shortest(significand | (uint64_t)1 << 52, field - 1075, &digits, &exponent))
    return 0;
  while (digits % 10 == 0) {
    digits /= 10;
    exponent++;
  }
  uint8_t space[24];
  int count = write_digits(digits, space + sizeof space);
  const uint8_t *spelled = space + sizeof space - count;
  // Digits before the point; the point is moved to the first one where that is many places away.
  int before = count + exponent;
  // Where doubles are no longer all the integers, the value is left to be written with an exponent.
  if (fabs(value) > 0x1p53) return 0;
  if (before <= 0 && before > -4) {
    *p++ = '0';
    *p++ = '.';
    for (int i = before; i < 0; i++) *p++ = '0';
    memcpy(p, spelled, (size_t)count);
    p += count;
  } else if (before <= 0) {
    *p++ = spelled[0];
    if (count > 1) {
      *p++ = '.';
      memcpy(p, spelled + 1, (size_t)count - 1);
      p += count - 1;
    }
    *p++ = 'e';
    *p++ = '-';
    *p++ = (uint8_t)('0' + (1 - before) / 10);
    *p++ = (uint8_t)('0' + (1 - before) % 10);
  } else {
    for (int i = 0; i < before; i++) *p++ = i < count ? spelled[i] : '0';
    *p++ = '.';
    if (before < count) {
      memcpy(p, spelled + before, (size_t)(count - before));
      p += count - before;
    } else {
      *p++ = '0';
    }
  }
  return (size_t)(p - text);
}

size_t relax_split_words(const uint8_t *text, size_t length, uint32_t *bounds, size_t limit) {
  size_t count = 0, i = 0;
  for (;;) {
    while (i < length && (text[i] == ' ' || text[i] == '\t')) i++;
    if (i == length) return count;
    size_t start = i;
    while (i < length && text[i] != ' ' && text[i] != '\t') i++;
    if (count < limit) {
      bounds[2 * count] = (uint32_t)start;
      bounds[2 * count + 1] = (uint32_t)i;
    }
    count++;
  }
}

size_t relax_find_byte(const uint8_t *text, size_t length, uint8_t byte) {
  const uint8_t *found = length ? memchr(text, byte, length) : NULL;
  return found ? (size_t)(found - text) : length;
}
