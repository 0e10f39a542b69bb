// SPDX-License-Identifier: MIT
// Inner loops in C, in several sets for several processors; the caller names the set, which must be
// one that the processor has (no number above `relax_kernels_supported()`). No kernel allocates, keeps
// state or starts threads; lengths are in elements; arrays never overlap unless said.
#ifndef RELAX_KERNELS_H
#define RELAX_KERNELS_H

#include "dispersion.h"
#include "emt.h"
#include "networks.h"

#include <stddef.h>
#include <stdint.h>

// Kernel sets, from slow to fast.
enum { RELAX_PORTABLE = 0, RELAX_AVX2 = 1, RELAX_AVX512 = 2 };

/// Best kernel set that this processor can run.
int32_t relax_kernels_supported(void);

/// Processors that this process may run on, as its affinity mask says where there is one.
int32_t relax_processors(void);

/// Gives back to the system what was freed and is kept for the next who asks, where the library can do that.
void relax_trim_memory(void);

/// Sum of a[i]*b[i].
double relax_dot(int32_t set, const double *a, const double *b, size_t n);
/// y[i] += scale * x[i].
void relax_add_scaled(int32_t set, double *y, double scale, const double *x, size_t n);
/// x[i] = exp(x[i]); relative error below 4.5e-16 for |x[i]| <= 700, rubbish beyond.
void relax_exponential(int32_t set, double *x, size_t n);

/// Points sorted into bins: atoms first, bin by bin, then images, bin by bin.
typedef struct {
  const double *rows;           // x, y, z and one unused number of each row
  const int32_t *atom_starts;   // first atom of each bin, and the end
  const int32_t *image_starts;  // first image of each bin (row number), and the end
  int32_t bins[3];              // along x (fastest), y and z
  const int32_t *runs;          // lines of bins to search: steps in y and z, reach in x
  int32_t run_count;
  float limit;                  // square of the cutoff, with a margin for single precision
} relax_grid;

/// Why `relax_find_neighbors` came back.
enum { RELAX_DONE = 0, RELAX_NEED_SCRATCH = 1, RELAX_NEED_OUTPUT = 2 };

/// Lists for each atom the rows within the cutoff of it, itself excluded. Starts at `*bin` and stops
/// early, with `*bin` where to go on, when `scratch` (4·stride numbers of 4 bytes) or `out` (with
/// `capacity` entries) is too small. `starts[0]` is 0 at the beginning.
int32_t relax_find_neighbors(int32_t set, const relax_grid *grid, int32_t *bin, void *scratch,
                             int32_t stride, int32_t *starts, int32_t *out, int64_t capacity);

/// A full list of neighbours, and where its rows come from.
typedef struct {
  const double *positions;     // of atoms, 4 numbers each, as they were given
  const double *cell;          // three lattice vectors, 3 numbers each
  const int32_t *starts;       // of each row's neighbours
  const int32_t *neighbors;    // rows
  const int32_t *owners;       // atom of each row
  const int32_t *offsets;      // cells by which each row is moved, 4 numbers each
  const int32_t *row_of_atom;  // the row that is the atom
} relax_listed;

/// Goes through the atoms in order and appends each, as second atom of a pair, to the pairs of its
/// neighbours, so that these come out sorted by second atom. A pair counts if its squared distance is
/// above `low` and its distance below `cutoff` or, if `inclusive`, its square at most cutoff².
/// `cursor[i]` is where atom i's next pair goes. Arithmetic is plain double precision, the same for
/// every kernel set: it decides membership.
void relax_collect_pairs(const relax_listed *listed, size_t n, double low, double cutoff,
                         int32_t inclusive, int64_t *cursor, int32_t *second, int32_t *offsets,
                         double *distances);

/// Lennard-Jones constants: ε4 = 4ε; `shift` is the pair energy at the cutoff; `switch_scale` is
/// 1/(rc² − ro²)³.
typedef struct {
  double sigma_squared, epsilon4, cutoff_squared, shift, onset_squared, switch_scale;
  int32_t smooth;
} relax_lennard_jones_parameters;

/// Energy, and forces (x, y, z, 0 of each atom) from full neighbour rows of 4 numbers. `virial`, unless
/// NULL, receives the sum of r ⊗ f over pairs as xx, yy, zz, yz, xz, xy, in the unit of the energy;
/// energy and forces are the same to the last bit with and without.
double relax_lennard_jones(int32_t set, const relax_lennard_jones_parameters *parameters,
                           const double *rows, const int32_t *starts, const int32_t *neighbors,
                           size_t n, double *forces, double *virial);

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
