// SPDX-License-Identifier: MIT

extension NeighborGraph {
  /// For each edge the one back: from its target to its source, through the opposite images; −1 where the
  /// limit of neighbours has left it out.
  ///
  /// - Complexity: O(edges · log neighbours).
  public func partners() -> [Int32] {
    var partners = [Int32](repeating: -1, count: count)
    for edge in 0..<count where partners[edge] < 0 {
      let (source, target) = (source[edge], target[edge])
      let back = CellOffset.zero &- offset[edge]
      // Edges to an atom are sorted by source.
      var (low, high) = (starts[Int(source)], starts[Int(source) + 1])
      let last = high
      while low < high {
        let middle = (low + high) / 2
        if self.source[middle] < target { low = middle + 1 } else { high = middle }
      }
      while low < last && self.source[low] == target {
        if offset[low] == back {
          (partners[edge], partners[low]) = (Int32(low), Int32(edge))
          break
        }
        low += 1
      }
    }
    return partners
  }

  /// Edges that follow each other: k→j, then j→i.
  public struct Triplet: Hashable, Sendable {
    /// The edge from k to j.
    public let incoming: Int
    /// The edge from j to i.
    public let outgoing: Int

    /// Two edges by their numbers.
    public init(incoming: Int, outgoing: Int) {
      (self.incoming, self.outgoing) = (incoming, outgoing)
    }
  }

  /// All triplets k→j→i: for each edge those to its source, but for its own edge back.
  ///
  /// k may be i through another image of it; only what comes back to where it went out, with no lattice
  /// vector between, is left out. Sorted by outgoing, then incoming edge.
  ///
  /// - Complexity: O(edges · neighbours), and as much memory: what sums over angles need it for can be made
  ///   without a list, as the networks of this project do.
  public func triplets() -> [Triplet] {
    let partners = partners()
    return (0..<count).flatMap { outgoing in
      let atom = Int(source[outgoing])
      return (starts[atom]..<starts[atom + 1]).lazy
        .filter { $0 != Int(partners[outgoing]) }
        .map { Triplet(incoming: $0, outgoing: outgoing) }
    }
  }
}
