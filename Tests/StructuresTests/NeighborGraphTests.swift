// SPDX-License-Identifier: MIT

import Foundation
import RelaxNumerics
import TestSupport
import Testing

@testable import Structures

/// A graph that the Open Catalyst Project's code made.
private struct Recording: Decodable {
  struct Edges: Decodable {
    var source: [Int], target: [Int], offset: [[Int32]], distance: [Double]
  }
  var cutoff: Double
  var edges_max50: Edges
  var edges_all: Edges?
}

private let structureNames = [
  "cu111_co", "cuau_bulk", "methanol", "mgo_h2o", "ni100_1x1", "pd_1atom", "pt111_o_skew",
]

@Suite struct NeighborGraphTests {
  @Test(
    "Graphs are those of the released code, edge by edge",
    arguments: structureNames)
  func recorded(_ name: String) throws {
    let recording = try ReferenceData.json("graphs/\(name).json", as: Recording.self)
    let structure = try #require(ReferenceData.frames("structures/\(name).xyz").first)
    for (edges, most) in [(recording.edges_max50, 50), (recording.edges_all, nil)] {
      guard let edges else { continue }
      let graph = try NeighborGraph(
        structure, cutoff: recording.cutoff, maximumNeighbors: most)
      #expect(graph.source.map(Int.init) == edges.source)
      #expect(graph.target.map(Int.init) == edges.target)
      #expect(graph.offset == edges.offset.map { CellOffset($0[0], $0[1], $0[2]) })
      // Recorded with nine decimals.
      for (d, e) in zip(graph.distance, edges.distance) { #expect(abs(d - e) < 1e-8) }
    }
  }

  @Test(
    "Without a limit, edges are brute force's pairs with their vectors",
    arguments: RandomSystem.assorted(40, seed: 31))
  func bruteForce(_ system: RandomSystem) throws {
    let graph = try NeighborGraph(system.structure, cutoff: system.cutoff, maximumNeighbors: nil)
    let expected = bruteForcePairs(system.positions, system.cell, cutoff: system.cutoff)
      .filter { $0.value.lengthSquared > 1e-4 }
    let pairs = (0..<graph.count).map {
      BrutePair(Int(graph.target[$0]), Int(graph.source[$0]), graph.offset[$0])
    }
    #expect(pairs == expected.keys.sorted())
    for (k, pair) in pairs.enumerated() {
      #expect(graph.vector[k] == expected[pair])
      #expect(graph.distance[k] == expected[pair]?.length)
    }
  }

  @Test(
    "With a limit, each target keeps its nearest",
    arguments: RandomSystem.assorted(24, seed: 32), [0, 1, 7, 50])
  func nearest(_ system: RandomSystem, most: Int) throws {
    let all = try NeighborGraph(system.structure, cutoff: system.cutoff, maximumNeighbors: nil)
    let some = try NeighborGraph(system.structure, cutoff: system.cutoff, maximumNeighbors: most)
    for atom in system.positions.indices {
      let range = all.starts[atom]..<all.starts[atom + 1]
      // The rule itself, spelled out: rounded distance, then place in the sorted list.
      let order = range.sorted { a, b in
        let (p, q) = ((all.distance[a] * 1e6).rounded(), (all.distance[b] * 1e6).rounded())
        return p != q ? p < q : a < b
      }
      let kept = order.prefix(most).sorted()
      let mine = some.starts[atom]..<some.starts[atom + 1]
      #expect(mine.map { some.source[$0] } == kept.map { all.source[$0] })
      #expect(mine.map { some.offset[$0] } == kept.map { all.offset[$0] })
    }
  }

  @Test("Ties in a perfect crystal are broken alike wherever the crystal lies")
  func ties() throws {
    // Copper at 3.6 Å has 78 neighbours within 6 Å; the shell at the 50th is cut.
    let a = 3.6
    let cell = Cell(
      Vector3(0, a / 2, a / 2), Vector3(a / 2, 0, a / 2), Vector3(a / 2, a / 2, 0))
    let here = try NeighborGraph(positions: [.zero], cell: cell)
    #expect(here.count == 50)
    #expect(try NeighborGraph(positions: [.zero], cell: cell, maximumNeighbors: nil).count == 78)
    for shift in [Vector3(0.1, 0.2, 0.3), Vector3(17.77, -3.1, 1e3), Vector3(1, 1, 1) / 3] {
      // A supercell in steps of whole vectors, with coordinates that round differently.
      let doubled = Cell(2 * cell.a, cell.b, cell.c)
      let there = try NeighborGraph(positions: [shift, shift + cell.a], cell: doubled)
      #expect(there.count == 100)
      let single = try NeighborGraph(positions: [shift], cell: cell)
      #expect(single.offset == here.offset)
    }
  }
}
