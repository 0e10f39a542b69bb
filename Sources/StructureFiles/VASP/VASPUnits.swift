// SPDX-License-Identifier: MIT

import RelaxNumerics
import Structures

/// Units of VASP's files.
enum VASPUnits {
  /// What energies of VASP's files are.
  static let energies =
    "VASP's energy(sigma->0); its free energy is free_energy. Both are without p V, of the whole cell, and relative "
    + "to the atoms of the POTCAR"
  /// eV/Å³ of a kbar, with VASP's own value of the elementary charge, as ASE uses it for p V.
  static let kilobarVolume = 1e-22 / 1.60217733e-19
  /// eV/Å³ of a GPa, by CODATA 2014, as ASE has it.
  static let gigapascal = 1e9 * ((1 / 1.6021766208e-19) / 1e30)

  /// VASP's stress (kbar, pressure positive) as nine numbers in eV/Å³ of the other sign; of the two halves that
  /// should be equal, the upper one is taken.
  static func stress(_ rows: [Vector3]) -> [Double] {
    let factor = -0.1 * gigapascal
    let full = rows.flatMap { [$0.x * factor, $0.y * factor, $0.z * factor] }
    let voigt = [full[0], full[4], full[8], full[5], full[2], full[1]]
    return ASERow.voigt.map { voigt[$0] }
  }
}
