// SPDX-License-Identifier: MIT

import RelaxNumerics

/// Atoms wrapped into the cell along its periodic axes, and all their images within a reach of them.
///
/// Only axes that repeat are wrapped; a point is its owner's position plus whole lattice vectors.
struct PeriodicImages {
  /// The atom that each point is, or is an image of; the atoms come first, in their order.
  private(set) var owners: [Int32] = []
  /// Whole lattice vectors added to the owner's position.
  private(set) var offsets: [CellOffset] = []
  /// Number of atoms.
  let atomCount: Int

  /// Points for `positions` (Å, finite) so that every atom has all images within `reach` Å of it.
  ///
  /// - Throws: `TooManyNeighbors` for a reach over very many cells.
  /// - Complexity: O(points).
  init(positions: [Vector3], cell: Cell, reach: Double) throws(TooManyNeighbors) {
    atomCount = positions.count
    owners = Array(0..<Int32(positions.count))
    guard cell.periodicity.any, !positions.isEmpty else {
      offsets = Array(repeating: .zero, count: positions.count)
      return
    }
    let mask = SIMD3<Double>(
      cell.periodicity.a ? 1 : 0, cell.periodicity.b ? 1 : 0, cell.periodicity.c ? 1 : 0)
    var wrapped: [Vector3] = []
    wrapped.reserveCapacity(positions.count)
    offsets.reserveCapacity(positions.count)
    var low = Vector3(repeating: .infinity)
    var high = -low
    for position in positions {
      let s = cell.fractional(position)
      let whole = s.rounded(.down) * mask
      precondition(
        abs(whole.x) < 1e9 && abs(whole.y) < 1e9 && abs(whole.z) < 1e9,
        "an atom is not finite or 10⁹ cells away")
      offsets.append(CellOffset(Int32(-whole.x), Int32(-whole.y), Int32(-whole.z)))
      wrapped.append(s - whole)
      low = pointwiseMin(low, s - whole)
      high = pointwiseMax(high, s - whole)
    }
    // Two points within reach differ by no more than this in fractional coordinates.
    let heights = Vector3(cell.height(0), cell.height(1), cell.height(2))
    let margin = reach * (1 + 1e-9) / heights + 1e-9
    low -= margin
    high += margin
    var points = 0.0
    for s in wrapped {
      let axes = ((high - s).rounded(.down) - (low - s).rounded(.up)) * mask + 1
      points += axes.x * axes.y * axes.z
    }
    // Of the images in a box around the sphere (circle, line) that reaches so far.
    let inside = Double(atomCount) * [1, 1, Double.pi / 4, Double.pi / 6][Int(mask.sum())]
    let most = Double(TooManyNeighbors.mostPoints(atoms: atomCount))
    guard points <= most else {
      throw TooManyNeighbors(expected: points * inside, most: most * inside)
    }
    for (atom, s) in wrapped.enumerated() {
      let least = (low - s).rounded(.up) * mask
      let most = (high - s).rounded(.down) * mask
      if least == .zero && most == .zero { continue }
      for x in Int32(least.x)...Int32(most.x) {
        for y in Int32(least.y)...Int32(most.y) {
          for z in Int32(least.z)...Int32(most.z) where x != 0 || y != 0 || z != 0 {
            owners.append(Int32(atom))
            offsets.append(offsets[atom] &+ CellOffset(x, y, z))
          }
        }
      }
    }
  }
}
