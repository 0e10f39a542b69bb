// SPDX-License-Identifier: MIT

import RelaxNumerics
import Structures

extension VerletList {
  /// Makes the list valid for `geometry`, which must be sound.
  ///
  /// - Parameter provider: whose cutoff it is, in words; asked for only to say what is wrong.
  /// - Returns: whether the list was rebuilt.
  /// - Throws: `ForceError.tooManyPairs`.
  mutating func update(
    for geometry: Geometry, of provider: @autoclosure () -> String
  ) throws(ForceError) -> Bool {
    try update(positions: geometry.positions, cell: geometry.cell, of: provider())
  }

  /// The same for some of the atoms, at `positions` (Å).
  mutating func update(
    positions: [Vector3], cell: Cell, of provider: @autoclosure () -> String
  ) throws(ForceError) -> Bool {
    do throws(TooManyNeighbors) {
      return try update(positions: positions, cell: cell)
    } catch {
      throw .tooManyPairs(
        expected: error.expected, most: error.most, cutoff: cutoff, provider: provider())
    }
  }
}
