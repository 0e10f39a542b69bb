// SPDX-License-Identifier: MIT

import Forces
import RelaxNumerics
import Structures
import Testing

@testable import Scoring

/// Forces that a closure makes from the structure; no energy unless it has one.
struct Formula: ForceProvider {
  var energy: (@Sendable (Structure) -> Double)?
  var knownElements: Set<Element>?
  var forces: @Sendable (Structure) -> [Vector3]
  var specification: String { "formula" }

  func makeEvaluator(for structure: Structure) throws(ForceError) -> any Evaluator {
    try requireKnownElements(of: structure)
    return Answer(energy: energy?(structure), result: forces(structure))
  }

  struct Answer: Evaluator {
    var energy: Double?
    var result: [Vector3]
    func evaluate(
      _ geometry: Geometry, wanting: Quantities, cancellation: Cancellation
    ) -> Evaluation {
      Evaluation(energy: energy, forces: result)
    }
  }
}

@Suite("Rotation instability")
struct RotationInstabilityTests {
  private func instability(
    _ provider: any ForceProvider, _ structure: Structure = Samples.reference("a"),
    angles: [Double]
  ) throws -> Double {
    let forces = try provider.evaluate(structure, wanting: .forces).forces
    var instability = RotationInstability()
    try instability.add(structure, unrotated: forces, angles: angles, provider: provider)
    return instability.mean
  }

  /// A force (f, 0, h) fixed in the laboratory, turned back by θ, is (f cos θ, −f sin θ, h).
  ///
  /// Over equally spaced angles cos and sin have mean 0 and mean square 1/2.
  @Test("a force that stays put has the deviation f/√2 along x and y and none along z")
  func closedForm() throws {
    let provider = Formula { [Vector3](repeating: Vector3(0.3, 0, 5), count: $0.count) }
    let angles = (0..<8).map { Double($0) * Double.pi / 4 }
    let expected = (2 * 0.3 * 0.5.squareRoot() + 0) / 3
    #expect(abs(try instability(provider, angles: angles) - expected) < 1e-15)
  }

  @Test("two rotations: the population's deviation is half their distance")
  func population() throws {
    let provider = Formula { [Vector3](repeating: Vector3(0.3, 0, 0), count: $0.count) }
    // Turned back by 0 and π: x is 0.3 and −0.3, so the deviation is 0.3, not 0.3·√2.
    #expect(abs(try instability(provider, angles: [0, Double.pi]) - 0.1) < 1e-15)
  }

  @Test("forces that turn with positions or with the cell are stable")
  func covariant() throws {
    let angles = RotationInstability.Sampling(count: 20, seed: 4).angles(frame: 9)
    let byPositions = Formula { $0.positions.map { Vector3(-$0.y, $0.x, $0.z * $0.z) } }
    #expect(try instability(byPositions, angles: angles) < 1e-14)
    let byCell = Formula { structure in
      let normal = structure.cell.b.cross(structure.cell.c)
      return structure.positions.map { _ in structure.cell.a * 0.1 + normal * 0.02 }
    }
    #expect(try instability(byCell, angles: angles) < 1e-14)
    #expect(try instability(SumOfProviders.effectiveMediumWithBonds(), angles: angles) < 1e-12)
  }

  @Test("only free atoms count, and of an atom held along an axis the other components")
  func freedoms() throws {
    // The fixed first atom alone is unstable.
    let fixed = Formula { structure in
      structure.positions.indices.map { Vector3($0 == 0 ? 1 : 0, 0, 0) }
    }
    let angles = (0..<4).map { Double($0) * Double.pi / 2 }
    #expect(try instability(fixed, angles: angles) == 0)
    var structure = Samples.reference("a")
    structure.moveMask = MoveMask(components: [.fixed, .x, [.y, .z], .fixed, .fixed])
    let all = Formula { [Vector3](repeating: Vector3(0.3, 0, 0), count: $0.count) }
    // Deviations 0.3/√2 along x of one and y of the other, 0 along z: three components.
    let expected = 2 * 0.3 * 0.5.squareRoot() / 3
    #expect(abs(try instability(all, structure, angles: angles) - expected) < 1e-15)
  }

  /// From another implementation of SplitMix64.
  @Test("the angles of a frame depend on the seed and its number alone, for ever")
  func angles() {
    let expected: [(seed: Int, frame: Int, angles: [Double])] = [
      (7, 3, [3.8314088921994256, 5.68595689442282]),
      (0, 0, [0.8715369277940936, 6.101614338428549]),
      (-1, 2, [3.1452098617362854, 1.9190702795670678]),
    ]
    for (seed, frame, angles) in expected {
      let sampling = RotationInstability.Sampling(count: 2, seed: seed)
      #expect(sampling.angles(frame: frame) == angles)
    }
    let many = RotationInstability.Sampling(count: 4000).angles(frame: 1)
    #expect(many.allSatisfy { $0 >= 0 && $0 < 2 * Double.pi })
    // The mean of 4000 angles of standard deviation 2π/√12 = 1.81 is π within 0.03 at 1 sigma.
    #expect(abs(many.reduce(0, +) / 4000 - Double.pi) < 0.12)
  }
}
