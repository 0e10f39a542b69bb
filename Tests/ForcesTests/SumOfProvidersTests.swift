// SPDX-License-Identifier: MIT

import RelaxNumerics
import Structures
import TestSupport
import Testing

@testable import Forces

@Suite("Sums of providers")
struct SumOfProvidersTests {
  /// A constant force along x on every atom, with an energy or without one.
  private struct Push: ForceProvider {
    var strength: Double
    var energy: Double?
    var knownElements: Set<Element>?
    var specification: String { "push" }

    struct PushEvaluator: Evaluator {
      var push: Push
      mutating func evaluate(_ positions: [Vector3], forces: inout [Vector3]) -> Double? {
        for atom in forces.indices { forces[atom] = Vector3(push.strength, 0, 0) }
        return push.energy
      }
    }

    func makeEvaluator(for structure: Structure) throws -> any Evaluator {
      PushEvaluator(push: self)
    }
  }

  private func elements(_ symbols: String...) -> Set<Element> {
    Set(symbols.compactMap { Element(symbol: $0) })
  }

  @Test("energies and forces add up")
  func sum() throws {
    for structure in mixedStructures(16, of: ["Cu", "Al", "H", "C", "O"], seed: 51) {
      let terms: [any ForceProvider] = [
        EffectiveMediumTheory(), MorseBonds(), Push(strength: 0.5, energy: 2),
      ]
      let found = try evaluateOnce(SumOfProviders(terms), structure)
      let parts = try terms.map { try evaluateOnce($0, structure) }
      let energy = parts.reduce(0) { $0 + ($1.energy ?? .nan) }
      #expect(found.energy == energy)
      for atom in found.forces.indices {
        #expect(found.forces[atom] == parts.reduce(.zero) { $0 + $1.forces[atom] })
      }
    }
  }

  @Test("a term without an energy leaves the sum without one")
  func noEnergy() throws {
    let structure = Structure(
      elements: Array(elements("Cu")), positions: [Vector3(1, 2, 3)])
    let push = Push(strength: 1, energy: nil)
    for terms: [any ForceProvider] in [[push, MorseBonds()], [MorseBonds(), push]] {
      let found = try evaluateOnce(SumOfProviders(terms), structure)
      #expect(found.energy == nil)
      #expect(found.forces == [Vector3(1, 0, 0)])
    }
  }

  @Test("it knows the elements that all terms know")
  func knownElements() throws {
    let one = Push(strength: 0, energy: 0, knownElements: elements("H", "C", "O"))
    let other = Push(strength: 0, energy: 0, knownElements: elements("C", "O", "Fe"))
    #expect(SumOfProviders([one, MorseBonds(), other]).knownElements == elements("C", "O"))
    #expect(SumOfProviders([MorseBonds(), one]).knownElements == elements("H", "C", "O"))
    #expect(SumOfProviders([MorseBonds(), MorseBonds()]).knownElements == nil)
    let iron = Structure(elements: Array(elements("Fe")), positions: [.zero])
    #expect(throws: ForceError.self) { try SumOfProviders([one, other]).makeEvaluator(for: iron) }
  }

  @Test("a sum within a sum is taken apart")
  func flattened() {
    let sum = SumOfProviders([SumOfProviders.effectiveMediumWithBonds(), MorseBonds()])
    #expect(sum.terms.map(\.specification) == ["emt", "morse", "morse"])
    #expect(sum.specification == "emt+morse+morse")
  }

  /// Forces along x from all atoms, or from free ones only with garbage elsewhere.
  private struct Direct: ForceProvider {
    var strength: Double
    var leavesOut: Bool
    var specification: String { "direct:model=m" }
    var identity: String { "direct:model=m, 3 bytes" }
    var knownElements: Set<Element>? { nil }
    var isConservative: Bool { false }
    var threadsPerStructure: Int { 3 }

    struct DirectEvaluator: Evaluator {
      var direct: Direct
      var free: Set<Int>
      var leavesOutFixedAtoms: Bool { direct.leavesOut }
      func evaluate(_ positions: [Vector3], forces: inout [Vector3]) -> Double? {
        for atom in forces.indices { forces[atom] = Vector3(direct.strength, 0, 0) }
        return 1
      }
      func evaluateFreeAtoms(_ positions: [Vector3], forces: inout [Vector3]) -> Double? {
        for atom in free { forces[atom] = Vector3(direct.strength, 0, 0) }
        return nil
      }
    }

    func makeEvaluator(for structure: Structure) -> any Evaluator {
      DirectEvaluator(direct: self, free: Set(structure.freeAtoms))
    }
  }

  @Test("a sum leaves out what any term leaves out, and free atoms get the same forces")
  func freeAtoms() throws {
    var structure = Structure(
      elements: Array(repeating: try #require(Element(symbol: "Cu")), count: 3),
      positions: (0..<3).map { Vector3(2.5 * Double($0), 0.1, 0) })
    structure.moveMask = MoveMask(free: [true, false, true])
    let emt = EffectiveMediumTheory()
    let direct = Direct(strength: 0.3, leavesOut: true)
    for terms: [any ForceProvider] in [[emt, direct], [direct, emt], [direct, direct]] {
      var evaluator = try SumOfProviders(terms).makeEvaluator(for: structure)
      #expect(evaluator.leavesOutFixedAtoms)
      var all = [Vector3](repeating: .zero, count: 3)
      var free = all
      #expect(try evaluator.evaluate(structure.positions, forces: &all) != nil)
      for _ in 0..<2 {
        let energy = try evaluator.evaluateFreeAtoms(structure.positions, forces: &free)
        #expect(energy == nil)
        #expect(free[0] == all[0] && free[2] == all[2])
      }
    }
    let whole = SumOfProviders([emt, Direct(strength: 1, leavesOut: false)])
    #expect(try !whole.makeEvaluator(for: structure).leavesOutFixedAtoms)
  }

  @Test("a sum is conservative if all terms are, and has the identity of all")
  func properties() {
    let direct = Direct(strength: 1, leavesOut: true)
    let sum = SumOfProviders([EffectiveMediumTheory(), direct])
    #expect(!sum.isConservative)
    #expect(sum.specification == "emt+direct:model=m")
    #expect(sum.identity == "emt+direct:model=m, 3 bytes")
    #expect(sum.threadsPerStructure == 3)
    let analytic = SumOfProviders.effectiveMediumWithBonds()
    #expect(analytic.isConservative)
    #expect(analytic.identity == "emt-morse")
    #expect(analytic.threadsPerStructure == 1)
  }
}
