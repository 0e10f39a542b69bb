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
      result = exponent < 0 ? (double)mantissa / exact_powers_of_ten[-exponent]
                            : (double)mantissa * exact_powers_of_ten[exponent];
    } else if (exponent >= 0) {
      result = rounded((wide)mantissa * powers_of_ten[exponent], 0, 0);
    } else {
      // With the highest bit of the dividend set the quotient has at least 63 bits.
      int leading = __builtin_clzll(mantissa);
      wide dividend = (wide)(mantissa << leading) << 64;
      uint64_t divisor = powers_of_ten[-exponent];
      wide quotient = dividend / divisor;
      result = rounded(quotient, -64 - leading, quotient * divisor != dividend);
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

size_t relax_format_short(double value, uint8_t *text) {
  uint8_t *p = text;
  if (signbit(value)) *p++ = '-';
  double magnitude = fabs(value);
  uint64_t scaled = 0;
  if (magnitude != 0) {
    // Not in this range (nor a NaN): too many digits, or an exponent is wanted.
    if (!(magnitude >= 1e-4 && magnitude < 1e7)) return 0;
    scaled = (uint64_t)(magnitude * 1e8 + 0.5);
    // Below 2^53 and 10^22 both operands are exact, so this is how the text would be read. Texts of
    // up to 15 digits all denote different doubles: no other one can be shorter.
    if ((double)scaled / 1e8 != magnitude) return 0;
  }
  uint64_t whole = scaled / 100000000, fraction = scaled % 100000000;
  uint8_t reversed[20];
  int count = 0;
  do {
    reversed[count++] = (uint8_t)('0' + whole % 10);
    whole /= 10;
  } while (whole);
  while (count) *p++ = reversed[--count];
  *p++ = '.';
  uint64_t unit = 10000000;
  do {
    *p++ = (uint8_t)('0' + fraction / unit);
    fraction %= unit;
    unit /= 10;
  } while (fraction);
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
