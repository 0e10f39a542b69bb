// SPDX-License-Identifier: MIT

import RelaxNumerics
import TestSupport
import Testing

@testable import Structures

/// Estimates against what a search finds.
@Suite("Estimates of pairs")
struct PairEstimateTests {
  /// A crystal of simple cubes of 2.5 Å, `repeats` along each axis.
  private func crystal(
    _ repeats: SIMD3<Int>, periodicity: Periodicity
  ) -> (positions: [Vector3], cell: Cell) {
    let a = 2.5
    var positions: [Vector3] = []
    for x in 0..<repeats.x {
      for y in 0..<repeats.y {
        for z in 0..<repeats.z {
          positions.append(a * Vector3(Double(x), Double(y), Double(z)))
        }
      }
    }
    let cell = Cell(
      Vector3(a * Double(repeats.x), 0, 0), Vector3(0, a * Double(repeats.y), 0),
      Vector3(0, 0, a * Double(repeats.z)), periodicity: periodicity)
    return (positions, cell)
  }

  private func count(_ positions: [Vector3], _ cell: Cell, _ reach: Double) throws -> Double {
    Double(try NeighborPairs(positions: positions, cell: cell, cutoff: reach).j.count)
  }

  @Test(
    "in a crystal, small or large, they are what a search finds",
    arguments: [SIMD3(1, 1, 1), SIMD3(2, 1, 3), SIMD3(4, 4, 4), SIMD3(7, 5, 6)])
  func crystals(repeats: SIMD3<Int>) throws {
    let (positions, cell) = crystal(repeats, periodicity: .all)
    for reach in [3.0, 5.6, 9.1, 20.3] {
      let found = try count(positions, cell, reach)
      let estimate = PairEstimate(positions: positions, cell: cell, reach: reach)
      #expect(
        abs(estimate.pairs - found) <= 1e-9 * found,
        "reach \(reach): \(estimate.pairs) for \(found)")
      #expect(estimate.points >= Double(positions.count))
    }
  }

  @Test(
    "in clusters, wires and slabs they are no less than a search finds, and no more than half as much again"
  )
  func surfaces() throws {
    for periodicity in [
      Periodicity.none, Periodicity(true, false, false), Periodicity(true, true, false),
    ] {
      let (positions, cell) = crystal(SIMD3(12, 11, 4), periodicity: periodicity)
      let found = try count(positions, cell, 6)
      let estimate = PairEstimate(positions: positions, cell: cell, reach: 6)
      #expect((0.95 * found...1.5 * found).contains(estimate.pairs), "\(estimate.pairs), \(found)")
    }
  }

  @Test("where very many images are near, they are as many as the volume says")
  func crowds() throws {
    let (positions, cell) = crystal(SIMD3(1, 1, 1), periodicity: .all)
    let found = try count(positions, cell, 100)
    let estimate = PairEstimate(positions: positions, cell: cell, reach: 100)
    #expect(estimate.pairs != found)
    #expect(abs(estimate.pairs - found) < 0.02 * found, "\(estimate.pairs), \(found)")
  }

  @Test("images are those that a search makes")
  func images() throws {
    let (positions, cell) = crystal(SIMD3(6, 6, 2), periodicity: Periodicity(true, true, false))
    let images = try PeriodicImages(positions: positions, cell: cell, reach: 6)
    let estimate = PairEstimate(positions: positions, cell: cell, reach: 6)
    #expect(abs(estimate.points / Double(images.owners.count) - 1) < 0.25)
  }

  @Test("no atoms, one atom, and reaches beyond what a search lists")
  func bounds() {
    let cell = Cell(Vector3(3, 0, 0), Vector3(0, 3, 0), Vector3(0, 0, 3))
    #expect(PairEstimate(positions: [], cell: cell, reach: 5).pairs == 0)
    #expect(PairEstimate(positions: [.zero], cell: .none, reach: 5).pairs == 0)
    let far = PairEstimate(positions: [.zero], cell: cell, reach: 1e5)
    #expect(far.pairs <= Double(TooManyNeighbors.mostPairs(atoms: 1)))
    #expect(far.points <= Double(TooManyNeighbors.mostPoints(atoms: 1)))
  }
}
