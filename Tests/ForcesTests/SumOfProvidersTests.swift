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
    var stress: SymmetricTensor?
    var knownElements: Set<Element>?
    var specification: String { "push" }

    struct PushEvaluator: Evaluator {
      var push: Push
      mutating func evaluate(
        _ geometry: Geometry, wanting: Quantities, cancellation: Cancellation
      ) -> Evaluation {
        Evaluation(
          energy: push.energy,
          forces: geometry.positions.map { _ in Vector3(push.strength, 0, 0) },
          stress: push.stress)
      }
    }

    func makeEvaluator(for structure: Structure) throws(ForceError) -> any Evaluator {
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

  @Test("stresses add up, and a term without one leaves the sum without one")
  func stress() throws {
    let structure = Structure(elements: Array(elements("Cu")), positions: [Vector3(1, 2, 3)])
    let one = Push(strength: 1, stress: SymmetricTensor(xx: 1, yy: 2, zz: 3, yz: 4, xz: 5, xy: 6))
    let other = Push(strength: 1, stress: SymmetricTensor(xx: 0, yy: 1, zz: 2, yz: 3, xz: 4, xy: 5))
    func stress(_ terms: [any ForceProvider]) throws -> [Double]? {
      try SumOfProviders(terms).evaluate(structure, wanting: .stress).stress?.voigt
    }
    #expect(try stress([one, other]) == [1, 3, 5, 7, 9, 11])
    #expect(try stress([one, Push(strength: 1)]) == nil)
    #expect(try stress([Push(strength: 1), one]) == nil)
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
      func evaluate(
        _ geometry: Geometry, wanting: Quantities, cancellation: Cancellation
      ) -> Evaluation {
        let push = Vector3(direct.strength, 0, 0)
        if wanting.contains(.forces) || !direct.leavesOut {
          return Evaluation(energy: 1, forces: geometry.positions.map { _ in push })
        }
        return Evaluation(
          forces: geometry.positions.indices.map {
            free.contains($0) ? push : Vector3(repeating: 99)
          },
          coverage: .free)
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
      let geometry = Geometry(structure)
      let all = try evaluator.evaluate(geometry, wanting: [.energy, .forces])
      #expect(all.energy != nil && all.coverage == .all)
      for _ in 0..<2 {
        let free = try evaluator.evaluate(geometry, wanting: .forcesOnFreeAtoms)
        #expect(free.energy == nil && free.coverage == .free)
        #expect(free.forces[0] == all.forces[0] && free.forces[2] == all.forces[2])
        #expect(free.forces[1] == .zero)
      }
    }
    let whole = SumOfProviders([emt, Direct(strength: 1, leavesOut: false)])
    #expect(try whole.evaluate(structure, wanting: .forcesOnFreeAtoms).coverage == .all)
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
