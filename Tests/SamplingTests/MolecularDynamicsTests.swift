// SPDX-License-Identifier: MIT

import Forces
import Foundation
import RelaxNumerics
import Structures
import TestSupport
import Testing

@testable import Sampling

@Suite("Molecular dynamics") struct MolecularDynamicsTests {
  private static func element(_ symbol: String) throws -> Element {
    try #require(Element(symbol: symbol))
  }

  @Test("An oscillator swings as its closed form says, with an error that falls as Δt²")
  func oscillator() throws {
    let k = 3.0
    let structure = Structure(
      elements: [try Self.element("O")], positions: [Vector3(0.3, -0.1, 0.2)])
    // ω in 1/fs: eV/Å² over u, 9.648 533 212e-3 Å²·u/fs² being an eV.
    let frequency = (k / 15.999 * 9.648_533_212_331e-3).squareRoot()
    func error(_ timestep: Double) throws -> Double {
      var dynamics = try MolecularDynamics(
        structure, velocities: [.zero], provider: Springs(stiffness: k))
      for _ in 0..<Int(40 / timestep) { try dynamics.step(timestep) }
      return (dynamics.positions[0] - cos(frequency * 40) * structure.positions[0]).length
    }
    let errors = try [2.0, 1, 0.5].map(error)
    #expect(errors[2] < 1e-3)
    #expect(abs(errors[0] / errors[1] - 4) < 0.2 && abs(errors[1] / errors[2] - 4) < 0.2)
  }

  @Test("Run backwards, it comes back; energy is kept")
  func reversible() throws {
    var generator = SeededGenerator(seed: 3)
    let structure = try Self.dimers(&generator)
    let provider = try ProviderCatalog.analytic.provider("emt-morse")
    let velocities = MolecularDynamics.velocities(
      of: structure, temperature: 300, &generator)
    var dynamics = try MolecularDynamics(structure, velocities: velocities, provider: provider)
    let before = try #require(dynamics.energy) + dynamics.kineticEnergy
    for _ in 0..<100 { try dynamics.step(0.5) }
    let after = try #require(dynamics.energy) + dynamics.kineticEnergy
    #expect(abs(after - before) < 2e-3 * dynamics.kineticEnergy)
    #expect((dynamics.positions[1] - structure.positions[1]).length > 1e-2)
    var back = Structure(elements: structure.elements, positions: dynamics.positions)
    back.moveMask = structure.moveMask
    dynamics = try MolecularDynamics(
      back, velocities: dynamics.velocities.map { -1 * $0 }, provider: provider)
    for _ in 0..<100 { try dynamics.step(0.5) }
    for (a, b) in zip(dynamics.positions, structure.positions) { #expect((a - b).length < 1e-9) }
    #expect(dynamics.positions[0] == structure.positions[0])
  }

  /// CO twice, the first atom fixed.
  private static func dimers(_ generator: inout SeededGenerator) throws -> Structure {
    let (c, o) = (try element("C"), try element("O"))
    return Structure(
      elements: [c, o, c, o],
      positions: [
        .zero, Vector3(1.2, 0, 0), Vector3(0, 4, 0), Vector3(0, 4, 1.15),
      ], moveMask: MoveMask(free: [false, true, true, true]))
  }

  @Test("Velocities have the temperature, whatever the mass; fixed atoms have none")
  func temperature() throws {
    let (h, pt) = (try Self.element("H"), try Self.element("Pt"))
    let count = 20_000
    let elements = (0..<count).map { $0 % 2 == 0 ? h : pt }
    let structure = Structure(
      elements: elements, positions: Array(repeating: .zero, count: count),
      moveMask: MoveMask(free: (0..<count).map { $0 % 4 < 2 }))
    var generator = SeededGenerator(seed: 1)
    let velocities = MolecularDynamics.velocities(
      of: structure, temperature: 900, &generator)
    for (kind, first) in [(h, 0), (pt, 1)] {
      let free = stride(from: first, to: count, by: 4).map { velocities[$0] }
      // m v² per component is kT; u·Å²/fs² is 103.6427 eV, k 8.617333e-5 eV/K.
      for axis in 0..<3 {
        let mean = free.reduce(0) { $0 + $1[axis] * $1[axis] } / Double(free.count)
        let temperature = mean * kind.mass * 103.642_697 / 8.617_333e-5
        #expect(abs(temperature - 900) < 900 * 4 * (2 / Double(free.count)).squareRoot())
      }
    }
    #expect((0..<count).allSatisfy { $0 % 4 < 2 || velocities[$0] == .zero })
  }
}
