// SPDX-License-Identifier: MIT

import Foundation
import RelaxNumerics
import Structures
import TestSupport
import Testing

@testable import Forces

@Suite("Effective medium theory")
struct EffectiveMediumTests {
  private static let symbols = ["Al", "Ni", "Cu", "Pd", "Ag", "Pt", "Au", "H", "C", "N", "O"]
  private static let structures = mixedStructures(60, of: symbols, seed: 31)
  private let provider = EffectiveMediumTheory()

  private func element(_ symbol: String) throws -> Element {
    try #require(Element(symbol: symbol))
  }

  @Test("every kernel set agrees with plain loops within 1e-12 of what is summed")
  func plainLoops() throws {
    for (index, structure) in Self.structures.enumerated() {
      let expected = EffectiveMediumReference(structure)
      try onEveryKernelSet { set in
        let found = try evaluateOnce(EffectiveMediumTheory(kernels: set), structure)
        let energy = try #require(found.energy)
        #expect(
          abs(energy - expected.energy) <= 1e-12 * expected.energyScale, "\(index) \(set.name)")
        let worst = zip(found.forces, expected.forces).map { ($0 - $1).length }.max() ?? 0
        #expect(worst <= 1e-12 * max(1, expected.forceScale), "\(index) \(set.name)")
      }
    }
  }

  @Test("the virial is that of plain loops, and asking for it changes no bit of anything else")
  func virial() throws {
    for (index, structure) in Self.structures.enumerated() {
      let expected = EffectiveMediumReference(structure)
      let elements = Set(structure.elements).sorted()
      let species = structure.elements.map { elements.firstIndex(of: $0) ?? 0 }
      try onEveryKernelSet { set in
        var list = VerletList(cutoff: EffectiveMediumTheory.cutoff, skin: 0.3, kernels: set)
        try list.update(positions: structure.positions, cell: structure.cell)
        var sums = EffectiveMediumSums(
          EffectiveMediumTheory.constants(of: elements), species: species)
        sums.adopt(list.rows, owners: list.owners)
        var plain = [Vector3](repeating: .zero, count: structure.count)
        let energy = sums.evaluate(
          coordinates: list.rows.coordinates, forces: &plain, kernels: set)
        var forces = plain
        var virial = SymmetricTensor.zero
        let again = sums.evaluate(
          coordinates: list.rows.coordinates, forces: &forces, virial: &virial, kernels: set)
        #expect(again == energy && forces == plain, "\(index) \(set.name)")
        let scale = max(1, expected.forceScale) * EffectiveMediumTheory.cutoff
        for (found, expected) in zip(virial.voigt, expected.virial.voigt) {
          #expect(abs(found - expected) <= 1e-12 * scale, "\(index) \(set.name)")
        }
      }
    }
  }

  @Test("forces are the slope of the energy")
  func finiteDifferences() throws {
    var random = SeededGenerator(seed: 32)
    let step = 1e-4
    for (index, structure) in Self.structures.enumerated() where structure.count > 1 {
      let found = try evaluateOnce(provider, structure)
      var evaluator = try provider.makeEvaluator(for: structure)
      for _ in 0..<6 {
        let atom = Int(random.next() % UInt64(structure.count))
        let axis = Int(random.next() % 3)
        var positions = structure.positions
        positions[atom][axis] += step
        let above = try #require(try evaluator.evaluate(positions, structure.cell).energy)
        positions[atom][axis] -= 2 * step
        let below = try #require(try evaluator.evaluate(positions, structure.cell).energy)
        let slope = (above - below) / (2 * step)
        // The step's own error is some (step / Å)² of the steepest force; atoms that lie within
        // 0.1 Å of each other, as some here do, make it larger.
        let scale = found.forces.map(\.length).max() ?? 0
        #expect(
          abs(found.forces[atom][axis] + slope) <= 2e-5 * max(1, scale), "\(index), atom \(atom)")
      }
    }
  }

  @Test("forces sum to zero")
  func newtonsThirdLaw() throws {
    for structure in Self.structures {
      let forces = try evaluateOnce(provider, structure).forces
      let scale = forces.reduce(1) { $0 + $1.length }
      #expect(forces.reduce(.zero, +).length <= 1e-13 * scale)
    }
  }

  @Test("moving all atoms, wrapping one or shuffling them changes nothing")
  func invariance() throws {
    var random = SeededGenerator(seed: 33)
    for structure in Self.structures {
      let expected = try evaluateOnce(provider, structure)
      let scale = EffectiveMediumReference(structure)
      let order = (0..<structure.count).shuffled(using: &random)
      let shift = Vector3(random.uniform(-9, 9), random.uniform(-9, 9), random.uniform(-9, 9))
      var moved = structure
      moved.elements = order.map { structure.elements[$0] }
      moved.positions = order.map { structure.positions[$0] + shift }
      let periodicity = structure.cell.periodicity
      moved.positions[0] += structure.cell.translation(
        CellOffset(periodicity.a ? 2 : 0, periodicity.b ? -1 : 0, periodicity.c ? 1 : 0))
      let found = try evaluateOnce(provider, moved)
      let (a, b) = (try #require(found.energy), try #require(expected.energy))
      // Positions some 50 Å from the origin are rounded by 1e-14 Å.
      #expect(abs(a - b) <= 1e-12 * (scale.energyScale + scale.forceScale))
      for (k, atom) in order.enumerated() {
        let difference = (found.forces[k] - expected.forces[atom]).length
        #expect(difference <= 1e-11 * max(1, scale.forceScale))
      }
    }
  }

  @Test("a list kept along a random walk gives what a fresh one gives")
  func keptList() throws {
    var random = SeededGenerator(seed: 34)
    for structure in Self.structures.suffix(8) {
      var evaluator = try provider.makeEvaluator(for: structure)
      var walker = structure
      for _ in 0..<30 {
        for atom in walker.positions.indices {
          walker.positions[atom] +=
            0.05 * Vector3(random.uniform(-1, 1), random.uniform(-1, 1), random.uniform(-1, 1))
        }
        let found = try evaluator.evaluate(walker.positions, walker.cell)
        let energy = try #require(found.energy)
        let fresh = try evaluateOnce(provider, walker)
        #expect(abs(energy - (try #require(fresh.energy))) <= 1e-11)
        for (a, b) in zip(found.forces, fresh.forces) { #expect((a - b).length <= 1e-10) }
      }
    }
  }

  @Test("an atom without neighbours has the energy -E0 and no force")
  func isolatedAtoms() throws {
    for symbol in Self.symbols {
      let atom = try element(symbol)
      let e0 = try #require(EffectiveMediumTheory.parameters[atom]).e0
      let alone = Structure(elements: [atom], positions: [Vector3(1, 2, 3)])
      #expect(try evaluateOnce(provider, alone).energy == -e0)
      #expect(try evaluateOnce(provider, alone).forces == [.zero])
      let boxed = Structure(
        elements: [atom], positions: [.zero],
        cell: Cell(Vector3(6, 0, 0), Vector3(0, 6, 0), Vector3(0, 0, 6)))
      #expect(try evaluateOnce(provider, boxed).energy == -e0)
    }
    let copper = try element("Cu")
    let pair = Structure(elements: [copper, copper], positions: [.zero, Vector3(0, 6, 0)])
    #expect(try evaluateOnce(provider, pair).energy == 7.02)
    let empty = Structure(elements: [], positions: [])
    #expect(try evaluateOnce(provider, empty).energy == 0)
  }

  @Test("atoms exactly at the cutoff do not see each other, any nearer they do")
  func strictCutoff() throws {
    let copper = try element("Cu")
    func energy(_ distance: Double) throws -> Double? {
      try evaluateOnce(
        provider,
        Structure(elements: [copper, copper], positions: [.zero, Vector3(distance, 0, 0)])
      ).energy
    }
    let cutoff = EffectiveMediumTheory.cutoff
    #expect(abs(cutoff - 5.876798323827276) <= 1e-14)
    #expect(try energy(cutoff) == 7.02)
    #expect(try energy(cutoff.nextDown) != 7.02)
  }

  @Test("unknown elements are refused by name before anything is computed")
  func unknownElements() throws {
    let (iron, copper, zinc) = (try element("Fe"), try element("Cu"), try element("Zn"))
    let structure = Structure(
      elements: [zinc, copper, iron, iron],
      positions: (0..<4).map { Vector3(2.5 * Double($0), 0, 0) })
    for text in ["emt", "emt-morse"] {
      let provider = try ProviderCatalog.analytic.provider(text)
      let known = try Self.symbols.map { try element($0) }.sorted()
      #expect(throws: ForceError.unknownElements([iron, zinc], provider: text, known: known)) {
        try provider.makeEvaluator(for: structure)
      }
    }
  }

  @Test("overlapping atoms and positions that are not numbers do not crash")
  func overlap() throws {
    let (copper, oxygen) = (try element("Cu"), try element("O"))
    var structure = Structure(
      elements: [copper, oxygen, copper], positions: [.zero, .zero, Vector3(0, 0, 2)])
    try onEveryKernelSet { set in
      let provider = EffectiveMediumTheory(kernels: set)
      structure.positions[2].z = 2
      let found = try evaluateOnce(provider, structure)
      #expect(found.energy != nil)
      for bad in [Double.nan, .infinity] {
        structure.positions[2].z = bad
        #expect(throws: ForceError.impossibleGeometry("the position of atom 3 is not finite")) {
          try evaluateOnce(provider, structure)
        }
      }
    }
  }
}
