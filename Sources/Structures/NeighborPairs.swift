// SPDX-License-Identifier: MIT

import Numerics

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

  /// Which squared distances belong to a list.
  enum Membership {
    /// Distance below the cutoff.
    case closer(than: Double)
    /// Squared distance above the first number and not above the second.
    case squared(above: Double, upTo: Double)
  }

  /// The pairs closer than `cutoff`.
  ///
  /// - Parameters:
  ///   - positions: Å, finite, anywhere.
  ///   - cell: one without a defect.
  ///   - cutoff: Å, positive; a pair at exactly the cutoff is left out.
  /// - Complexity: O(atoms + pairs).
  public init(positions: [Vector3], cell: Cell, cutoff: Double) {
    self.init(positions, cell, reach: cutoff, .closer(than: cutoff))
  }

  init(_ positions: [Vector3], _ cell: Cell, reach: Double, _ membership: Membership) {
    precondition(reach > 0 && reach.isFinite, "cutoff \(reach) Å")
    let count = positions.count
    let images = PeriodicImages(positions: positions, cell: cell, reach: reach)
    var rows = NeighborRows()
    let points = images.owners.indices.map {
      SIMD4(positions[Int(images.owners[$0])] + cell.translation(images.offsets[$0]), 0)
    }
    let pointOfRow = rows.rebuild(points: points, atomCount: count, reach: reach)
    var rowOfAtom = [Int32](repeating: 0, count: count)
    for row in 0..<count { rowOfAtom[Int(pointOfRow[row])] = Int32(row) }

    // As both ordered pairs are found or neither, going through the second atoms in order and
    // appending each to the lists of its neighbours sorts those lists by the second atom.
    var cursor = [Int](repeating: 0, count: count + 1)
    for atom in 0..<count {
      let row = Int(rowOfAtom[atom])
      cursor[atom + 1] = cursor[atom] + Int(rows.starts[row + 1] - rows.starts[row])
    }
    starts = cursor
    j = [Int32](repeating: -1, count: cursor[count])
    offset = [CellOffset](repeating: .zero, count: cursor[count])
    distance = [Double](repeating: 0, count: cursor[count])
    for second in 0..<count {
      let row = Int(rowOfAtom[second])
      for k in Int(rows.starts[row])..<Int(rows.starts[row + 1]) {
        let point = Int(pointOfRow[Int(rows.neighbors[k])])
        let first = Int(images.owners[point])
        let shift = images.offsets[second] &- images.offsets[point]
        let vector = positions[second] - positions[first] + cell.translation(shift)
        let squared = vector.lengthSquared
        let length = squared.squareRoot()
        switch membership {
        case .closer(let cutoff): guard length < cutoff else { continue }
        case .squared(let low, let high): guard squared > low && squared <= high else { continue }
        }
        // No room only if rounding made the two ends of a pair disagree at the search's margin,
        // beyond any distance that passes here.
        let slot = cursor[first]
        cursor[first] += 1
        j[slot] = Int32(second)
        offset[slot] = shift
        distance[slot] = length
      }
    }
    compact(used: cursor)
    sortOffsets()
    i = [Int32](repeating: 0, count: j.count)
    for atom in 0..<count {
      for k in starts[atom]..<starts[atom + 1] { i[k] = Int32(atom) }
    }
  }

  /// Closes the gaps that pairs beyond the cutoff leave.
  private mutating func compact(used: [Int]) {
    var end = 0
    for atom in 0..<starts.count - 1 {
      let range = starts[atom]..<used[atom]
      starts[atom] = end
      if range.lowerBound == end {
        end = range.upperBound
        continue
      }
      for k in range {
        (j[end], offset[end], distance[end]) = (j[k], offset[k], distance[k])
        end += 1
      }
    }
    starts[starts.count - 1] = end
    j.removeLast(j.count - end)
    offset.removeLast(offset.count - end)
    distance.removeLast(distance.count - end)
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
