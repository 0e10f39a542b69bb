// SPDX-License-Identifier: MIT

import RelaxNumerics
import Structures

/// Structures as VASP's input `POSCAR`.
public enum PoscarText {
  /// `structure` in Cartesian coordinates (Å), with selective dynamics if it has a mask.
  ///
  /// Atoms keep their order, so that forces come back in it: an element that occurs in several runs is
  /// listed several times, as VASP allows, and the POTCAR must do the same.
  ///
  /// - Precondition: the cell has three vectors; see `accepts`.
  public static func text(of structure: Structure, comment: String) -> String {
    precondition(accepts(structure), "a POSCAR needs a cell")
    var runs: [(symbol: String, count: Int)] = []
    for element in structure.elements {
      if runs.last?.symbol == element.symbol {
        runs[runs.count - 1].count += 1
      } else {
        runs.append((element.symbol, 1))
      }
    }
    var lines = [
      String(comment.map { $0.isNewline ? " " : $0 }), "1.0", row(structure.cell.a),
      row(structure.cell.b), row(structure.cell.c), runs.map(\.symbol).joined(separator: " "),
      runs.map { "\($0.count)" }.joined(separator: " "),
    ]
    if structure.moveMask != nil { lines.append("Selective dynamics") }
    lines.append("Cartesian")
    let flags = flags(of: structure)
    for (atom, position) in structure.positions.enumerated() {
      let own = structure.moveMask == nil ? nil : flags?[atom]
      lines.append(
        row(position) + (own.map { " " + $0.map { $0 ? "F" : "T" }.joined(separator: " ") } ?? ""))
    }
    return lines.joined(separator: "\n") + "\n"
  }

  /// Which fractional coordinates of each atom are fixed, since VASP's flags are along lattice vectors; nil if
  /// the mask of an atom cannot be said so.
  public static func flags(of structure: Structure) -> [[Bool]]? {
    let all = (0..<8).map { code in (0..<3).map { code & 1 << $0 != 0 } }
    // The usual flags first: those of the same places.
    var known: [Freedom: [Bool]] = [:]
    for freedom in Set(structure.freedoms) {
      let own = [Freedom.x, .y, .z].map { !freedom.contains($0) }
      let fits = ([own] + all).first { flags in
        Freedom(fixedAlongLattice: flags, structure.cell) == freedom
      }
      guard let fits else { return nil }
      known[freedom] = fits
    }
    return structure.freedoms.map { known[$0] ?? [false, false, false] }
  }

  /// Whether the structure has what a POSCAR needs: a cell of three vectors that span a volume.
  public static func accepts(_ structure: Structure) -> Bool {
    let (a, b, c) = (structure.cell.a, structure.cell.b, structure.cell.c)
    return abs(a.cross(b).dot(c)) > 0
  }

  /// The shortest digits that read back as the same numbers.
  private static func row(_ vector: Vector3) -> String { "\(vector.x) \(vector.y) \(vector.z)" }
}
