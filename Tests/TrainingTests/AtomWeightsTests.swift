// SPDX-License-Identifier: MIT

import RelaxNumerics
import Structures
import Testing

@testable import Training

@Suite("Weights of atoms in the loss")
struct AtomWeightsTests {
  /// A fixed and a free metal atom, an adsorbate's free atom, and one that is held.
  private func store(tags: [Int]?) throws -> FrameStore {
    let copper = try #require(Element(symbol: "Cu")), oxygen = try #require(Element(symbol: "O"))
    var structure = Structure(
      elements: [copper, copper, oxygen, oxygen],
      positions: (0..<4).map { Vector3(0, 0, 2 * Double($0)) },
      cell: Cell(Vector3(9, 0, 0), Vector3(0, 9, 0), Vector3(0, 0, 20), periodicity: .all),
      moveMask: MoveMask(free: [false, true, true, false]))
    structure.tags = tags
    var store = FrameStore()
    store.append(structure, forces: Array(repeating: .zero, count: 4), system: "s")
    return store
  }

  @Test("count adsorbates by their tags, and what is held as fixed")
  func adsorbates() throws {
    var weights = AtomWeights()
    weights.adsorbate = 4
    let tagged = try store(tags: [0, 1, 2, 2])
    #expect(tagged.sample(0, weights: weights).weights == [0.05, 1, 4, 0.05])
    #expect(tagged.sample(0, weights: AtomWeights()).weights == [0.05, 1, 1, 0.05])
    #expect(tagged.adsorbateAtoms == 2)
    let untagged = try store(tags: nil)
    #expect(untagged.sample(0, weights: weights).weights == [0.05, 1, 1, 0.05])
    #expect(untagged.adsorbateAtoms == 0)
  }

  @Test("stay with their frames when sets are joined and chosen from")
  func joined() throws {
    var both = try store(tags: nil)
    both.append(try store(tags: [0, 2, 2, 2]))
    var all = FrameStore()
    all.append(both, frames: [1, 0])
    var weights = AtomWeights()
    (weights.fixed, weights.adsorbate) = (0, 3)
    #expect(all.sample(0, weights: weights).weights == [0, 3, 3, 0])
    #expect(all.sample(1, weights: weights).weights == [0, 1, 1, 0])
  }
}
