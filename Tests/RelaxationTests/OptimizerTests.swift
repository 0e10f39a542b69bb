// SPDX-License-Identifier: MIT

import Forces
import Foundation
import RelaxNumerics
import TestSupport
import Testing

@testable import Relaxation

@Suite("Optimizers")
struct OptimizerTests {
  static let choices: [OptimizerChoice] = [
    .lbfgs(maxStep: 0.2, memory: 100, damping: 1, curvature: 70, rule: .ase),
    .lbfgs(maxStep: 0.04, memory: 5, damping: 0.8, curvature: 70, rule: .ocp2021),
    .guardedLBFGS(maxStep: 0.2, memory: 5, damping: 0.9, curvature: 70),
    .bfgs(maxStep: 0.2, curvature: 70),
    .fire(maxStep: 0.2),
  ]

  /// A bowl with different stiffness along each component.
  private func forces(_ positions: [Vector3]) -> [Vector3] {
    positions.enumerated().map { i, p in
      -Vector3(1 + Double(i), 4, 9) * p - 0.5 * p * p.lengthSquared
    }
  }

  private func start() -> [Vector3] {
    var generator = SeededGenerator(seed: 5)
    return (0..<4).map { _ in
      Vector3(generator.uniform(-1, 1), generator.uniform(-1, 1), generator.uniform(-1, 1))
    }
  }

  @Test("an optimizer encoded on the way continues with the same bytes", arguments: choices)
  func encoding(choice: OptimizerChoice) throws {
    func resumed<O: Optimizer>(_ optimizer: O) throws -> any Optimizer {
      try JSONDecoder().decode(O.self, from: JSONEncoder().encode(optimizer))
    }
    var straight = choice.makeOptimizer()
    var interrupted = choice.makeOptimizer()
    var (a, b) = (start(), start())
    for step in 0..<30 {
      let moveA = straight.displacement(positions: a, forces: forces(a))
      let moveB = interrupted.displacement(positions: b, forces: forces(b))
      for i in a.indices {
        a[i] += moveA[i]
        b[i] += moveB[i]
      }
      if step % 7 == 3 { interrupted = try resumed(interrupted) }
    }
    #expect(a == b)
  }

  @Test("no atom moves farther than the largest step", arguments: choices)
  func cap(choice: OptimizerChoice) {
    var optimizer = choice.makeOptimizer()
    var positions = start().map { $0 * 50 }
    for _ in 0..<20 {
      let step = optimizer.displacement(positions: positions, forces: forces(positions))
      let limit =
        switch choice {
        case .lbfgs(let most, _, let damping, _, _): most * damping
        case .guardedLBFGS(let most, _, let damping, _): most * damping
        case .bfgs(let most, _), .fire(let most): most
        }
      #expect(step.largestLength <= limit * (1 + 1e-12))
      for i in positions.indices { positions[i] += step[i] }
    }
  }

  @Test("the first step is the force over the curvature, cut as a whole")
  func firstStep() {
    var optimizer = LBFGS()
    let forces = [Vector3(7, 0, 0), Vector3(0, 28, 0)]
    let step = optimizer.displacement(positions: [.zero, Vector3(3, 0, 0)], forces: forces)
    // 28/70 = 0.4 Å is cut to 0.2 Å, and the other atom with it.
    #expect((step[0] - Vector3(0.05, 0, 0)).length < 1e-15)
    #expect((step[1] - Vector3(0, 0.2, 0)).length < 1e-15)
  }

  @Test("damping acts after the cut")
  func damping() {
    var optimizer = LBFGS(damping: 0.5)
    let step = optimizer.displacement(positions: [.zero], forces: [Vector3(70, 0, 0)])
    #expect((step[0] - Vector3(0.1, 0, 0)).length < 1e-15)
  }

  @Test("ocp's rule stays where no component would move 1e-7 Å, and forgets the point")
  func noMove() {
    var optimizer = LBFGS(rule: .ocp2021)
    let tiny = optimizer.displacement(positions: [.zero], forces: [Vector3(1e-6, 0, 0)])
    #expect(tiny == [.zero])
    var fresh = LBFGS(rule: .ocp2021)
    let forces = [Vector3(0.7, 0, 0)]
    #expect(
      optimizer.displacement(positions: [.zero], forces: forces)
        == fresh.displacement(positions: [.zero], forces: forces))
  }

  @Test("what compares energies is refused for forces that are not the gradient of one")
  func lineSearches() throws {
    let direct = Whirl(centers: [.zero], stiffness: 1, rotation: 1)
    let springs = Springs(centers: [.zero])
    for name in OptimizerName.available {
      try name.requireSuited(to: direct)
      #expect(!name.needsConservativeForces)
    }
    for name in [OptimizerName.lbfgsLineSearch, .bfgsLineSearch] {
      try name.requireSuited(to: springs)
      #expect(throws: SettingsError.needsConservativeForces(name, provider: "whirl")) {
        try name.requireSuited(to: direct)
      }
      #expect(throws: SettingsError.needsConservativeForces(name, provider: "springs+whirl")) {
        try name.requireSuited(to: SumOfProviders([springs, direct]))
      }
      for scheme in Scheme.allCases {
        #expect(throws: SettingsError.noLineSearch(name)) { try scheme.optimizer(name, memory: 3) }
      }
    }
  }

  @Test("settings that a scheme or optimizer does not have are refused")
  func refusals() {
    #expect(throws: SettingsError.optimizerNotInScheme(.fire, .ocp2021)) {
      try Scheme.ocp2021.optimizer(.fire)
    }
    #expect(throws: SettingsError.optimizerNotInScheme(.bfgs, .robust)) {
      try Scheme.robust.optimizer(.bfgs)
    }
    #expect(throws: SettingsError.settingNotInOptimizer("memory", .fire)) {
      try Scheme.ase.optimizer(.fire, memory: 3)
    }
    #expect(throws: SettingsError.settingNotInOptimizer("curvature", .fire)) {
      try Scheme.ase.optimizer(.fire, curvature: 3)
    }
    #expect(throws: SettingsError.settingNotInOptimizer("damping", .bfgs)) {
      try Scheme.ase.optimizer(.bfgs, damping: 1)
    }
    #expect(throws: SettingsError.notPositive("max-step", "-1.0")) {
      try Scheme.ase.optimizer(.lbfgs, maxStep: -1)
    }
    #expect(throws: SettingsError.notPositive("memory", "0")) {
      try Scheme.ase.optimizer(.lbfgs, memory: 0)
    }
  }
}
