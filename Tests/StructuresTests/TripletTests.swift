// SPDX-License-Identifier: MIT

import RelaxNumerics
import TestSupport
import Testing

@testable import Structures

/// Edges that follow each other, against loops over all pairs of edges.
@Suite("Triplets") struct TripletTests {
  /// All pairs but those that come back with no lattice vector between.
  private func expected(_ graph: NeighborGraph) -> [NeighborGraph.Triplet] {
    (0..<graph.count).flatMap { (outgoing: Int) -> [NeighborGraph.Triplet] in
      let incoming = (0..<graph.count).filter { (incoming: Int) -> Bool in
        guard graph.target[incoming] == graph.source[outgoing] else { return false }
        let total = graph.offset[incoming] &+ graph.offset[outgoing]
        return graph.source[incoming] != graph.target[outgoing] || total != .zero
      }
      return incoming.map { .init(incoming: $0, outgoing: outgoing) }
    }
  }

  @Test("Random structures, thin cells, and limits that leave edges back out", arguments: 0..<6)
  func random(seed: UInt64) throws {
    for system in RandomSystem.assorted(8, seed: seed) {
      for most in [nil, 7, 1] {
        let graph = try NeighborGraph(
          positions: system.positions, cell: system.cell, cutoff: 3.5, maximumNeighbors: most)
        guard graph.count < 700 else { continue }
        #expect(graph.triplets() == expected(graph))
        for (edge, partner) in graph.partners().enumerated() where partner >= 0 {
          #expect(graph.vector[Int(partner)] == -1 * graph.vector[edge])
          #expect(graph.source[Int(partner)] == graph.target[edge])
        }
      }
    }
  }

  @Test("An atom and its own images: only the way straight back is none")
  func oneAtom() throws {
    let graph = try NeighborGraph(
      positions: [.zero], cell: Cell(Vector3(3, 0, 0), Vector3(0, 20, 0), Vector3(0, 0, 20)),
      cutoff: 3.2)
    // Two edges, to either side: out and on in the same direction.
    #expect(graph.count == 2)
    #expect(
      graph.triplets() == [
        .init(incoming: 0, outgoing: 0), .init(incoming: 1, outgoing: 1),
      ])
  }
}
