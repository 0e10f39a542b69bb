// SPDX-License-Identifier: MIT

import Scoring

/// A score structure by structure: for reading the farthest first, for programs everything in the JSON's
/// order and by its names.
struct StructureTable {
  let score: RelaxationScore

  /// The table of `entries`.
  ///
  /// - Parameter number: of an entry in the viewer of a page; nil if it is not to be seen there.
  func table(
    of entries: [RelaxationScore.Entry],
    number: (RelaxationScore.Entry) -> Int? = { _ in nil }
  ) -> ResultTable {
    func role(_ isShown: Bool) -> ResultTable.Role { isShown ? .plain : .hidden }
    var table = ResultTable(
      "structures", caption: "Structures",
      columns: [
        .init("id", .left, key: "id"),
        .init("split", .left, key: "split", role: score.splits.count > 1 ? .choice : .hidden),
        .init("distance", unit: "Å", key: "distance"),
        .init("farthest atom", unit: "Å", key: "largest_displacement"),
        .init("largest force", unit: "eV/Å", key: "fmax", role: role(score.afbt != nil)),
        .hidden("rmsd"), .hidden("position_mae"), .hidden("energy"),
        .init(
          "energy error", unit: "eV", key: "energy_error",
          role: role(score.overall.counts.withEnergies > 0)),
        .init("steps", key: "steps"), .init("ended", .left, key: "status", role: .choice),
        .init(
          "anomalies", .left, key: "anomalies", role: score.normal == nil ? .hidden : .choice),
        .hidden("distance_with_rows_exchanged"),
      ])
    table.isLong = true
    for entry in entries {
      let atoms = entry.displacements
      table.append(
        .structure(id: entry.id, number: number(entry)),
        entry.split.map { .name($0) } ?? .missing,
        .number(entry.distance, decimals: 4), .number(atoms?.largest, decimals: 3),
        .number(entry.fmax, decimals: 4), .number(atoms?.rootMeanSquare, decimals: 4),
        .number(atoms?.meanAbsoluteComponent, decimals: 4), .number(entry.energy, decimals: 4),
        .number(entry.energyError, decimals: 4), .count(entry.steps), end(of: entry),
        anomalies(of: entry), .number(entry.exchange?.distance, decimals: 4))
    }
    return table
  }

  /// How the relaxation of `entry` ended, or that there is none.
  private func end(of entry: RelaxationScore.Entry) -> ResultTable.Cell {
    if let status = entry.status, entry.verdict != .missing { return .text(status.rawValue) }
    switch entry.verdict {
    case .missing: return .words("missing", .missing)
    case .failed: return .words("failed", .missing)
    case .scored: return .missing
    }
  }

  /// What happened to `entry` in words, or that it cannot be told.
  private func anomalies(of entry: RelaxationScore.Entry) -> ResultTable.Cell {
    guard let found = entry.anomalies else { return .words("not judged", .missing) }
    let names = Anomaly.allCases.filter(found.contains).map(\.rawValue)
    return names.isEmpty
      ? .text("none")
      : .words(names.joined(separator: ", "), .text(names.joined(separator: ";")))
  }
}
