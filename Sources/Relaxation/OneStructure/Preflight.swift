// SPDX-License-Identifier: MIT

import RelaxNumerics
import Structures

/// What must hold before a structure is worth evaluating.
public enum Preflight {
  /// Atoms nearer than this share of the sum of their covalent radii lie on top of each other.
  ///
  /// Real bonds do not go below 0.7; starts rattled by 0.25 Å stay above 0.5.
  public static let overlap = 0.25

  /// Why the structure cannot be relaxed whatever the provider, or nil.
  public static func defect(of structure: Structure) -> String? {
    if structure.count == 0 { return "the structure has no atoms" }
    if let defect = PositionBounds.defect(of: structure.positions) { return defect }
    if let defect = structure.cell.defect { return defect }
    return overlapDefect(of: structure)
  }

  private static func overlapDefect(of structure: Structure) -> String? {
    let radii = structure.elements.map(\.covalentRadius)
    let largest = radii.max() ?? 0
    var list = VerletList(cutoff: 2 * overlap * largest, skin: 0)
    do throws(TooManyNeighbors) {
      try list.update(positions: structure.positions, cell: structure.cell)
    } catch {
      return "atoms lie in heaps: about \(short(error.expected)) pairs are nearer than atoms can be"
    }
    for row in 0..<structure.count {
      let atom = Int(list.owners[row])
      for slot in list.rows.starts[row]..<list.rows.starts[row + 1] {
        let other = Int(list.rows.neighbors[Int(slot)])
        let difference = list.rows.coordinates[other] - list.rows.coordinates[row]
        let distance = (difference * difference).sum().squareRoot()
        let partner = Int(list.owners[other])
        if distance < overlap * (radii[atom] + radii[partner]) {
          let (first, second) = (min(atom, partner), max(atom, partner))
          let names =
            first == second
            ? "atom \(first + 1) (\(structure.elements[first])) and its own periodic image"
            : "atoms \(first + 1) (\(structure.elements[first])) and \(second + 1) "
              + "(\(structure.elements[second]))"
          return "\(names) overlap: they are \(short(distance)) Å apart"
        }
      }
    }
    return nil
  }
}
