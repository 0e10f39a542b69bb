// SPDX-License-Identifier: MIT

import Forces
import RelaxNumerics
import StructureFiles
import Structures
import TestSupport
import Testing

@testable import Relaxation

/// Recorded runs of ASE 3.29 (LBFGS, BFGS, FIRE) and of ocp's L-BFGS in double precision.
struct RecordedSystem: Decodable {
  struct Run: Decodable {
    struct Parameters: Decodable {
      var alpha: Double?
      var memory: Int?
      var damping: Double?
      var maxstep: Double?
    }
    struct Step: Decodable {
      var positions: [[Double]]
      var forces: [[Double]]
    }
    var optimizer: String
    var dtype: String?
    var parameters: Parameters
    var steps: [Step]
    var reliable_steps: Int?
    var fmax_target: Double
    var max_steps: Int
    var converged: Bool?
    var n_steps: Int?

    var choice: OptimizerChoice? {
      switch (optimizer, dtype) {
      case ("LBFGS", _):
        .lbfgs(
          maxStep: parameters.maxstep ?? 0.2, memory: parameters.memory ?? 100,
          damping: parameters.damping ?? 1, curvature: parameters.alpha ?? 70, rule: .ase)
      case ("BFGS", _):
        .bfgs(maxStep: parameters.maxstep ?? 0.2, curvature: parameters.alpha ?? 70)
      case ("FIRE", _): .fire(maxStep: parameters.maxstep ?? 0.2)
      case ("ocp_batched_lbfgs", "float64"):
        .lbfgs(
          maxStep: parameters.maxstep ?? 0.04, memory: parameters.memory ?? 50,
          damping: parameters.damping ?? 1, curvature: parameters.alpha ?? 70, rule: .ocp2021)
      default: nil
      }
    }
  }
  struct Calculator: Decodable {
    var sigma: Double?
    var epsilon: Double?
    var rc: Double?
    var smooth: Bool?
  }
  var structure: String
  var calculator: String
  var calculator_parameters: Calculator
  var fixed: [Int]
  var runs: [Run]

  func makeProvider() throws -> any ForceProvider {
    guard calculator == "LennardJones" else { return EffectiveMediumTheory() }
    let (sigma, cutoff) = (calculator_parameters.sigma ?? 1, calculator_parameters.rc ?? 3)
    return try LennardJones(
      sigma: sigma, epsilon: calculator_parameters.epsilon ?? 1, cutoff: cutoff,
      onset: calculator_parameters.smooth == true ? 0.66 * cutoff : nil)
  }

  static let names = ["ar13_cluster", "cu111_fixed_ttf", "cu111_o_skew_emt", "cuau_bulk_emt"]

  static func load(_ name: String) throws -> RecordedSystem {
    try ReferenceData.json("optimizers/\(name).json", as: RecordedSystem.self)
  }
}

@Suite("Optimizers against recorded runs")
struct OptimizerGoldenTests {
  /// Feeding recorded positions and forces, each proposed position is the recorded next one.
  ///
  /// The goldens are rounded to nothing, so only the order of sums differs.
  @Test(
    "every step of every recorded run is proposed from its own past",
    arguments: RecordedSystem.names)
  func replay(name: String) throws {
    let system = try RecordedSystem.load(name)
    var replayed = 0
    for run in system.runs {
      guard let choice = run.choice else { continue }
      var optimizer = choice.makeOptimizer()
      let mobile = run.steps[0].positions.indices.filter { !system.fixed.contains($0) }
      for (step, next) in zip(run.steps, run.steps.dropFirst()) {
        let positions = mobile.map { vector(step.positions[$0]) }
        let forces = mobile.map { vector(step.forces[$0]) }
        let displacement = optimizer.displacement(positions: positions, forces: forces)
        for (k, atom) in mobile.enumerated() {
          let deviation = (positions[k] + displacement[k] - vector(next.positions[atom])).length
          #expect(deviation < 1e-9, "\(name) \(run.optimizer) atom \(atom)")
        }
        replayed += 1
      }
    }
    #expect(replayed > 100)
  }

  /// Whole runs with our own forces, over as many steps as do not depend on rounding: within 1e-9 Å
  /// over the first four fifths of them and 1e-8 Å to their end.
  @Test(
    "every recorded run is followed from its start to the end of what is reproducible",
    arguments: RecordedSystem.names)
  func wholeRuns(name: String) throws {
    let system = try RecordedSystem.load(name)
    var structure = try #require(ReferenceData.frames("optimizers/\(system.structure)").first)
    structure.moveMask = MoveMask(
      free: structure.positions.indices.map { !system.fixed.contains($0) })
    var runs = 0
    for run in system.runs {
      guard let choice = run.choice, let reliable = run.reliable_steps else { continue }
      structure.positions = run.steps[0].positions.map(vector)
      let settings = RelaxationSettings(
        fmax: run.fmax_target, maximumSteps: run.max_steps, optimizer: choice)
      var path: [[Vector3]] = []
      let result = try Relaxation(settings).run(
        structure, provider: try system.makeProvider(), observe: { path.append($0.positions) })
      try #require(path.count >= reliable)
      for k in 0..<reliable {
        let deviation =
          zip(path[k], run.steps[k].positions)
          .map { ($0 - vector($1)).length }.max() ?? .infinity
        let allowed = 5 * k < 4 * reliable ? 1e-9 : 1e-8
        #expect(deviation < allowed, "\(name) \(run.optimizer) step \(k)")
      }
      if let converged = run.converged, let steps = run.n_steps, reliable == run.steps.count {
        #expect((result.status == .converged) == converged)
        #expect(result.steps == steps)
      }
      runs += 1
    }
    #expect(runs == 5)
  }
}

func vector(_ components: [Double]) -> Vector3 {
  Vector3(components[0], components[1], components[2])
}
