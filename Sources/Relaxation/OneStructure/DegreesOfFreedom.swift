// SPDX-License-Identifier: MIT

import Forces
import RelaxNumerics
import Structures

/// What of a structure's geometry a relaxation may change: it stands between geometries, which have all
/// atoms, and optimizers, which see vectors that may move and nothing else.
///
/// Today these are the atoms that the mask lets move along some axis, each a vector. A cell that
/// relaxes adds three more vectors here, and no optimizer has to know.
struct DegreesOfFreedom {
  /// Indices of the atoms that may move in at least one component, ascending.
  let atoms: [Int]
  /// In which components each of these may.
  private let freedoms: [Freedom]

  /// Those of `structure`.
  init(of structure: Structure) {
    let freedoms = structure.freedoms
    let atoms = freedoms.indices.filter { freedoms[$0] != .fixed }
    self.atoms = atoms
    self.freedoms = atoms.map { freedoms[$0] }
  }

  /// Whether nothing may move.
  var isEmpty: Bool { atoms.isEmpty }

  /// Number of vectors.
  var count: Int { atoms.count }

  /// Where the geometry is in their space, Å.
  func coordinates(of geometry: Geometry) -> [Vector3] { atoms.map { geometry.positions[$0] } }

  /// What pulls on them in eV/Å, with exact zeros along components that may not move.
  func forces(of evaluation: Evaluation) -> [Vector3] {
    atoms.indices.map { freedoms[$0].masking(evaluation.forces[atoms[$0]]) }
  }

  /// Whether all forces on atoms that may move are finite, in all components.
  func areForcesFinite(in evaluation: Evaluation) -> Bool {
    atoms.allSatisfy { evaluation.forces[$0].isFinite }
  }

  /// Moves the geometry by `step` (Å), as far as it may.
  func move(_ geometry: inout Geometry, by step: [Vector3]) {
    for (k, atom) in atoms.enumerated() {
      geometry.positions[atom] += freedoms[k].masking(step[k])
    }
  }
}
