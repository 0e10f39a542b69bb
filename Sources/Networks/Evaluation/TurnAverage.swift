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

  /// An average over `turns` equal steps of a full turn of `structure`, which are evaluated by what
  /// `makeEvaluator` makes of each turned structure.
  init(of turns: Int, _ structure: Structure, makeEvaluator: (Structure) -> any Evaluator) {
    rotations = (0..<turns).map { SurfaceRotation(step: $0, of: turns) }
    evaluators = rotations.map { makeEvaluator($0(structure)) }
  }

  mutating func evaluate(
    _ geometry: Geometry, wanting: Quantities, cancellation: Cancellation
  ) throws(ForceError) -> Evaluation {
    let share = 1 / Double(rotations.count)
    var average = Evaluation(
      energy: 0, forces: [Vector3](repeating: .zero, count: geometry.positions.count))
    for (turn, rotation) in rotations.enumerated() {
      let turned = Geometry(
        positions: geometry.positions.map { rotation($0) }, cell: rotation(geometry.cell))
      let found = try evaluators[turn].evaluate(
        turned, wanting: wanting, cancellation: cancellation)
      let back = rotation.inverse
      for atom in average.forces.indices {
        average.forces[atom] += share * back(found.forces[atom])
      }
      average.energy = average.energy.flatMap { sum in found.energy.map { sum + share * $0 } }
      if found.coverage == .free { average.coverage = .free }
    }
    return average
  }

  mutating func close() { for turn in evaluators.indices { evaluators[turn].close() } }
}
