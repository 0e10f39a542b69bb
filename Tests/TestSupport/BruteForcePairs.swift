// SPDX-License-Identifier: MIT

import RelaxNumerics
import Structures

/// An ordered pair of atoms, the second one moved by whole lattice vectors.
public struct BrutePair: Hashable, Comparable, CustomStringConvertible {
  /// Indices of the two atoms.
  public var first: Int, second: Int
  /// Lattice vectors added to the second.
  public var offset: CellOffset

  /// A pair of `first` and `second` moved by `offset`.
  public init(_ first: Int, _ second: Int, _ offset: CellOffset) {
    (self.first, self.second, self.offset) = (first, second, offset)
  }

  private var key: [Int] { [first, second, Int(offset.x), Int(offset.y), Int(offset.z)] }
  /// By first atom, second atom and offset.
  public static func < (a: Self, b: Self) -> Bool { a.key.lexicographicallyPrecedes(b.key) }
  /// Such as `0→3+1,0,-1`.
  public var description: String { "\(first)→\(second)+\(offset.x),\(offset.y),\(offset.z)" }
}

/// Every ordered pair no farther apart than `cutoff` (Å), with its vector.
///
/// It looks at every image that could be: the plain loops that the fast neighbour lists are judged
/// by. An atom is never paired with itself unmoved.
public func bruteForcePairs(
  _ positions: [Vector3], _ cell: Cell, cutoff: Double
) -> [BrutePair: Vector3] {
  var pairs: [BrutePair: Vector3] = [:]
  for i in positions.indices {
    for j in positions.indices {
      let s = cell.fractional(positions[j] - positions[i])
      // |s + n| ≤ cutoff / height for every image within the cutoff.
      var low = SIMD3<Int>(), high = SIMD3<Int>()
      for axis in 0..<3 where cell.periodicity[axis] {
        let margin = cutoff / cell.height(axis) + 1e-6
        low[axis] = Int((-margin - s[axis]).rounded(.up))
        high[axis] = Int((margin - s[axis]).rounded(.down))
      }
      for x in stride(from: low.x, through: high.x, by: 1) {
        for y in stride(from: low.y, through: high.y, by: 1) {
          for z in stride(from: low.z, through: high.z, by: 1) {
            let offset = CellOffset(Int32(x), Int32(y), Int32(z))
            if i == j && offset == .zero { continue }
            let vector = positions[j] - positions[i] + cell.translation(offset)
            if vector.length <= cutoff { pairs[BrutePair(i, j, offset)] = vector }
          }
        }
      }
    }
  }
  return pairs
}
