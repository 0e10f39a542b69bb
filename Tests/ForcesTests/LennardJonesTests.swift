// SPDX-License-Identifier: MIT

import Foundation
import RelaxNumerics
import Structures
import TestSupport
import Testing

@testable import Forces

/// Energy and forces by plain loops over brute-force pairs.
private func reference(
  _ potential: LennardJones, _ positions: [Vector3], _ cell: Cell
) -> (energy: Double, forces: [Vector3]) {
  let (sigma, epsilon, cutoff) = (potential.sigma, potential.epsilon, potential.cutoff)
  func plain(_ r: Double) -> (u: Double, du: Double) {
    let s6 = pow(sigma / r, 6)
    return (4 * epsilon * (s6 * s6 - s6), -24 * epsilon * (2 * s6 * s6 - s6) / r)
  }
  var energy = 0.0
  var forces = [Vector3](repeating: .zero, count: positions.count)
  for (pair, vector) in bruteForcePairs(positions, cell, cutoff: cutoff) {
    let r = vector.length
    var (u, du) = plain(r)
    if let onset = potential.onset {
      if r > onset {
        let (c2, o2, r2) = (cutoff * cutoff, onset * onset, r * r)
        let value = (c2 - r2) * (c2 - r2) * (c2 + 2 * r2 - 3 * o2) / pow(c2 - o2, 3)
        let slope = 12 * r * (c2 - r2) * (o2 - r2) / pow(c2 - o2, 3)
        (u, du) = (value * u, value * du + slope * u)
      }
    } else {
      u -= plain(cutoff).u
    }
    energy += u / 2
    forces[pair.first] += du / r * vector
  }
  return (energy, forces)
}

private func evaluate(
  _ provider: some ForceProvider, _ structure: Structure
) throws -> (energy: Double, forces: [Vector3]) {
  let found = try evaluateOnce(provider, structure)
  return (try #require(found.energy), found.forces)
}

/// Random positions overlap, and forces of 10¹² eV/Å would drown every comparison; a small σ keeps
/// them tame.
private func potential(
  _ system: RandomSystem, smooth: Bool, kernels: KernelSet = .preferred
) throws -> LennardJones {
  try LennardJones(
    sigma: 0.4, epsilon: 0.3, cutoff: system.cutoff, onset: smooth ? 0.6 * system.cutoff : nil,
    kernels: kernels)
}

private func scale(_ forces: [Vector3]) -> Double { forces.map(\.length).max() ?? 0 }

@Suite struct LennardJonesTests {
  @Test(
    "Energy and forces are those of plain loops, in cells of every kind",
    arguments: RandomSystem.assorted(48, seed: 11), [false, true])
  func plainLoops(_ system: RandomSystem, smooth: Bool) throws {
    let provider = try potential(system, smooth: smooth)
    let found = try evaluate(provider, system.structure)
    let expected = reference(provider, system.positions, system.cell)
    // Sums in another order, and squared distances from other differences: relative 1e-11 of the
    // largest force.
    let tolerance = 1e-11 * max(1, scale(expected.forces))
    #expect(abs(found.energy - expected.energy) <= tolerance)
    for (f, e) in zip(found.forces, expected.forces) { #expect((f - e).length <= tolerance) }
  }

  @Test("Two atoms at the well's bottom: −ε less the shift, and no force")
  func dimer() throws {
    let r = 2.5 * pow(2.0, 1.0 / 6)
    let system = RandomSystem("dimer", [.zero, Vector3(0, r, 0)], .none, cutoff: 7.5)
    let provider = try LennardJones(sigma: 2.5, epsilon: 0.7)
    #expect(provider.cutoff == 7.5)
    let found = try evaluate(provider, system.structure)
    let shift = 4 * 0.7 * (pow(3.0, -12) - pow(3.0, -6))
    #expect(abs(found.energy - (-0.7 - shift)) < 1e-14)
    #expect(scale(found.forces) < 1e-13)
  }

  @Test("One atom alone, and no atoms")
  func alone() throws {
    let provider = try LennardJones(sigma: 2.5, epsilon: 0.7)
    let one = RandomSystem("one", [Vector3(3, 4, 5)], .none, cutoff: 3)
    #expect(try evaluate(provider, one.structure) == (0, [.zero]))
    #expect(try evaluate(provider, RandomSystem("", [], .none, cutoff: 3).structure).energy == 0)
  }

  @Test(
    "Forces are the slope of the energy, and sum to zero",
    arguments: RandomSystem.assorted(16, seed: 12))
  func finiteDifferences(_ system: RandomSystem) throws {
    let provider = try potential(system, smooth: true)
    let found = try evaluate(provider, system.structure)
    let largest = max(1, scale(found.forces))
    #expect(found.forces.reduce(.zero, +).length < 1e-11 * largest)
    let h = 1e-5
    for atom in system.positions.indices.prefix(6) {
      for axis in 0..<3 {
        var (up, down) = (system, system)
        up.positions[atom][axis] += h
        down.positions[atom][axis] -= h
        let slope =
          (try evaluate(provider, up.structure).energy
            - evaluate(provider, down.structure).energy) / (2 * h)
        // Central differences: h² times the third derivative, and rounding of E over h.
        #expect(abs(slope + found.forces[atom][axis]) < 2e-6 * largest)
      }
    }
  }

  @Test("Moving, wrapping and permuting atoms changes nothing")
  func symmetries() throws {
    for system in RandomSystem.assorted(24, seed: 13) {
      let provider = try potential(system, smooth: true)
      let found = try evaluate(provider, system.structure)
      // Positions some cells away lose a few digits, which r⁻¹³ multiplies.
      let tolerance = 1e-9 * max(1, scale(found.forces))
      var moved = system
      var random = SeededGenerator(seed: 4)
      let order = system.positions.indices.shuffled(using: &random)
      moved.positions = order.map { index in
        var offset = CellOffset()
        for axis in 0..<3 where system.cell.periodicity[axis] {
          offset[axis] = Int32.random(in: -3...3, using: &random)
        }
        return system.positions[index] + system.cell.translation(offset) + Vector3(0.3, -7, 2)
      }
      let other = try evaluate(provider, moved.structure)
      #expect(abs(found.energy - other.energy) < tolerance)
      for (k, index) in order.enumerated() {
        #expect((other.forces[k] - found.forces[index]).length < tolerance)
      }
    }
  }

  @Test("Every kernel set agrees with the portable one to 1e-12")
  func kernelSets() throws {
    for system in RandomSystem.assorted(24, seed: 14) {
      for smooth in [false, true] {
        // The portable set comes first.
        var portable: (energy: Double, forces: [Vector3])?
        try onEveryKernelSet { set in
          let provider = try potential(system, smooth: smooth, kernels: set)
          let found = try evaluate(provider, system.structure)
          let expected = portable ?? (found.energy, found.forces)
          portable = expected
          let tolerance = 1e-12 * max(1, scale(expected.forces))
          #expect(abs(found.energy - expected.energy) <= tolerance)
          for (f, e) in zip(found.forces, expected.forces) {
            #expect((f - e).length <= tolerance, "\(system.name), \(set)")
          }
        }
      }
    }
  }

  @Test("An evaluator that keeps its list gives what a fresh one gives")
  func keptList() throws {
    for system in RandomSystem.assorted(24, seed: 15) {
      let provider = try potential(system, smooth: false)
      var kept = try provider.makeEvaluator(for: system.structure)
      var moving = system
      var random = SeededGenerator(seed: 6)
      for _ in 0..<10 {
        let found = try kept.evaluate(moving.positions, moving.cell)
        let energy = try #require(found.energy)
        let fresh = try evaluate(provider, moving.structure)
        let tolerance = 1e-11 * max(1, scale(fresh.forces))
        #expect(abs(energy - fresh.energy) <= tolerance)
        for (f, e) in zip(found.forces, fresh.forces) { #expect((f - e).length <= tolerance) }
        for index in moving.positions.indices {
          moving.positions[index].x += random.uniform(0, 0.1)
        }
      }
    }
  }

  @Test(
    "Exploded positions are refused",
    arguments: [Double.nan, .infinity, 1e300])
  func exploded(_ x: Double) throws {
    let provider = try LennardJones(sigma: 2.5, epsilon: 0.7)
    let cell = Cell(Vector3(9, 0, 0), Vector3(0, 9, 0), Vector3(0, 0, 9))
    let system = RandomSystem("exploded", [.zero, Vector3(x, 0, 0)], cell, cutoff: 3)
    let error = #expect(throws: ForceError.self) { try evaluate(provider, system.structure) }
    guard case .impossibleGeometry(let reason) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(reason.contains("atom 2"))
  }

  @Test("The specification names every parameter in the shortest way")
  func specification() throws {
    #expect(
      try LennardJones(sigma: 2.338, epsilon: 0.4093, cutoff: 6).specification
        == "lj:sigma=2.338,epsilon=0.4093,cutoff=6.0")
    #expect(
      try LennardJones(sigma: 3.4, epsilon: 0.0104, cutoff: 10.2, onset: 6.75).specification
        == "lj:sigma=3.4,epsilon=0.0104,cutoff=10.2,onset=6.75")
    #expect(try LennardJones(sigma: 1, epsilon: 1).knownElements == nil)
  }

  @Test(
    "Parameters out of range are refused",
    arguments: [
      [0, 1, 3], [-1, 1, 3], [.nan, 1, 3], [1, 0, 3], [1, .infinity, 3], [1, 1, 0], [1, 1, -3],
      [1, 1, .nan], [1, 1, 1e12], [1, 1, 1.001e6], [1e6, 1], [1, 1, 3, 3], [1, 1, 3, 4],
      [1, 1, 3, 0], [1, 1, 3, .nan],
    ] as [[Double]])
  func refused(_ values: [Double]) {
    #expect(throws: ForceError.self) {
      try LennardJones(
        sigma: values[0], epsilon: values[1], cutoff: values.count > 2 ? values[2] : nil,
        onset: values.count > 3 ? values[3] : nil)
    }
  }
}
