// SPDX-License-Identifier: MIT

/// A neighbour list would take more memory than is sensible for the number of atoms.
///
/// Lists of usual cutoffs have 20 to 500 neighbours an atom. Beyond the bounds here lie cutoffs of
/// kilometres, atoms heaped upon one place, and cells as thin as a hair: all memory, or for ever.
public struct TooManyNeighbors: Error, Equatable {
  /// About how many pairs there would be.
  public var expected: Double
  /// How many there may be, for these atoms in this cell.
  public var most: Double

  /// A list of about `expected` pairs where `most` are possible.
  public init(expected: Double, most: Double) { (self.expected, self.most) = (expected, most) }

  /// Ordered pairs that a list of `atoms` atoms may hold: 200 MB of them, more for many atoms.
  public static func mostPairs(atoms: Int) -> Int {
    min(50_000_000 + 500 * atoms, Int(Int32.max) / 2)
  }

  /// Atoms and images that a list of `atoms` atoms may hold: some 800 MB, more for many atoms.
  public static func mostPoints(atoms: Int) -> Int {
    min(4_000_000 + 30 * atoms, Int(Int32.max) / 8)
  }
}
