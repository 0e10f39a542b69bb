// SPDX-License-Identifier: MIT

import Forces
import RelaxNumerics
import Structures

/// The newest geometry of a relaxation with what the provider said about it.
///
/// While atoms move only the forces on free ones are asked for, which lets an evaluator leave out
/// much; `complete` asks for the rest at the end.
struct EvaluatedGeometry {
  private var evaluator: any Evaluator
  private let fixed: [Int]
  private let cancellation: Cancellation
  private(set) var geometry: Geometry
  /// Energy and raw forces, no forces before the first evaluation.
  private(set) var evaluation = Evaluation(forces: [])
  /// Evaluations that gave forces.
  private(set) var evaluations = 0

  /// The geometry of `structure`, not evaluated yet.
  init(_ structure: Structure, _ evaluator: any Evaluator, _ cancellation: Cancellation) {
    (self.evaluator, self.cancellation) = (evaluator, cancellation)
    geometry = Geometry(structure)
    let freedoms = structure.freedoms
    fixed = freedoms.indices.filter { freedoms[$0] == .fixed }
  }

  /// Moves on to `newGeometry`; what was known of the old one stays if the provider throws.
  ///
  /// - Parameter asksForAll: whether forces on fixed atoms are wanted already now.
  mutating func move(to newGeometry: Geometry, asksForAll: Bool) throws(ForceError) {
    var found = try evaluator.evaluate(
      newGeometry, wanting: asksForAll ? [.energy, .forces] : .forcesOnFreeAtoms,
      cancellation: cancellation)
    if fixed.isEmpty { found.coverage = .all }
    if found.coverage == .free { for atom in fixed { found.forces[atom] = .zero } }
    (geometry, evaluation) = (newGeometry, found)
    evaluations += 1
  }

  /// Computes what was left out, and the stress if the provider has one.
  mutating func complete(wantsStress: Bool) throws(ForceError) {
    guard evaluations > 0 else { return }
    if evaluation.coverage == .free { try move(to: geometry, asksForAll: true) }
    guard wantsStress, evaluation.stress == nil, geometry.cell.hasVolume else { return }
    evaluation.stress = try evaluator.evaluate(
      geometry, wanting: .stress, cancellation: cancellation
    ).stress
  }

  /// Gives back what the evaluator holds.
  mutating func close() { evaluator.close() }

  /// The first fixed atom whose force was computed and is not finite.
  var brokenFixedAtom: Int? { fixed.first { !evaluation.forces[$0].isFinite } }
}
