// SPDX-License-Identifier: MIT

import Forces
import RelaxNumerics
import Structures

@testable import ExternalForces

/// What tests of models need, and whether it is installed.
enum OpenKIMSamples {
  static let copper = "EAM_Dynamo_MishinMehlPapaconstantopoulos_2001_Cu__MO_346334655118_005"
  /// Its cutoff depends on the elements that a model has met.
  static let metals =
    "EMT_Asap_Standard_JacobsenStoltzeNorskov_1996_AlAgAuCuNiPdPt__MO_115316750986_001"
  /// Asks for neighbours of ghosts.
  static let bondOrder = "Tersoff_LAMMPS_Tersoff_1989_SiC__MO_171585019474_003"
  /// Two lists, and neighbours of ghosts in one of them.
  static let twoLists = "ex_model_Ar_SLJ_MultiCutoff"
  /// Any element.
  static let universal = "LJ_ElliottAkerson_2015_Universal__MO_959249795837_003"

  /// Whether the library and models are there.
  static let areInstalled = [copper, metals, bondOrder, twoLists, universal].allSatisfy {
    (try? OpenKIMProvider(model: $0)) != nil
  }
  /// What a skipped test says.
  static let skipMessage = "needs Debian's packages libkim-api2 and openkim-models"

  static func elements(_ symbols: [String]) -> [Element] {
    symbols.compactMap(Element.init(symbol:))
  }

  /// Three atoms in a thin and skewed cell, two of them far outside; lengths in `distance` Å.
  static func thin(_ symbols: [String], distance: Double) -> Structure {
    structure(
      symbols, distance,
      [[0.1, 0.2, 0.3], [4.9, -2.3, 1.2], [-0.6, 3.1, 2.3]],
      Cell([1.35, 0, 0], [0.5, 1.30, 0], [0.4, -0.6, 3.1]))
  }

  /// Five atoms that repeat along two axes of three.
  static func slab(_ symbols: [String], distance: Double) -> Structure {
    structure(
      symbols, distance,
      [[0.05, 0, 0.1], [0.95, 0.1, -0.15], [-0.1, 1, 0.8], [7.1, 0.9, 0.95], [0.4, 3.3, 1.8]],
      Cell(
        [2, 0.1, 0], [-1.2, 1.9, 0], [0.6, -0.5, 8], periodicity: Periodicity(true, true, false)))
  }

  private static func structure(
    _ symbols: [String], _ distance: Double, _ positions: [Vector3], _ cell: Cell
  ) -> Structure {
    let kinds = elements(symbols)
    return Structure(
      elements: positions.indices.map { kinds[$0 % kinds.count] },
      positions: positions.map { distance * $0 },
      cell: Cell(
        distance * cell.a, distance * cell.b, distance * cell.c, periodicity: cell.periodicity))
  }
}
