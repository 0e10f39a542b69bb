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

/// Relaxes each structure of a file, held by weak springs, and writes where it came to rest.
func relaxHeld(_ input: String, to output: String) throws -> [RelaxationResult] {
  let provider = SumOfProviders([
    try ProviderCatalog.analytic.provider("emt-morse"), Tether(stiffness: 0.01),
  ])
  let relaxation = Relaxation(RelaxationSettings(fmax: 0.02, maximumSteps: 500))
  let reader = try StructureReader(path: input)
  let writer = try StructureWriter(path: output, overwrite: false)
  var results: [RelaxationResult] = []
  while let frame = try reader.next() {
    let initial = try frame.structure()
    // What goes wrong with a structure is a status and a reason of its result, no error.
    let result = try relaxation.run(initial, provider: provider)
    var relaxed = initial.withoutResults()
    relaxed.positions = result.positions
    relaxed.energy = result.energy
    relaxed.forces = result.forces
    relaxed.attributes.append(Attribute(name: "relax_status", text: result.status.rawValue))
    try writer.write(relaxed)
    results.append(result)
  }
  try writer.finish()
  return results
}
