// SPDX-License-Identifier: MIT

import Foundation
import Numerics
import StructureFiles
import Structures
import TestSupport

extension Structure {
  /// A structure of the shared folder, of those that predictions were recorded for.
  ///
  /// Column `fixed` becomes its mask.
  static func recorded(_ name: String) throws -> Structure {
    let reader = try StructureReader(path: SharedData.path("reference/structures/\(name).xyz"))
    guard var structure = try reader.next()?.structure() else {
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

extension Vector3 {
  /// The three numbers of a row.
  init(row: [Double]) { self.init(row[0], row[1], row[2]) }
}
