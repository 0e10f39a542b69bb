// SPDX-License-Identifier: MIT

import Forces
import RelaxNumerics
import Structures
import TestSupport
import Testing

/// What evaluators keep, and that they can forget it.
@Suite("Evaluators that forget") struct ForgettingTests {
  static func providers() throws -> [any ForceProvider] {
    [
      EffectiveMediumTheory(), try LennardJones(sigma: 2.3, epsilon: 0.4, cutoff: 6), MorseBonds(),
      try SumOfProviders([
        LennardJones(sigma: 2.3, epsilon: 0.4, cutoff: 6), EffectiveMediumTheory(),
      ]),
    ]
  }

  @Test("An evaluator that forgets gives the bits of a new one", arguments: 0..<4)
  func forgets(index: Int) throws {
    let provider = try Self.providers()[index]
    var generator = SeededGenerator(seed: 3)
    let elements = ["Cu", "Cu", "Au", "O", "C", "H"].compactMap { Element(symbol: $0) }
    var structure = Structure(
      elements: elements + elements,
      positions: (0..<12).map { _ in
        Vector3(
          Double.random(in: 0...6, using: &generator), Double.random(in: 0...6, using: &generator),
          Double.random(in: 0...6, using: &generator))
      }, cell: Cell(Vector3(6, 0, 0), Vector3(1, 6, 0), Vector3(0, 0.5, 6)))
    var forgetful = try provider.makeEvaluator(for: structure)
    var faithful = try provider.makeEvaluator(for: structure)
    var differences = 0
    for _ in 0..<40 {
      // Rattled a little, and over a border: points of a list stay where they were, those of a new one do not.
      for atom in structure.positions.indices {
        structure.positions[atom].z += Double.random(in: -0.1...0.1, using: &generator)
      }
      let fresh = try provider.evaluate(structure, wanting: [.energy, .forces, .stress])
      forgetful.forget()
      let again = try forgetful.evaluate(
        Geometry(structure), wanting: [.energy, .forces, .stress])
      #expect(again == fresh)
      let kept = try faithful.evaluate(Geometry(structure), wanting: [.energy, .forces, .stress])
      if kept != fresh { differences += 1 }
    }
    // Else there would have been nothing to forget; of bonds there are too few here for another order to show.
    #expect(differences > 0 || provider is MorseBonds)
  }
}
