// SPDX-License-Identifier: MIT

import RelaxNumerics
import Structures

/// The edges of one geometry in the order in which their messages are summed.
///
/// A message between two fixed atoms does not change in the first block of a network, as long as both
/// stay where they are; in the second block it does not if nothing but fixed atoms sends to either of
/// them in the first, and so on. Such edges come first, those that stay constant through the most
/// blocks foremost, so that in every block a sum begins with what is constant. The order depends on
/// the graph and on which atoms are fixed, never on what an evaluation remembers or leaves out.
struct OrderedEdges {
  /// Atom that sends.
  private(set) var source: [Int32] = []
  /// Lattice vectors added to it.
  private(set) var offset: [CellOffset] = []
  /// Å, from target to source.
  private(set) var vector: [Vector3] = []
  /// Å.
  private(set) var distance: [Double] = []
  /// Where the edges to each target begin; one number more than there are atoms.
  let starts: [Int]
  /// In how many blocks, from the first, the message of each edge is constant.
  private var constancy: [UInt8] = []

  /// Number of edges.
  var count: Int { source.count }

  /// Orders `graph` for a network of `blocks` blocks.
  init(_ graph: NeighborGraph, isFixed: [Bool], blocks: Int) {
    starts = graph.starts
    let atoms = isFixed.count
    let most = min(blocks, 255)
    // In how many blocks an atom's embedding is constant: one more than those of all that send to it.
    var depths = isFixed.map { $0 ? most : 0 }
    for _ in 0..<most where depths.contains(where: { $0 > 0 }) {
      var next = depths
      for atom in 0..<atoms where isFixed[atom] {
        for edge in starts[atom]..<starts[atom + 1] {
          next[atom] = min(next[atom], 1 + depths[Int(graph.source[edge])])
        }
      }
      if next == depths { break }
      depths = next
    }
    source.reserveCapacity(graph.count)
    offset.reserveCapacity(graph.count)
    vector.reserveCapacity(graph.count)
    distance.reserveCapacity(graph.count)
    constancy.reserveCapacity(graph.count)
    for target in 0..<atoms {
      for depth in stride(from: depths[target], through: 0, by: -1) {
        for edge in starts[target]..<starts[target + 1] {
          guard min(depths[Int(graph.source[edge])], depths[target]) == depth else { continue }
          source.append(graph.source[edge])
          offset.append(graph.offset[edge])
          vector.append(graph.vector[edge])
          distance.append(graph.distance[edge])
          constancy.append(UInt8(depth))
        }
      }
    }
  }

  /// All edges to `target`.
  func edges(to target: Int) -> Range<Int> { starts[target]..<starts[target + 1] }

  /// The first of them, whose messages in `block` are constant.
  func constantEdges(to target: Int, in block: Int) -> Range<Int> {
    var end = starts[target]
    while end < starts[target + 1] && Int(constancy[end]) > block { end += 1 }
    return starts[target]..<end
  }
}
