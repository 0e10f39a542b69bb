// SPDX-License-Identifier: MIT

import RelaxNumerics
import Structures

/// Sums of messages that stay the same while fixed atoms stay where they are, of one block.
///
/// What is remembered is the sum over a target's constant edges (see `OrderedEdges`), with which its
/// whole sum begins anyway: to go on from it gives the same bits as to start again. The limit on
/// neighbours may let a moving atom take an edge from a fixed one, so the edges of every sum are
/// compared each time.
final class ConstantSums {
  /// An edge, by what stays the same.
  private struct Edge: Equatable {
    var source: Int32
    var offset: CellOffset
  }

  /// Rows as in the block's sums.
  let sums: FloatMatrix
  /// Edges in each target's remembered sum; nil where none is.
  private var remembered: [[Edge]?]

  init(atoms: Int, rows: Int, columns: Int) {
    sums = FloatMatrix(rows: rows, columns: columns)
    remembered = Array(repeating: nil, count: atoms)
  }

  /// Forgets all sums, as if no geometry had been seen.
  func forget() { for target in remembered.indices { remembered[target] = nil } }

  /// Whether the remembered sum of `target` is over these edges.
  func holds(_ target: Int, _ range: Range<Int>, of edges: OrderedEdges) -> Bool {
    guard let known = remembered[target], known.count == range.count else { return false }
    return zip(known, range).allSatisfy {
      $0.source == edges.source[$1] && $0.offset == edges.offset[$1]
    }
  }

  /// Notes that the sum of `target` is about to be made from these edges.
  func remember(_ target: Int, _ range: Range<Int>, of edges: OrderedEdges) {
    remembered[target] = range.map {
      Edge(source: edges.source[$0], offset: edges.offset[$0])
    }
  }
}
