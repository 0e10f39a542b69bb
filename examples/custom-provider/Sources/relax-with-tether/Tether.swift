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

  mutating func evaluate(
    _ geometry: Geometry, wanting: Quantities, cancellation: Cancellation
  ) throws(ForceError) -> Evaluation {
    try geometry.requireSound()
    let away = zip(geometry.positions, start).map { $0 - $1 }
    return Evaluation(
      energy: away.reduce(0) { $0 + 0.5 * stiffness * $1.lengthSquared },
      forces: away.map { -stiffness * $0 })
  }
}
