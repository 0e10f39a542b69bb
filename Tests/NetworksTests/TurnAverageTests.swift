// SPDX-License-Identifier: MIT

import Forces
import Networks
import RelaxNumerics
import Structures
import TestSupport
import Testing

@testable import ReferenceNetworks

/// Forces averaged over turns about the surface normal.
@Suite("Averages over turns") struct TurnAverageTests {
  private func provider(
    _ model: NetworkModel, turns: Int, shortcuts: Bool = true
  ) throws -> NetworkProvider {
    var options = NetworkProvider.Options()
    (options.turns, options.usesShortcuts) = (turns, shortcuts)
    return try NetworkProvider(model, specification: "a network", options: options)
  }

  @Test("are means of turned evaluations, turned back", arguments: SmallNetwork.all)
  func mean(_ network: SmallNetwork) throws {
    let (model, structure) = (network.model, NetworkSamples.slab(seed: 8))
    let plain = try NetworkProvider.of(model)
    for turns in [2, 3, 4] {
      var forces = [Vector3](repeating: .zero, count: structure.count)
      var energies: [Double] = []
      for step in 0..<turns {
        let angle = 2 * Double.pi * Double(step) / Double(turns)
        let one = try plain.evaluate(SurfaceRotation(radians: angle)(structure))
        for atom in forces.indices {
          forces[atom] += SurfaceRotation(radians: -angle)(one.forces[atom])
        }
        if let energy = one.energy { energies.append(energy) }
      }
      let found = try provider(model, turns: turns).evaluate(structure)
      let expected = forces.map { $0 / Double(turns) }
      let scale = max(1, expected.longest)
      #expect(found.forces.largestDifference(expected) < 3e-5 * scale)
      #expect((found.energy == nil) == energies.isEmpty)
      if let energy = found.energy {
        #expect(abs(energy - energies.reduce(0, +) / Double(turns)) < 1e-4 * max(1, abs(energy)))
      }
    }
  }

  @Test("turn along with each of their steps, where the network alone does not")
  func turnsAlong() throws {
    let (model, structure) = (SmallNetwork.plain.model, NetworkSamples.slab(seed: 9))
    func deviation(turns: Int, by rotation: SurfaceRotation) throws -> Double {
      let provider = try provider(model, turns: turns)
      let straight = try provider.evaluate(structure).forces
      let turned = try provider.evaluate(rotation(structure)).forces
      return turned.map { rotation.inverse($0) }.largestDifference(straight) / straight.longest
    }
    for turns in [2, 3, 4, 8] {
      for step in 1..<turns {
        let rotation = SurfaceRotation(step: step, of: turns)
        #expect(try deviation(turns: turns, by: rotation) < 1e-4, "\(step) of \(turns)")
        #expect(try deviation(turns: 1, by: rotation) > 1e-2, "\(step) of \(turns)")
      }
    }
  }

  @Test("do not depend on shortcuts, nor on what was evaluated before")
  func shortcuts() throws {
    let (model, structure) = (SmallNetwork.plain.model, NetworkSamples.slab(seed: 10))
    var kept = try provider(model, turns: 3).walker(structure)
    var positions = structure.positions
    for atom in structure.freeAtoms {
      positions[atom] += Vector3(0.2, -0.1, 0.3)
      let found = try kept.freeAtoms(positions)
      #expect(found.coverage == .free)
      let fresh = try provider(model, turns: 3, shortcuts: false)
      var evaluator = try fresh.walker(structure)
      let expected = try evaluator.all(positions)
      for free in structure.freeAtoms { #expect(found.forces[free] == expected.forces[free]) }
    }
  }

  @Test("are over as many turns as the model says, unless others are asked for")
  func ofModel() throws {
    var model = SmallNetwork.plain.model
    let structure = NetworkSamples.slab(seed: 10)
    let plain = try NetworkProvider.of(model).evaluate(structure)
    let four = try provider(model, turns: 4).evaluate(structure)
    model.turns = 4
    #expect(try NetworkProvider.of(model).evaluate(structure) == four)
    #expect(try provider(model, turns: 1).evaluate(structure) == plain)
    #expect(four != plain)
  }

  @Test("of positions that are no numbers are refused")
  func notNumbers() throws {
    let structure = NetworkSamples.slab(seed: 10)
    var evaluator = try provider(SmallNetwork.plain.model, turns: 4).walker(structure)
    var positions = structure.positions
    positions[0].x = .nan
    #expect(throws: ForceError.impossibleGeometry("the position of atom 1 is not finite")) {
      try evaluator.all(positions)
    }
  }
}
