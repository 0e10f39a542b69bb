// SPDX-License-Identifier: MIT

import Structures

extension Structure {
  /// Entries that may decide what a calculation of the structure gives: charge, spin, k-points and whatever else
  /// its file says, without results, names and what a relaxation has added.
  var entriesOfCalculation: [Attribute] {
    attributes.filter { attribute in
      let name = attribute.name
      return !Structure.resultNames.contains(name) && !Structure.namesOfNames.contains(name)
        && !name.hasPrefix("relax_") && !name.lowercased().contains("ref_")
    }
  }

  /// The same for each atom: magnetic moments and charges to begin with, masses.
  var columnsOfCalculation: [Column] {
    columns.filter { column in
      !Structure.resultNames.contains(column.name) && !column.name.lowercased().contains("ref_")
    }
  }

  private static let namesOfNames: Set<String> = ["sid", "id", "fid", "role", "converged"]
}
