// SPDX-License-Identifier: MIT

import RelaxNumerics
import TestSupport
import Testing

@testable import Structures

/// Neighbour lists that would take all memory are refused before they do.
@Suite("Limits of neighbour lists")
struct NeighborLimitsTests {
  private let cell = Cell([5, 0, 0], [0, 6, 0], [0, 0, 7])

  @Test(
    "a reach over very many cells is refused, with the number of pairs",
    arguments: [400.0, 2e3, 1e5, 1e12])
  func reach(_ cutoff: Double) throws {
    let positions = [Vector3(0, 0, 0), Vector3(1, 2, 3)]
    var list = VerletList(cutoff: cutoff, skin: 0)
    let error = #expect(throws: TooManyNeighbors.self) {
      try list.update(positions: positions, cell: cell)
    }
    // Both atoms see a ball of atoms at the density of the crystal; far beyond the number of images
    // the box around it rules.
    let ball = 2 * 2 / cell.volume * 4 / 3 * Double.pi * cutoff * cutoff * cutoff
    let ratio = try #require(error).expected / ball
    #expect(ratio > 0.9 && ratio < 1.1)
    #expect(throws: TooManyNeighbors.self) {
      try NeighborPairs(positions: positions, cell: cell, cutoff: cutoff)
    }
    // The list is good for what comes next.
    var near = VerletList(cutoff: 5.5, skin: 0)
    try near.update(positions: positions, cell: cell)
    #expect(throws: TooManyNeighbors.self) {
      try near.update(positions: positions, cell: Cell([1e-3, 0, 0], [0, 1e-3, 0], [0, 0, 1e-3]))
    }
    #expect(try near.update(positions: positions, cell: cell))
    let pairs = try NeighborPairs(positions: positions, cell: cell, cutoff: 5.5)
    #expect(near.rows.neighbors.count >= pairs.i.count && !pairs.i.isEmpty)
  }

  @Test("without periodic axes no reach is too far")
  func cluster() throws {
    let positions = (0..<30).map { Vector3(Double($0), 0, 0) }
    for cutoff in [1e3, 1e6] {
      let pairs = try NeighborPairs(positions: positions, cell: .none, cutoff: cutoff)
      #expect(pairs.i.count == 30 * 29)
    }
  }

  @Test("heaps of atoms are refused")
  func heaps() throws {
    let heap = Array(repeating: Vector3(1, 1, 1), count: 20_000)
    #expect(throws: TooManyNeighbors.self) {
      try NeighborPairs(positions: heap, cell: .none, cutoff: 3)
    }
    #expect(
      try NeighborPairs(positions: Array(heap.prefix(500)), cell: .none, cutoff: 3).i.count == 500
        * 499)
  }

  @Test("positions are within bounds up to a millimetre")
  func bounds() {
    #expect(PositionBounds.contain([.zero, Vector3(9.99e6, -9.99e6, 0)]))
    for x in [1e7, -1e7, 1e300, .infinity, -.infinity, .nan] {
      for axis in 0..<3 {
        var position = Vector3.zero
        position[axis] = x
        #expect(!PositionBounds.contain([.zero, position]))
        #expect(PositionBounds.defect(of: [.zero, position])?.contains("atom 2") == true)
      }
    }
    #expect(PositionBounds.defect(of: [.zero]) == nil)
  }

  @Test("labels of another method are marked as the initial geometry's when atoms move")
  func staleLabels() {
    var structure = Structure(elements: [], positions: [])
    structure.attributes = ["REF_energy", "sid", "reference_energy", "energy_unit", "stress"].map {
      Attribute(name: $0, text: "1")
    }
    structure.columns = [Column(name: "REF_forces", width: 3, values: .reals([]))]
    let moved = structure.withoutStaleResults()
    #expect(
      moved.attributes.map(\.name)
        == ["initial_REF_energy", "sid", "reference_energy", "energy_unit"])
    #expect(moved.columns.map(\.name) == ["initial_REF_forces"])
    // Moved once more, the first ones stay what they are.
    #expect(moved.withoutStaleResults() == moved)
    structure.attributes.append(Attribute(name: "initial_REF_energy", text: "0"))
    #expect(structure.withoutStaleResults().attributes[0].name == "initial_initial_REF_energy")
  }
}
