// SPDX-License-Identifier: MIT

import Files
import Scoring

/// A `RelaxationScore` to be shown: `text()` for the terminal, `markdown()` for a repository, `json` for
/// programs, `html()` for a browser or a printer.
public struct ScoreReport: Sendable {
  /// What is shown.
  public let score: RelaxationScore
  /// Where the predictions came from, usually a file name.
  public let predicted: String
  /// Where the references came from, usually a file name.
  public let reference: String

  /// A report on `score` of the structures in `predicted` against those in `reference`.
  public init(_ score: RelaxationScore, predicted: String, reference: String) {
    (self.score, self.predicted, self.reference) = (score, predicted, reference)
  }

  /// How many ids or failures the text lists before it refers to the JSON.
  static let listed = 10

  /// What is judged by what.
  var title: String { "\(predicted) against \(reference)" }

  /// The score for the terminal, a screen or two whatever the number of structures.
  public func text(style: ResultTable.Style = .unicode) -> String {
    var tables = self.tables() + lists
    tables[0].title = title
    return tables.map { $0.text(style: style) }.joined(separator: "\n")
  }

  /// The same as Markdown.
  public func markdown() -> String {
    "# \(title)\n\n" + (tables() + lists).map { $0.markdown() }.joined(separator: "\n")
  }

  /// The same as a page with plots, for a browser or a printer.
  public func html() -> String {
    StudyReport(self, methods: [StudyReport.Method(name: predicted, score: score)]).html()
  }

  /// All scores, what they count and how they spread, a table each.
  func tables() -> [ResultTable] {
    var tables = [ScoreTable(score).table(), counts]
    tables[0].notes = settingsInWords
    if score.scored > 0 { tables.append(spread) }
    if let anomalies { tables.append(anomalies) }
    if let steps = steps { tables.append(steps) }
    return tables
  }

  /// Everything by itself: structure by structure, the scores, and what is wrong with some.
  public var tableSet: TableSet {
    TableSet(
      main: StructureTable(score: score).table(of: score.structures),
      others: tables() + lists + (curves.map { [$0] } ?? []))
  }

  /// The names that tables of `tableSet` can have.
  public static let tableNames = [
    "structures", "scores", "counts", "spread", "anomalies", "steps", "failed", "missing",
    "unlabelled", "left_out", "extra", "curves",
  ]

  /// What the numbers depend on, a sentence each.
  var settingsInWords: [String] {
    let settings = score.settings
    var sentences: [String] = []
    let judged =
      switch settings.atoms {
      case .free: "the reference's free atoms"
      case .adsorbate: "the reference's free adsorbate atoms"
      case .all: "all atoms, the fixed ones too"
      }
    switch settings.convention {
    case .nearestImage:
      let all = score.leftOut.isEmpty ? "all references" : "all references that are not left out"
      sentences.append("Shares: of \(all), how many are below a limit (equal is not below).")
      sentences.append(
        score.afbt == nil
          ? "ADwT: the average of these shares over all limits in brackets."
          : "ADwT and AFbT: the averages of these shares over all limits in brackets.")
      sentences.append("Distance: mean over \(judged), each to its nearest periodic image.")
    case .ocp:
      sentences.append(
        "Distance: mean over \(judged) by the released ocp arithmetic; no structure is left out.")
    }
    func treated(_ what: String, _ treatment: ScoringSettings.Treatment) -> String {
      what + (treatment == .failure ? " count as failures" : " are left out")
    }
    sentences.append(
      settings.missing == settings.failed
        ? treated("Missing structures and failed relaxations", settings.missing) + "."
        : treated("Missing structures", settings.missing) + ", "
          + treated("failed relaxations", settings.failed) + ".")
    sentences.append("Relaxations that did not converge are judged where they ended.")
    if score.overall.counts.withEnergies > 0 {
      sentences.append("Energies are compared as they are: both sides must have the same zero.")
    }
    let measure =
      switch settings.forceMeasure {
      case .norm: "largest norm"
      case .component: "largest component"
      case .mean: "mean norm"
      }
    let unlabelled = treated("Structures without forces", settings.unlabelled)
    switch settings.forces {
    case .none: break
    case .labels(let name):
      sentences.append("Forces (\(measure)) from \(name). \(unlabelled).")
    case .provider(let specification):
      sentences.append(
        "Forces (\(measure)) from \(specification), at the predicted positions. \(unlabelled).")
    }
    return sentences
  }

  /// How many structures there are of each kind; kinds without any are left out.
  var counts: ResultTable {
    let settings = score.settings
    let (missing, failed) = (score.missing.count, score.overall.counts.failed)
    func fate(_ treatment: ScoringSettings.Treatment) -> String {
      treatment == .failure ? "failures" : "left out"
    }
    var table = ResultTable(
      "counts", caption: "Structures of each kind",
      columns: [
        .init("", .left, key: "structures"), .init("", key: "count"),
        .init("", .left, key: "meaning"),
      ])
    table.append(.text("references"), .count(score.structures.count), .empty)
    table.append(.text("scored"), .count(score.scored), .empty)
    let kinds = [
      ("missing", missing, "not predicted: \(fate(settings.missing))"),
      ("failed", failed, "predicted without a result: \(fate(settings.failed))"),
      (
        "unlabelled", score.unlabelled.count,
        "without reference forces: \(fate(settings.unlabelled)) of AFbT"
      ),
      (
        "without forces", score.overall.counts.withoutForces,
        "not evaluated: \(fate(settings.unlabelled)) of AFbT"
      ),
      ("left out", score.leftOut.count, "references without an atom to judge: in no number"),
      ("extra", score.extra.count, "not in the reference: not scored"),
      ("unused labels", score.unusedLabels.count, "not in the reference"),
    ]
    for (name, count, meaning) in kinds where count > 0 {
      table.append(.text(name), .count(count), .text(meaning))
    }
    if let exchanged { table.notes.append(exchanged) }
    return table
  }

  /// That rows of one element seem to be exchanged, if they do in some structure.
  private var exchanged: String? {
    let found = score.structures.filter { $0.exchange != nil }
    guard let first = found.first, let exchange = first.exchange else { return nil }
    return
      "In \(Excerpt.count(found.count, "structure")) atoms of one element seem to stand in another "
      + "order than in the reference: with \(exchange.rows) rows exchanged `\(Excerpt.name(first.id))` would "
      + "be \(Decimals.fixed(exchange.distance, 4)) Å away, not \(Decimals.fixed(first.distance, 4)) Å."
  }

  /// The range of each number over structures.
  private var spread: ResultTable {
    var table = ResultTable(
      "spread", caption: "Spread over structures",
      columns: [.init("", .left, key: "quantity"), .hidden("name")]
        + ["smallest", "quarter", "median", "3 quarters", "largest", "mean"].map {
          .init($0, key: $0.replacing(" ", with: "_"))
        })
    func append(_ words: String, _ name: String, _ values: [Double]) {
      guard !values.isEmpty else { return }
      let sorted = values.sorted()
      let numbers =
        [0, 0.25, 0.5, 0.75, 1].map { Quantile.of(sorted, $0) }
        + [Mean.of(values) ?? .nan]
      table.append([.text(words), .text(name)] + numbers.map { .number($0, decimals: 4) })
    }
    append("distance (Å)", "distance", score.structures.compactMap(\.distance))
    append("largest force (eV/Å)", "fmax", score.structures.compactMap(\.fmax))
    append("energy error (eV)", "energy_error", score.structures.compactMap(\.energyError))
    return table
  }

  /// How many structures show which anomaly; nil if that cannot be told of any.
  private var anomalies: ResultTable? {
    let known = score.structures.compactMap(\.anomalies)
    guard !known.isEmpty else { return nil }
    var table = ResultTable(
      "anomalies", caption: "Anomalies",
      columns: [
        .init("anomaly", .left, key: "anomaly"), .init("structures", key: "structures"),
        .init("", .left, key: "meaning"),
      ])
    for (anomaly, count) in score.anomalyCounts {
      table.append(.text(anomaly.rawValue), .count(count), .text(anomaly.meaning))
    }
    table.append(
      .words("none of them", .text("none")), .count(known.count { $0.isEmpty }), .empty)
    if let limits = score.settings.anomalies {
      table.notes = [
        "Bonded: closer than \(limits.bond) times the covalent radii + 0.6 Å (generously: "
          + "\(limits.looseBond) times).",
        "Migrated: the adsorbate's centre more than \(limits.migration) Å along the surface.",
      ]
      let unknown = score.scored - known.count
      if unknown > 0 {
        table.notes.append(
          "\(unknown) of \(Excerpt.count(score.scored, "scored structure")) could not be judged: they have "
            + "no initial structure or no tags.")
      }
    }
    return table
  }

  /// ADwT if relaxations had been stopped early; nil without trajectories.
  private var steps: ResultTable? {
    guard let curves = score.curves, let last = curves.steps.last else { return nil }
    let wanted = [0, 10, 20, 50, 100, 200, 500].filter { $0 < last } + [last]
    var table = ResultTable(
      "steps", caption: "ADwT if relaxations had been stopped after so many steps",
      columns: [.init("stopped after", .left, key: "metric")] + wanted.map { .init("\($0)") })
    table.append([.text("ADwT")] + wanted.map { .share(curves.adwt(after: $0)) })
    if curves.hasGaps {
      table.notes = [
        "Trajectories do not hold every step: in a gap the last frame before it counts."
      ]
    }
    return table
  }

  /// The same after each step, for programs.
  private var curves: ResultTable? {
    guard let curves = score.curves else { return nil }
    var table = ResultTable(
      "curves", caption: "Scores if relaxations had been stopped after a step",
      columns: [
        .init("step", key: "step"), .init("ADwT", key: "adwt"),
        .init("mean distance", unit: "Å", key: "mean_distance"),
      ])
    table.isLong = true
    for (index, step) in curves.steps.enumerated() {
      table.append(
        .count(step), .share(curves.adwt[index]), .number(curves.meanDistance[index], decimals: 4))
    }
    return table
  }

  /// What is wrong with some structures, a table for each way that occurs.
  private var lists: [ResultTable] {
    let failed = score.failures.map { ($0.id, Optional($0.reason)) }
    let leftOut = score.leftOut.map { ($0.id, Optional($0.reason)) }
    func alone(_ ids: [String]) -> [(String, String?)] { ids.map { ($0, nil) } }
    return [
      ("failed", failed), ("missing", alone(score.missing)),
      ("unlabelled", alone(score.unlabelled)), ("left out", leftOut),
      ("extra", alone(score.extra)),
    ].filter { !$0.1.isEmpty }.map { ScoreReport.list($0.0, $0.1) }
  }

  /// Ids under `header`, with reasons if there are any.
  static func list(
    _ header: String, _ rows: [(id: String, reason: String?)],
    number: (String) -> Int? = { _ in nil }
  ) -> ResultTable {
    var table = ResultTable(
      header.replacing(" ", with: "_"), caption: header.prefix(1).uppercased() + header.dropFirst(),
      columns: [.init(header, .left, key: "id")])
    let hasReasons = rows.contains { $0.reason != nil }
    if hasReasons { table.columns.append(.init("reason", .left, key: "reason")) }
    for (id, reason) in rows {
      let cells: [ResultTable.Cell] = [.structure(id: id, number: number(id))]
      table.append(hasReasons ? cells + [reason.map { .text($0) } ?? .missing] : cells)
    }
    table.shortened = ScoreReport.listed
    return table
  }
}
