// SPDX-License-Identifier: MIT

import RelaxNumerics

/// The directed graph that a message-passing network reads: which atoms send to which.
///
/// An edge runs from a source to a target, as in the Open Catalyst Project's `radius_graph_pbc`. It
/// is there when 10⁻⁴ Å² < d² ≤ cutoff², and of those only the `maximumNeighbors` nearest of each
/// target are kept. Edges are sorted by target, then source, then offset in lexicographic order.
///
/// Which of several equally distant neighbours stay is defined, unlike in the original: distances
/// are rounded to whole multiples of `distanceQuantum`, so that neighbours equal by symmetry tie
/// whatever rounding did to their coordinates, and ties go to the lower source, then the lower
/// offset.
public struct NeighborGraph: Sendable {
  /// The atom that sends, one an edge.
  public private(set) var source: [Int32] = []
  /// The atom that receives.
  public private(set) var target: [Int32] = []
  /// Lattice vectors added to the source.
  public private(set) var offset: [CellOffset] = []
  /// From target to source: positions[source] − positions[target] + offset · cell, in Å.
  public private(set) var vector: [Vector3] = []
  /// Length of `vector` in Å.
  public private(set) var distance: [Double] = []
  /// Where the edges to each target begin; one number more than there are atoms.
  public private(set) var starts: [Int] = [0]

  /// Å; distances that round to the same multiple of it count as equal when the nearest are chosen.
  public static let distanceQuantum = 1e-6
  /// Å²; pairs no farther apart than its root, 0.01 Å, have no edge.
  public static let smallestSquaredDistance = 1e-4

  /// Number of edges.
  public var count: Int { source.count }

  /// The graph of a structure; see `init(positions:cell:cutoff:maximumNeighbors:kernels:)`.
  public init(
    _ structure: Structure, cutoff: Double = 6, maximumNeighbors: Int? = 50,
    kernels: KernelSet = .preferred
  ) throws(TooManyNeighbors) {
    try self.init(
      positions: structure.positions, cell: structure.cell, cutoff: cutoff,
      maximumNeighbors: maximumNeighbors, kernels: kernels)
  }

  /// The graph of atoms at `positions`.
  ///
  /// - Parameters:
  ///   - positions: Å, finite, anywhere: they need not lie in the cell.
  ///   - cell: one without a defect.
  ///   - cutoff: Å, positive and at most 1000.
  ///   - maximumNeighbors: edges a target keeps at most; nil for all.
  ///   - kernels: what to search with; the graph does not depend on it.
  /// - Throws: `TooManyNeighbors`.
  /// - Complexity: O(atoms + edges), edges counted before they are cut down.
  public init(
    positions: [Vector3], cell: Cell, cutoff: Double = 6, maximumNeighbors: Int? = 50,
    kernels: KernelSet = .preferred
  ) throws(TooManyNeighbors) {
    precondition(cutoff > 0 && cutoff <= 1000, "cutoff \(cutoff) Å")
    let pairs = try NeighborPairs(
      positions, cell, reach: cutoff,
      .between(square: NeighborGraph.smallestSquaredDistance, upTo: cutoff), kernels)
    let most = maximumNeighbors ?? Int.max
    let total = positions.indices.reduce(0) {
      $0 + min(most, pairs.starts[$1 + 1] - pairs.starts[$1])
    }
    source.reserveCapacity(total)
    target.reserveCapacity(total)
    offset.reserveCapacity(total)
    vector.reserveCapacity(total)
    distance.reserveCapacity(total)
    starts.reserveCapacity(positions.count + 1)
    var keys: [UInt64] = []
    for atom in positions.indices {
      let range = pairs.starts[atom]..<pairs.starts[atom + 1]
      let cut = range.count > most
      var last: UInt64 = 0
      if cut {
        keys.removeAll(keepingCapacity: true)
        for k in range { keys.append(NeighborGraph.key(pairs.distance[k], k - range.lowerBound)) }
        if most > 0 { last = NeighborGraph.smallest(most, of: &keys) }
      }
      for k in range {
        if cut {
          let key = NeighborGraph.key(pairs.distance[k], k - range.lowerBound)
          guard key <= last && most > 0 else { continue }
        }
        let other = Int(pairs.j[k])
        source.append(pairs.j[k])
        offset.append(pairs.offset[k])
        distance.append(pairs.distance[k])
        let difference = positions[other] - positions[atom]
        vector.append(
          pairs.offset[k] == .zero ? difference : difference + cell.translation(pairs.offset[k]))
      }
      target.append(contentsOf: repeatElement(Int32(atom), count: source.count - target.count))
      starts.append(source.count)
    }
  }

  /// The `count`-th smallest of distinct keys (Hoare's selection); reorders them.
  private static func smallest(_ count: Int, of keys: inout [UInt64]) -> UInt64 {
    var (low, high) = (0, keys.count - 1)
    while low < high {
      let pivot = keys[(low + high) / 2]
      var (i, j) = (low, high)
      while i <= j {
        while keys[i] < pivot { i += 1 }
        while keys[j] > pivot { j -= 1 }
        if i <= j {
          keys.swapAt(i, j)
          i += 1
          j -= 1
        }
      }
      if count - 1 <= j { high = j } else if count - 1 >= i { low = i } else { break }
    }
    return keys[count - 1]
  }

  /// Orders neighbours of one target: by rounded distance, then by their place in the list, which is
  /// by source and offset.
  private static func key(_ distance: Double, _ place: Int) -> UInt64 {
    UInt64((distance / distanceQuantum).rounded()) << 32 | UInt64(place)
  }
}
