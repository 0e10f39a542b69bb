// SPDX-License-Identifier: MIT

import RelaxNumerics

/// Every ordered pair of atoms closer than a cutoff: ASE's `neighbor_list("ijSd", …)`.
///
/// Pair *k* is atom `i[k]` and atom `j[k]` moved by `offset[k]`; atoms need not lie in the cell, and
/// the offsets belong to the positions as they are. Pairs are sorted by `i`, then `j`, then offset
/// in lexicographic order. An atom is never paired with itself unmoved.
///
/// Membership is decided in double precision by one formula,
/// |positions[j] − positions[i] + offset · cell|, whose value is bitwise the same for the pair seen
/// from its other end. So both ordered pairs are there or neither, however atoms are numbered.
public struct NeighborPairs: Sendable {
  /// First atom of each pair.
  public private(set) var i: [Int32] = []
  /// Second atom of each pair.
  public private(set) var j: [Int32] = []
  /// Lattice vectors added to the second atom.
  public private(set) var offset: [CellOffset] = []
  /// Distance in Å.
  public private(set) var distance: [Double] = []
  /// Where the pairs of each first atom begin; one number more than there are atoms.
  public private(set) var starts: [Int] = [0]

  /// The pairs closer than `cutoff`.
  ///
  /// - Parameters:
  ///   - positions: Å, finite, anywhere.
  ///   - cell: one without a defect.
  ///   - cutoff: Å, positive; a pair at exactly the cutoff is left out.
  ///   - kernels: what to search with; the pairs do not depend on it.
  /// - Throws: `TooManyNeighbors`.
  /// - Complexity: O(atoms + pairs).
  public init(
    positions: [Vector3], cell: Cell, cutoff: Double, kernels: KernelSet = .preferred
  ) throws(TooManyNeighbors) {
    try self.init(positions, cell, reach: cutoff, .closer(than: cutoff), kernels)
  }

  init(
    _ positions: [Vector3], _ cell: Cell, reach: Double, _ membership: PairCollection.Membership,
    _ kernels: KernelSet
  ) throws(TooManyNeighbors) {
    precondition(reach > 0 && reach.isFinite, "cutoff \(reach) Å")
    let images = try PeriodicImages(positions: positions, cell: cell, reach: reach)
    var rows = NeighborRows()
    let points = images.owners.indices.map {
      SIMD4(positions[Int(images.owners[$0])] + cell.translation(images.offsets[$0]), 0)
    }
    let order = try rows.rebuild(
      points: points, atomCount: positions.count, reach: reach, kernels: kernels)
    let pairs = PairCollection(
      rows, owners: order.map { images.owners[Int($0)] },
      offsets: order.map { images.offsets[Int($0)] }, positions: positions,
      vectors: (0..<3).map(cell.vector), membership: membership)
    (j, offset, distance, starts) = (pairs.second, pairs.offset, pairs.distance, pairs.starts)
    sortOffsets()
    i.reserveCapacity(j.count)
    for atom in positions.indices {
      i.append(contentsOf: repeatElement(Int32(atom), count: starts[atom + 1] - starts[atom]))
    }
  }

  /// Sorts several images of one atom in one list by their offset.
  private mutating func sortOffsets() {
    for atom in 0..<starts.count - 1 {
      var begin = starts[atom]
      while begin < starts[atom + 1] {
        var end = begin + 1
        while end < starts[atom + 1] && j[end] == j[begin] { end += 1 }
        if end - begin > 1 {
          let images = (begin..<end).map { (offset[$0], distance[$0]) }
            .sorted { NeighborPairs.precedes($0.0, $1.0) }
          for (k, image) in images.enumerated() {
            (offset[begin + k], distance[begin + k]) = image
          }
        }
        begin = end
      }
    }
  }

  private static func precedes(_ a: CellOffset, _ b: CellOffset) -> Bool {
    a.x != b.x ? a.x < b.x : a.y != b.y ? a.y < b.y : a.z < b.z
  }
}
