// SPDX-License-Identifier: MIT

import CLibrary
import Files
import RelaxNumerics
import Structures

/// Writes structures as CIF, each as a block of space group P 1.
///
/// A CIF has lengths and angles, no directions of lattice vectors: a structure that is read back is turned. Masks,
/// tags, energies and forces have no place in it.
struct CIFEncoder: FrameEncoder {
  func objection(to structure: Structure) -> String? {
    structure.cell.periodicity == .all
      ? nil : "it is not periodic along all axes, which a CIF cannot say (--pbc TTT makes it so)"
  }

  func append(_ structure: Structure, to bytes: inout [UInt8]) {
    let cell = structure.cell
    func angle(_ a: Vector3, _ b: Vector3) -> Double {
      let cosine = a.dot(b) / (a.length * b.length)
      return cosine == 0 ? 90 : acos(min(1, max(-1, cosine))) * 180 / .pi
    }
    let name = (structure.identifier ?? structure.formula).map { character in
      character.isASCII && !character.isWhitespace && !"'\"#_".contains(character) ? character : "-"
    }
    var lines = ["data_\(String(name))"]
    for (name, value) in [
      ("length_a", cell.a.length), ("length_b", cell.b.length), ("length_c", cell.c.length),
      ("angle_alpha", angle(cell.b, cell.c)), ("angle_beta", angle(cell.a, cell.c)),
      ("angle_gamma", angle(cell.a, cell.b)),
    ] {
      lines.append("_cell_\(name) \(value)")
    }
    lines += [
      "_space_group_name_H-M_alt 'P 1'", "_space_group_IT_number 1", "", "loop_",
      "_space_group_symop_operation_xyz", "'x, y, z'", "", "loop_", "_atom_site_type_symbol",
      "_atom_site_label", "_atom_site_fract_x", "_atom_site_fract_y", "_atom_site_fract_z",
      "_atom_site_occupancy",
    ]
    bytes += (lines.joined(separator: "\n") + "\n").utf8
    var numbers: [Element: Int] = [:]
    for (element, position) in zip(structure.elements, structure.positions) {
      numbers[element, default: 0] += 1
      bytes += "\(element.symbol) \(element.symbol)\(numbers[element] ?? 0) ".utf8
      NumberText.append(cell.fractional(position), to: &bytes)
      bytes += " 1.0\n".utf8
    }
    bytes.append(UInt8(ascii: "\n"))
  }
}
