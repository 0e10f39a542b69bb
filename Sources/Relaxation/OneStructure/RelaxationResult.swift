// SPDX-License-Identifier: MIT

import Forces
import RelaxNumerics
import Structures

/// How the relaxation of a structure ended.
public enum RelaxationStatus: String, CaseIterable, Sendable {
  /// The largest force on free atoms is below `fmax`.
  case converged
  /// The step limit came first.
  case stepLimit = "step_limit"
  /// The forces no longer fell; only schemes of our own end a structure for that.
  case stalled
  /// Forces or positions are no longer finite, or an atom moved absurdly far.
  case diverged
  /// The structure makes no sense for this provider and was never evaluated.
  case invalid
  /// The provider gave up.
  case failed
  /// The run was stopped before the structure was done.
  case interrupted
}

/// A relaxed structure and how it came about.
public struct RelaxationResult: Sendable {
  /// How it ended.
  public var status: RelaxationStatus
  /// The same in words, with numbers.
  public var reason: String
  /// Displacements of the atoms that were made before it ended.
  public var steps: Int
  /// Evaluations that gave forces, the one of all forces at last included; that of the stress alone is
  /// not counted.
  public var evaluations: Int
  /// Energy in eV at `positions`, if the provider has one.
  public var energy: Double?
  /// Free energy of the electrons in eV, if the provider has one beside the energy.
  public var freeEnergy: Double?
  /// Largest force norm over free atoms in eV/Å; nil if never evaluated.
  public var fmax: Double?
  /// Last finite positions, in Å.
  public var positions: [Vector3]
  /// Raw forces at `positions`, in eV/Å; nil if never evaluated.
  public var forces: [Vector3]?
  /// The atoms that `forces` are for: all, unless the provider failed before it gave the rest.
  public var coverage = ForceCoverage.all
  /// Stress at `positions` in eV/Å³, if the provider has one, the cell a volume and the end is sound.
  public var stress: SymmetricTensor?

  /// The result of a structure that was not evaluated.
  static func unevaluated(
    _ status: RelaxationStatus, _ structure: Structure, reason: String
  ) -> RelaxationResult {
    RelaxationResult(
      status: status, reason: reason, steps: 0, evaluations: 0, positions: structure.positions)
  }
}
