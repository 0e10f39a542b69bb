// SPDX-License-Identifier: MIT

import CKernels

/// The pairs of a neighbour list whose exact distance passes, by first atom.
public struct PairCollection: Sendable {
  /// Where the pairs of each first atom begin; one number more than there are atoms.
  public var starts: [Int] = [0]
  /// Second atom of each pair; ascending for each first atom.
  public var second: [Int32] = []
  /// Lattice vectors added to the second atom.
  public var offset: [SIMD3<Int32>] = []
  /// Distance in Å.
  public var distance: [Double] = []

  /// Which distances pass.
  public enum Membership: Sendable {
    /// Distance below the cutoff, in Å.
    case closer(than: Double)
    /// Squared distance above the first number (Å²), distance not above the second (Å), compared
    /// by squares.
    case between(square: Double, upTo: Double)
  }

  /// Collects the pairs of `rows`.
  ///
  /// - Parameters:
  ///   - rows: a full list that reaches beyond the cutoff by at least rounding.
  ///   - owners: the atom of each row.
  ///   - offsets: the lattice vectors by which each row is moved from its atom.
  ///   - positions: Å, of the atoms as they were given.
  ///   - vectors: the three lattice vectors in Å.
  ///   - membership: which distances pass.
  /// - Complexity: O(listed pairs).
  public init(
    _ rows: NeighborRows, owners: [Int32], offsets: [SIMD3<Int32>], positions: [Vector3],
    vectors: [Vector3], membership: Membership
  ) {
    let count = positions.count
    precondition(rows.atomCount == count && owners.count == offsets.count && vectors.count == 3)
    var rowOfAtom = [Int32](repeating: 0, count: count)
    for row in 0..<count { rowOfAtom[Int(owners[row])] = Int32(row) }
    // Both ordered pairs are listed or neither passes, so the listed neighbours of an atom bound
    // the number of pairs that it is the first of.
    var cursor = [Int64](repeating: 0, count: count + 1)
    for atom in 0..<count {
      let row = Int(rowOfAtom[atom])
      cursor[atom + 1] = cursor[atom] + Int64(rows.starts[row + 1] - rows.starts[row])
    }
    let room = Int(cursor[count])
    starts = cursor.map { Int($0) }
    let cell = vectors.flatMap { [$0.x, $0.y, $0.z] }
    let (low, cutoff, inclusive): (Double, Double, Int32) =
      switch membership {
      case .closer(let cutoff): (-1, cutoff, 0)
      case .between(let square, let cutoff): (square, cutoff, 1)
      }

    second = [Int32](repeating: 0, count: room)
    offset = [SIMD3<Int32>](repeating: .zero, count: room)
    distance = [Double](unsafeUninitializedCapacity: room) { distance, initialized in
      distance.initialize(repeating: 0)
      initialized = room
      positions.withUnsafeBytes { positions in
        offsets.withUnsafeBytes { offsets in
          cell.withUnsafeBufferPointer { cell in
            rows.starts.withUnsafeBufferPointer { starts in
              rows.neighbors.withUnsafeBufferPointer { neighbors in
                owners.withUnsafeBufferPointer { owners in
                  rowOfAtom.withUnsafeBufferPointer { rowOfAtom in
                    offset.withUnsafeMutableBytes { offset in
                      var listed = relax_listed(
                        positions: positions.baseAddress?.assumingMemoryBound(to: Double.self),
                        cell: cell.baseAddress, starts: starts.baseAddress,
                        neighbors: neighbors.baseAddress, owners: owners.baseAddress,
                        offsets: offsets.baseAddress?.assumingMemoryBound(to: Int32.self),
                        row_of_atom: rowOfAtom.baseAddress)
                      relax_collect_pairs(
                        &listed, count, low, cutoff, inclusive, &cursor, &second,
                        offset.baseAddress?.assumingMemoryBound(to: Int32.self),
                        distance.baseAddress)
                    }
                  }
                }
              }
            }
          }
        }
      }
    }
    compact(used: cursor)
  }

  /// Closes the gaps that listed pairs beyond the cutoff leave.
  private mutating func compact(used: [Int64]) {
    var end = 0
    for atom in 0..<starts.count - 1 {
      let range = starts[atom]..<Int(used[atom])
      starts[atom] = end
      if range.lowerBound == end {
        end = range.upperBound
        continue
      }
      for k in range {
        (second[end], offset[end], distance[end]) = (second[k], offset[k], distance[k])
        end += 1
      }
    }
    starts[starts.count - 1] = end
    second.removeLast(second.count - end)
    offset.removeLast(offset.count - end)
    distance.removeLast(distance.count - end)
  }
}
