// SPDX-License-Identifier: MIT

import Networks
import RelaxNumerics
import Structures
import Testing

@testable import ReferenceNetworks
@testable import Training

/// What is taken off energies before they are learned.
@Suite("Shifts and scales of energies") struct EnergyShiftTests {
  private static let elements = NetworkSamples.elements([1, 6, 8, 29])

  private static func store(_ frames: [(counts: [Int], energy: Double?)]) -> FrameStore {
    var store = FrameStore()
    for (number, frame) in frames.enumerated() {
      let atoms = zip(elements, frame.counts).flatMap { Array(repeating: $0, count: $1) }
      let structure = Structure(
        elements: atoms, positions: atoms.indices.map { Vector3(Double(2 * $0), 0, 0) })
      store.append(
        structure, forces: atoms.map { _ in .zero }, energy: frame.energy, system: "\(number)")
    }
    return store
  }

  @Test("Energies of elements that explain everything are found, and leave a scale of 1")
  func exact() throws {
    let truth = [-3.4, -9.1, 2.2, 0.7]
    let counts = [[1, 0, 2, 3], [4, 1, 0, 1], [0, 2, 1, 5], [2, 2, 2, 2], [7, 0, 1, 0]]
    let store = Self.store(
      counts.map { ($0, zip($0, truth).reduce(0) { $0 + Double($1.0) * $1.1 }) } + [
        ([3, 3, 3, 3], nil)
      ])
    let found = try store.elementEnergies()
    for (element, energy) in zip(Self.elements, truth) {
      #expect(abs((found[element] ?? .nan) - energy) < 1e-11)
    }
    var normalization = TargetNormalization.none
    normalization.elementEnergies = found
    #expect(store.energyDeviation(after: normalization) == 1)
    #expect(store.hasEnergies)
  }

  @Test("What is left is as short as it can be, and its deviation is the scale")
  func leastSquares() throws {
    let store = Self.store([
      ([1, 0, 0, 2], 1), ([2, 0, 0, 1], -1), ([1, 0, 0, 1], 3), ([3, 0, 0, 3], 0.5),
    ])
    let found = try store.elementEnergies()
    // (AᵀA) x = Aᵀb by hand: [15 14; 14 15] x = [3.5; 5.5].
    let (h, cu) = ((15 * 3.5 - 14 * 5.5) / 29, (15 * 5.5 - 14 * 3.5) / 29)
    #expect(abs((found[Self.elements[0]] ?? .nan) - h) < 1e-12)
    #expect(abs((found[Self.elements[3]] ?? .nan) - cu) < 1e-12)
    var normalization = TargetNormalization.none
    normalization.elementEnergies = found
    let rest = [1 - h - 2 * cu, -1 - 2 * h - cu, 3 - h - cu, 0.5 - 3 * h - 3 * cu]
    let mean = rest.reduce(0, +) / 4
    let deviation = (rest.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 4).squareRoot()
    #expect(abs(store.energyDeviation(after: normalization) - deviation) < 1e-12)
  }

  @Test("Elements that no frame tells apart share what there is to explain")
  func oneProportion() throws {
    let found = try Self.store([([2, 0, 1, 0], 5), ([4, 0, 2, 0], 10)]).elementEnergies()
    // The shortest of all x with 2 x + y = 5.
    #expect(abs((found[Self.elements[0]] ?? .nan) - 2) < 1e-12)
    #expect(abs((found[Self.elements[2]] ?? .nan) - 1) < 1e-12)
  }
}
