// SPDX-License-Identifier: MIT

import Forces
import RelaxNumerics
import Structures

/// The newest geometry of a relaxation with what the provider said about it.
///
/// While atoms move only the forces on free ones are asked for, which lets an evaluator leave out
/// much; `complete` asks for the rest where it did.
struct EvaluatedGeometry {
  private var evaluator: any Evaluator
  private let fixed: [Int]
  /// Å.
  private(set) var positions: [Vector3]
  /// eV, if the provider has one and gave it.
  private(set) var energy: Double?
  /// Raw forces in eV/Å.
  private(set) var forces: [Vector3]
  /// The atoms that they are for.
  private(set) var coverage = ForceCoverage.all
  /// Evaluations that came to an end.
  private(set) var evaluations = 0

  /// The geometry of `structure`, not evaluated yet.
  init(_ structure: Structure, _ evaluator: any Evaluator) {
    self.evaluator = evaluator
    positions = structure.positions
    forces = [Vector3](repeating: .zero, count: structure.count)
    let free = Set(structure.freeAtoms)
    fixed = structure.positions.indices.filter { !free.contains($0) }
  }

  /// Moves on to `newPositions`; what was known of the old geometry stays if the provider throws.
  ///
  /// - Parameter asksForAll: whether forces on fixed atoms are wanted already now.
  mutating func move(to newPositions: [Vector3], asksForAll: Bool) throws {
    let leavesOut = evaluator.leavesOutFixedAtoms && !asksForAll
    var newForces = [Vector3](repeating: .zero, count: forces.count)
    let newEnergy =
      leavesOut
      ? try evaluator.evaluateFreeAtoms(newPositions, forces: &newForces)
      : try evaluator.evaluate(newPositions, forces: &newForces)
    // One term of a sum may give forces on fixed atoms and another not: that is no force of anything.
    if leavesOut { for atom in fixed { newForces[atom] = .zero } }
    (positions, energy, forces) = (newPositions, newEnergy, newForces)
    coverage = leavesOut && !fixed.isEmpty ? .free : .all
    evaluations += 1
  }

  /// Computes what was left out.
  mutating func complete() throws {
    guard coverage == .free else { return }
    try move(to: positions, asksForAll: true)
  }

  /// Whether forces on these atoms are finite.
  func areFinite(_ atoms: [Int]) -> Bool { atoms.allSatisfy { forces[$0].isFinite } }

  /// The first fixed atom whose force was computed and is not finite.
  var brokenFixedAtom: Int? { fixed.first { !forces[$0].isFinite } }
}
