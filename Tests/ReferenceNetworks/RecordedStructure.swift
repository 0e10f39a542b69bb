// SPDX-License-Identifier: MIT

import Foundation
import RelaxNumerics
import StructureFiles
import Structures
import TestSupport

extension Structure {
  /// A structure of those that predictions were recorded for.
  ///
  /// Column `fixed` becomes its mask.
  static func recorded(_ name: String) throws -> Structure {
    guard var structure = try ReferenceData.frames("structures/\(name).xyz").first else {
      throw CocoaError(.fileReadCorruptFile)
    }
    if let column = structure.columns.first(where: { $0.name == "fixed" }),
      case .integers(let fixed) = column.values
    {
      structure.moveMask = MoveMask(free: fixed.map { $0 == 0 })
    }
    return structure
  }
}

/// Atoms as fixtures have them.
struct RecordedAtoms: Decodable, Sendable {
  var name: String
  var numbers: [Int]
  /// Å.
  var positions: [[Double]]
  /// Lattice vectors in Å; none if nothing repeats.
  var cell: [[Double]]?
  var pbc: [Bool]

  var structure: Structure {
    let v = (cell ?? Array(repeating: [0, 0, 0], count: 3)).map(Vector3.init(row:))
    return Structure(
      elements: numbers.compactMap { Element(atomicNumber: $0) },
      positions: positions.map(Vector3.init(row:)),
      cell: Cell(v[0], v[1], v[2], periodicity: Periodicity(pbc[0], pbc[1], pbc[2])))
  }
}

extension Vector3 {
  /// The three numbers of a row.
  init(row: [Double]) { self.init(row[0], row[1], row[2]) }
}
