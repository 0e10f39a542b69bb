// SPDX-License-Identifier: MIT

import RelaxationEngine

/// Springs that hold every atom where its structure had it: E = k/2 Σ |r − r₀|².
struct Tether: ForceProvider {
  /// k, eV/Å².
  var stiffness: Double

  // Says everything that forces depend on; resumed runs compare it.
  var specification: String { "tether:k=\(stiffness)" }
  // Any element.
  var knownElements: Set<Element>? { nil }

  func makeEvaluator(for structure: Structure) -> any Evaluator {
    TetherEvaluator(stiffness: stiffness, start: structure.positions)
  }
}

/// Belongs to one structure, and may keep what it likes between evaluations.
struct TetherEvaluator: Evaluator {
  var stiffness: Double
  var start: [Vector3]

  mutating func evaluate(_ positions: [Vector3], forces: inout [Vector3]) -> Double? {
    var energy = 0.0
    for atom in positions.indices {
      let away = positions[atom] - start[atom]
      forces[atom] = -stiffness * away
      energy += 0.5 * stiffness * away.lengthSquared
    }
    return energy
  }
}
