// SPDX-License-Identifier: MIT

import Foundation
import RelaxNumerics
import Structures
import TestSupport
import Testing

@testable import Forces

/// ASE's Lennard-Jones relaxations, as recorded in the developers' reference data.
private struct Recording: Decodable {
  struct Parameters: Decodable { var sigma: Double, epsilon: Double, rc: Double, smooth: Bool }
  struct Step: Decodable { var positions: [[Double]], energy: Double?, forces: [[Double]] }
  struct Run: Decodable { var steps: [Step] }
  var calculator_parameters: Parameters
  var energy0: Double
  var forces0_unconstrained: [[Double]]
  var fixed: [Int]
  var runs: [Run]
}

private func vectors(_ rows: [[Double]]) -> [Vector3] { rows.map { Vector3($0[0], $0[1], $0[2]) } }

@Suite struct LennardJonesReferenceTests {
  @Test(
    "Energies and forces along ASE's relaxations",
    arguments: ["ar13_cluster", "cu111_fixed_ttf"])
  func recorded(_ name: String) throws {
    let recording = try ReferenceData.json("optimizers/\(name).json", as: Recording.self)
    var structure = try #require(ReferenceData.frames("optimizers/\(name).xyz").first)
    let parameters = recording.calculator_parameters
    let provider = try LennardJones(
      sigma: parameters.sigma, epsilon: parameters.epsilon, cutoff: parameters.rc,
      onset: parameters.smooth ? 0.66 * parameters.rc : nil)

    let initial = vectors(try #require(recording.runs.first?.steps.first).positions)
    structure.positions = initial
    var evaluator = try provider.makeEvaluator(for: structure)
    let first = try evaluator.evaluate(initial, structure.cell)
    #expect(abs(try #require(first.energy) - recording.energy0) <= 1e-10)
    for (f, e) in zip(first.forces, vectors(recording.forces0_unconstrained)) {
      #expect((f - e).length <= 1e-9)
    }
    for run in recording.runs {
      // The batched runs have no energies, and positions in single precision.
      for step in run.steps where step.energy != nil {
        let found = try evaluator.evaluate(vectors(step.positions), structure.cell)
        #expect(abs(try #require(found.energy) - (step.energy ?? 0)) <= 1e-10)
        for (atom, expected) in vectors(step.forces).enumerated()
        where !recording.fixed.contains(atom) {
          #expect((found.forces[atom] - expected).length <= 1e-9)
        }
      }
    }
  }
}
