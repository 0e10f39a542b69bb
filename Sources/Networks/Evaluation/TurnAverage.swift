// SPDX-License-Identifier: MIT

import Forces
import RelaxNumerics
import Structures

/// Averages forces over turns of one structure about z, the surface normal.
///
/// True forces turn along with a structure, those of ForceNet and GNS only nearly. The part of a
/// prediction that does not turn along averages out, and what is left turns along with every step of
/// the turn, to rounding.
struct TurnAverage: Evaluator {
  private let rotations: [SurfaceRotation]
  private var evaluators: [any Evaluator]
  /// Positions and forces of one turn.
  private var positions: [Vector3]
  private var turned: [Vector3]

  /// An average over `turns` equal steps of a full turn of `structure`, which are evaluated by what
  /// `makeEvaluator` makes of each turned structure.
  init(
    of turns: Int, _ structure: Structure,
    makeEvaluator: (Structure) throws -> any Evaluator
  ) rethrows {
    rotations = (0..<turns).map { SurfaceRotation(step: $0, of: turns) }
    evaluators = try rotations.map { try makeEvaluator($0(structure)) }
    positions = structure.positions
    turned = Array(repeating: .zero, count: structure.count)
  }

  var leavesOutFixedAtoms: Bool { evaluators[0].leavesOutFixedAtoms }

  mutating func evaluate(_ positions: [Vector3], forces: inout [Vector3]) throws -> Double? {
    try average(positions, &forces) { try $0.evaluate($1, forces: &$2) }
  }

  mutating func evaluateFreeAtoms(
    _ positions: [Vector3], forces: inout [Vector3]
  ) throws -> Double? {
    try average(positions, &forces) { try $0.evaluateFreeAtoms($1, forces: &$2) }
  }

  private mutating func average(
    _ positions: [Vector3], _ forces: inout [Vector3],
    _ evaluate: (inout any Evaluator, [Vector3], inout [Vector3]) throws -> Double?
  ) throws -> Double? {
    let share = 1 / Double(rotations.count)
    var energy: Double? = 0
    for atom in forces.indices { forces[atom] = .zero }
    for (turn, rotation) in rotations.enumerated() {
      for atom in positions.indices { self.positions[atom] = rotation(positions[atom]) }
      let found = try evaluate(&evaluators[turn], self.positions, &turned)
      let back = rotation.inverse
      for atom in forces.indices { forces[atom] += share * back(turned[atom]) }
      energy = energy.flatMap { sum in found.map { sum + share * $0 } }
    }
    return energy
  }
}
