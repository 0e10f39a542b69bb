// SPDX-License-Identifier: MIT

import RelaxNumerics

/// The atoms that forces were computed for.
public enum ForceCoverage: String, Sendable {
  /// Forces on every atom, fixed ones too.
  case all
  /// Those that may move; 0 stands for the forces on fixed atoms.
  case free
}

/// What a provider says about one geometry.
public struct Evaluation: Hashable, Sendable {
  /// eV; nil if the provider has none, or was not asked and would have had to work for it.
  public var energy: Double?
  /// eV, that of electrons at their temperature; nil unless the provider has one beside the energy.
  public var freeEnergy: Double?
  /// eV/Å, one an atom: raw, whatever the mask says.
  public var forces: [Vector3]
  /// The atoms that `forces` are for.
  public var coverage: ForceCoverage
  /// eV/Å³; nil if the provider has none, it was not asked for, or the cell has no volume of its own.
  public var stress: SymmetricTensor?

  /// An energy (eV), raw forces (eV/Å) on all atoms or on free ones, and a stress (eV/Å³).
  public init(
    energy: Double? = nil, forces: [Vector3], coverage: ForceCoverage = .all,
    stress: SymmetricTensor? = nil
  ) {
    (self.energy, self.forces, self.coverage) = (energy, forces, coverage)
    self.stress = stress
  }

  /// The first number that is none, in words; nil if all are finite.
  public var defect: String? {
    if let energy, !energy.isFinite { return "the energy is not finite" }
    if let atom = forces.firstIndex(where: { !$0.isFinite }) {
      return "the force on atom \(atom + 1) is not finite"
    }
    if let stress, !stress.isFinite { return "the stress is not finite" }
    return nil
  }
}
