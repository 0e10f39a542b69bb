// SPDX-License-Identifier: MIT

import Foundation
import RelaxNumerics
import Structures
import TestSupport
import Testing

@testable import Forces

/// ASE's numbers for its own calculator, recorded along relaxations.
@Suite("Effective medium theory against ASE")
struct EffectiveMediumGoldenTests {
  /// What the recordings hold of a run.
  private struct Recording: Decodable {
    struct Run: Decodable {
      struct Step: Decodable {
        var positions: [[Double]]
        var forces: [[Double]]
        var energy: Double?
        var energies: [Double]?
      }
      var optimizer: String
      var dtype: String?
      var steps: [Step]
    }
    var structure: String
    var fixed: [Int]
    var energy0: Double
    var forces0Unconstrained: [[Double]]
    var runs: [Run]

    enum CodingKeys: String, CodingKey {
      case structure, fixed, energy0, runs
      case forces0Unconstrained = "forces0_unconstrained"
    }
  }

  @Test(
    "every recorded step has ASE's energy within 1e-10 eV and forces within 1e-9 eV/Å",
    arguments: ["cu111_o_skew_emt", "cuau_bulk_emt"])
  func recordings(name: String) throws {
    let recording = try ReferenceData.json("optimizers/\(name).json", as: Recording.self)
    let start = try #require(ReferenceData.frames("optimizers/" + recording.structure).first)
    var evaluator = try EffectiveMediumTheory().makeEvaluator(for: start)
    let first = try evaluator.evaluate(start.positions, start.cell)
    #expect(abs(try #require(first.energy) - recording.energy0) <= 1e-10)
    #expect(largestDifference(first.forces, recording.forces0Unconstrained) <= 1e-9)
    // Runs in single precision moved and evaluated rounded positions.
    for run in recording.runs where run.dtype != "float32" {
      for step in run.steps {
        let positions = step.positions.map { Vector3($0[0], $0[1], $0[2]) }
        let found = try evaluator.evaluate(positions, start.cell)
        let energy = try #require(found.energy)
        for recorded in try #require(step.energies ?? step.energy.map { [$0] }) {
          #expect(abs(energy - recorded) <= 1e-10)
        }
        // Recorded forces are those that the optimizer saw, zero on fixed atoms.
        var seen = found.forces
        for atom in recording.fixed { seen[atom] = .zero }
        #expect(largestDifference(seen, step.forces) <= 1e-9)
      }
    }
  }

  @Test(
    "every frame of the EMT+Morse trajectories has its energy and forces",
    arguments: ["val_id", "val_ood_ads", "val_ood_cat", "val_ood_both"])
  func trajectories(split: String) throws {
    let folder = "emt_mini/trajectories_\(split)"
    var frameCount = 0
    var worst = (energy: 0.0, force: 0.0)
    for file in try ReferenceData.names(in: folder) {
      let frames = try ReferenceData.frames(folder + "/" + file)
      let first = try #require(frames.first)
      var evaluator = try SumOfProviders.effectiveMediumWithBonds().makeEvaluator(for: first)
      for frame in frames {
        let found = try evaluator.evaluate(frame.positions, frame.cell)
        let energy = try #require(found.energy)
        worst.energy = max(worst.energy, abs(energy - (try #require(frame.energy))))
        let recorded = try #require(frame.forces)
        worst.force = max(
          worst.force, zip(found.forces, recorded).map { ($0 - $1).length }.max() ?? 1)
        frameCount += 1
      }
    }
    #expect(frameCount > 400)
    // Energies and forces were written with 12 decimals.
    #expect(worst.energy <= 1e-10)
    #expect(worst.force <= 1e-9)
  }

  private func largestDifference(_ forces: [Vector3], _ recorded: [[Double]]) -> Double {
    guard forces.count == recorded.count else { return .infinity }
    return zip(forces, recorded).reduce(0) { worst, pair in
      let d = pair.0 - Vector3(pair.1[0], pair.1[1], pair.1[2])
      return max(worst, abs(d.x), abs(d.y), abs(d.z))
    }
  }
}
