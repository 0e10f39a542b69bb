// SPDX-License-Identifier: MIT

import Files
import RelaxNumerics
import Relaxation
import Scoring
import StructureFiles

/// A set of relaxed structures as tables.
struct RelaxedTables {
  let relaxed: RelaxedSet
  /// Whether the structure of a number can be seen on the page.
  var isShown: (Int) -> Bool = { _ in false }

  /// How many structures ended how; statuses that none has are left out.
  var statuses: ResultTable {
    var table = ResultTable(
      "statuses", caption: "How relaxations ended",
      columns: [
        .init("status", .left, key: "status"), .init("structures", key: "structures"),
        .init("share", key: "share"), .init("", .left, keys: []),
      ])
    let all = Double(max(1, relaxed.entries.count))
    for status in RelaxationStatus.allCases {
      let count = relaxed.count(status)
      guard count > 0 else { continue }
      table.append(
        .text(status.rawValue), .count(count), .share(Double(count) / all), .text(status.meaning))
    }
    let unknown = relaxed.count(nil)
    if unknown > 0 {
      table.append(
        .words("–", .missing), .count(unknown), .share(Double(unknown) / all),
        .text("the file does not say how they ended"))
    }
    return table
  }

  /// Structures that failed or did not converge, and anomalies, with what is known of why.
  var troubles: ResultTable {
    var table = ResultTable(
      "troubles", caption: "To look into",
      columns: [
        .init("id", .left, key: "id"), .init("status", .left, key: "status", role: .choice),
        .init("largest force", unit: "eV/Å", key: "fmax"), .init("steps", key: "steps"),
        .init("reason", .left, key: "reason"),
      ])
    table.isLong = true
    for entry in relaxed.troubledFirst where !entry.isFine {
      var reasons = entry.reason.map { [$0] } ?? []
      if let found = entry.anomalies, !found.isEmpty {
        reasons.append(
          Anomaly.allCases.filter(found.contains).map { "\($0.rawValue): \($0.meaning)" }
            .joined(separator: "; "))
      }
      table.append(
        id(entry), status(entry), .number(entry.fmax, decimals: 4), .count(entry.steps),
        reasons.isEmpty ? .missing : .text(reasons.joined(separator: "; ")))
    }
    if relaxed.entries.contains(where: { !$0.isFine && $0.reason == nil && $0.status != .converged }
    ) {
      table.notes.append(
        "Reasons are in the run's journal, beside the relaxed structures, or in its --summary: where neither is "
          + "at hand they are not known.")
    }
    return table
  }

  /// Quartiles of what structures have.
  var spread: ResultTable {
    var table = ResultTable(
      "spread", caption: "Spread over structures",
      columns: [.init("", .left, key: "quantity"), .init("structures", key: "structures")]
        + [
          ("smallest", "smallest"), ("quarter", "quarter"), ("median", "median"),
          ("3 quarters", "three_quarters"), ("largest", "largest"), ("mean", "mean"),
        ].map { .init($0.0, key: $0.1) })
    func append(_ name: String, _ decimals: Int, _ value: (RelaxedSet.Entry) -> Double?) {
      let sorted = relaxed.entries.compactMap(value).filter(\.isFinite).sorted()
      guard !sorted.isEmpty else { return }
      let numbers =
        [0, 0.25, 0.5, 0.75, 1].map { Quantile.of(sorted, $0) } + [Mean.of(sorted) ?? .nan]
      table.append(
        [.text(name), .count(sorted.count)] + numbers.map { .number($0, decimals: decimals) })
    }
    append("energy (eV)", 3) { $0.energy }
    append("energy won (eV)", 3) { $0.energyChange.map { -$0 } }
    append("largest force (eV/Å)", 4) { $0.fmax }
    append("steps", 1) { $0.steps.map(Double.init) }
    append("evaluations", 1) { $0.evaluations.map(Double.init) }
    append("seconds", 3) { $0.seconds }
    append("atoms", 1) { $0.atoms > 0 ? Double($0.atoms) : nil }
    return table
  }

  /// How many structures show which anomaly; nil if that can be told of none.
  var anomalies: ResultTable? {
    let known = relaxed.entries.compactMap(\.anomalies)
    guard !known.isEmpty else { return nil }
    var table = ResultTable(
      "anomalies", caption: "Anomalies",
      columns: [
        .init("anomaly", .left, key: "anomaly"), .init("structures", key: "structures"),
        .init("", .left, keys: []),
      ])
    for anomaly in Anomaly.allCases {
      table.append(
        .text(anomaly.rawValue), .count(known.count { $0.contains(anomaly) }),
        .text(anomaly.meaning))
    }
    table.append(.text("none of them"), .count(known.count { $0.isEmpty }), .text(""))
    let unknown = relaxed.entries.count - known.count
    if unknown > 0 {
      table.notes.append(
        "\(unknown) of \(Excerpt.count(relaxed.entries.count, "structure")) could not be judged: their start is not "
          + "known (--initial, or a trajectory), or they have no tags.")
    }
    return table
  }

  /// Everything structure by structure, what needs a look first.
  var structures: ResultTable {
    let entries = relaxed.entries
    func role(_ isKnown: (RelaxedSet.Entry) -> Bool) -> ResultTable.Role {
      entries.contains(where: isKnown) ? .plain : .hidden
    }
    var table = ResultTable(
      "structures", caption: "Structures",
      columns: [
        .init("id", .left, key: "id"),
        .init("file", .left, key: "file", role: relaxed.files.count > 1 ? .choice : .hidden),
        .init("formula", .left, key: "formula"), .init("atoms", key: "atoms"),
        .init("energy", unit: "eV", key: "energy", role: role { $0.energy != nil }),
        .init(
          "energy change", unit: "eV", key: "energy_change", role: role { $0.energyChange != nil }),
        .init("largest force", unit: "eV/Å", key: "fmax"), .init("steps", key: "steps"),
        .init("evaluations", key: "evaluations", role: role { $0.evaluations != nil }),
        .init("seconds", key: "seconds", role: role { $0.seconds != nil }),
        .init("status", .left, key: "status", role: .choice),
        .init("anomalies", .left, key: "anomalies", role: role { $0.anomalies != nil }),
        .hidden("reason"),
      ])
    table.isLong = true
    for entry in relaxed.troubledFirst {
      let anomalies = entry.anomalies.map { found in
        Anomaly.allCases.filter(found.contains).map(\.rawValue)
      }
      table.append(
        id(entry), .name(relaxed.files[entry.file], atMost: 32), .name(entry.formula, atMost: 32),
        .count(entry.atoms > 0 ? entry.atoms : nil), .number(entry.energy, decimals: 4),
        .number(entry.energyChange, decimals: 4), .number(entry.fmax, decimals: 4),
        .count(entry.steps), .count(entry.evaluations), .number(entry.seconds, decimals: 3),
        status(entry),
        anomalies.map { names in
          names.isEmpty
            ? .text("none")
            : .words(names.joined(separator: ", "), .text(names.joined(separator: ";")))
        } ?? .words("not judged", .missing),
        entry.reason.map { .text($0) } ?? .missing)
    }
    return table
  }

  /// All of them.
  var all: TableSet {
    TableSet(
      main: structures,
      others: [statuses, troubles, spread] + (anomalies.map { [$0] } ?? []))
  }

  /// The names that tables can have.
  static let names = ["structures", "statuses", "troubles", "spread", "anomalies"]

  private func id(_ entry: RelaxedSet.Entry) -> ResultTable.Cell {
    .structure(id: entry.id, number: isShown(entry.number) ? entry.number : nil)
  }

  private func status(_ entry: RelaxedSet.Entry) -> ResultTable.Cell {
    entry.status.map { .text($0.rawValue) } ?? .missing
  }
}

extension RelaxationStatus {
  /// What it means, in a sentence.
  var meaning: String {
    switch self {
    case .converged: "the largest force is below the limit"
    case .stepLimit: "the steps were used up before the forces vanished"
    case .stalled: "the forces no longer fell"
    case .diverged: "forces or positions went out of all bounds"
    case .invalid: "the structure could not be used, or makes no sense for the provider"
    case .failed: "the provider gave up"
    case .interrupted: "the run was stopped before they were done"
    }
  }
}
