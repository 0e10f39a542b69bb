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
  public func text(style: TextTable.Style = .unicode) -> String {
    var tables = self.tables(style)
    tables[0].title = title
    return tables.map { $0.text(style: style) }.joined(separator: "\n")
  }

  /// The same as Markdown.
  public func markdown() -> String {
    "# \(title)\n\n" + tables(.unicode).map { $0.markdown() }.joined(separator: "\n")
  }

  /// The same as a page with plots, for a browser or a printer.
  public func html() -> String {
    StudyReport(self, methods: [StudyReport.Method(name: predicted, score: score)]).html()
  }

  /// The names that figures can have.
  public static let figureNames = StudyReport.figureNames

  /// All plots as files of their own, by name without extension.
  public func figures(_ format: PlotFormat = .figure) -> [(name: String, svg: String)] {
    StudyReport(self, methods: [StudyReport.Method(name: predicted, score: score)]).figures(format)
  }

  /// Everything that is shown, a table each.
  func tables(_ style: TextTable.Style, lists: Bool = true) -> [TextTable] {
    var tables = [ScoreTable(score, style: style).table(), counts]
    tables[0].notes = settingsInWords
    if score.scored > 0 { tables.append(spread(style)) }
    if let anomalies { tables.append(anomalies) }
    if let steps = steps { tables.append(steps) }
    return lists ? tables + self.lists() : tables
  }

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
  var counts: TextTable {
    let settings = score.settings
    let (missing, failed) = (score.missing.count, score.overall.counts.failed)
    func fate(_ treatment: ScoringSettings.Treatment) -> String {
      treatment == .failure ? "failures" : "left out"
    }
    var table = TextTable(columns: [.init("", .left), .init(""), .init("", .left)])
    table.append("references", "\(score.structures.count)", "")
    table.append("scored", "\(score.scored)", "")
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
    for (name, count, meaning) in kinds where count > 0 { table.append(name, "\(count)", meaning) }
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

  private func spread(_ style: TextTable.Style) -> TextTable {
    let angstrom = style == .unicode ? "Å" : "A"
    var table = TextTable(
      columns: [.init("", .left)]
        + ["smallest", "quarter", "median", "3 quarters", "largest", "mean"].map { .init($0) })
    func append(_ name: String, _ values: [Double]) {
      guard !values.isEmpty else { return }
      let sorted = values.sorted()
      let numbers =
        [0, 0.25, 0.5, 0.75, 1].map { Quantile.of(sorted, $0) }
        + [Mean.of(values) ?? .nan]
      table.append([name] + numbers.map { Decimals.fixed($0, 4, style: style) })
    }
    append("distance (\(angstrom))", score.structures.compactMap(\.distance))
    append("largest force (eV/\(angstrom))", score.structures.compactMap(\.fmax))
    append("energy error (eV)", score.structures.compactMap(\.energyError))
    return table
  }

  /// How many structures show which anomaly; nil if that cannot be told of any.
  private var anomalies: TextTable? {
    let known = score.structures.compactMap(\.anomalies)
    guard !known.isEmpty else { return nil }
    var table = TextTable(
      columns: [.init("anomaly", .left), .init("structures"), .init("", .left)])
    for (anomaly, count) in score.anomalyCounts {
      table.append(anomaly.rawValue, "\(count)", anomaly.meaning)
    }
    table.append("none of them", "\(known.count { $0.isEmpty })", "")
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
  private var steps: TextTable? {
    guard let curves = score.curves, let last = curves.steps.last else { return nil }
    let wanted = [0, 10, 20, 50, 100, 200, 500].filter { $0 < last } + [last]
    var table = TextTable(columns: [.init("stopped after", .left)] + wanted.map { .init("\($0)") })
    table.append(["ADwT"] + wanted.map { Decimals.percent(curves.adwt(after: $0)) })
    if curves.hasGaps {
      table.notes = [
        "Trajectories do not hold every step: in a gap the last frame before it counts."
      ]
    }
    return table
  }

  private func lists() -> [TextTable] {
    var tables: [TextTable] = []
    func add(_ header: String, _ rows: [[String]], second: String? = nil) {
      guard !rows.isEmpty else { return }
      var columns = [TextTable.Column(header, .left)]
      if let second { columns.append(.init(second, .left)) }
      var table = TextTable(columns: columns)
      for row in rows.prefix(ScoreReport.listed) { table.append(row) }
      let more = rows.count - ScoreReport.listed
      if more > 0 { table.notes = ["and \(more) more, all of them in the JSON report"] }
      tables.append(table)
    }
    add("failed", score.failures.map { [Excerpt.name($0.id), $0.reason] }, second: "reason")
    add("missing", score.missing.map { [Excerpt.name($0)] })
    add("unlabelled", score.unlabelled.map { [Excerpt.name($0)] })
    add("left out", score.leftOut.map { [Excerpt.name($0.id), $0.reason] }, second: "reason")
    add("extra", score.extra.map { [Excerpt.name($0)] })
    return tables
  }
}
