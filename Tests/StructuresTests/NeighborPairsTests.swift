// SPDX-License-Identifier: MIT

import RelaxNumerics
import TestSupport
import Testing

@testable import Structures

@Suite struct NeighborPairsTests {
  @Test(
    "Pairs are exactly those of brute force, in order",
    arguments: RandomSystem.assorted(80, seed: 21))
  func bruteForce(_ system: RandomSystem) throws {
    let found = try NeighborPairs(
      positions: system.positions, cell: system.cell, cutoff: system.cutoff)
    let expected = bruteForcePairs(system.positions, system.cell, cutoff: system.cutoff)
      .filter { $0.value.length < system.cutoff }
    let pairs = found.i.indices.map {
      BrutePair(Int(found.i[$0]), Int(found.j[$0]), found.offset[$0])
    }
    // Both evaluate the same formula in double precision: no tolerance.
    #expect(pairs == expected.keys.sorted())
    for (k, pair) in pairs.enumerated() { #expect(found.distance[k] == expected[pair]?.length) }
    #expect(found.starts.count == system.positions.count + 1)
    for atom in system.positions.indices {
      #expect(found.i[found.starts[atom]..<found.starts[atom + 1]].allSatisfy { $0 == atom })
    }
  }

  @Test("Atoms at exactly the cutoff are not pairs but have an edge")
  func boundary() throws {
    let cell = Cell(Vector3(3, 0, 0), Vector3(0, 9, 0), Vector3(0, 0, 9))
    #expect(try NeighborPairs(positions: [.zero], cell: cell, cutoff: 3).i.isEmpty)
    #expect(try NeighborGraph(positions: [.zero], cell: cell, cutoff: 3).count == 2)
  }

  @Test("Wrapping atoms changes offsets and nothing else")
  func wrapping() throws {
    let system = RandomSystem.assorted(40, seed: 22)[39]
    let cell = system.cell.with(periodicity: .all)
    let moves = system.positions.indices.map { CellOffset(Int32($0 % 3), Int32(-$0 % 5), 2) }
    let moved = zip(system.positions, moves).map { $0 + cell.translation($1) }
    let here = try NeighborPairs(positions: system.positions, cell: cell, cutoff: 5)
    let there = try NeighborPairs(positions: moved, cell: cell, cutoff: 5)
    let unmoved = there.i.indices.map { k in
      BrutePair(
        Int(there.i[k]), Int(there.j[k]),
        there.offset[k] &+ moves[Int(there.j[k])] &- moves[Int(there.i[k])])
    }
    let pairs = here.i.indices.map { BrutePair(Int(here.i[$0]), Int(here.j[$0]), here.offset[$0]) }
    #expect(unmoved.sorted() == pairs)
  }
}
