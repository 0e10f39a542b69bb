// SPDX-License-Identifier: MIT

import Structures

/// Writes a structure as POSCAR.
struct PoscarEncoder: FrameEncoder {
  func objection(to structure: Structure) -> String? {
    guard structure.cell.periodicity == .all, PoscarText.accepts(structure) else {
      return "it is not periodic along all axes, which a POSCAR cannot say (--pbc TTT makes it so)"
    }
    guard PoscarText.flags(of: structure) != nil else {
      return
        "an atom is fixed along a Cartesian axis that no lattice vectors stand for, which a POSCAR cannot say"
    }
    return nil
  }

  func append(_ structure: Structure, to bytes: inout [UInt8]) {
    let comment = structure.identifier ?? structure.formula
    bytes += PoscarText.text(of: structure, comment: comment).utf8
  }
}
