// SPDX-License-Identifier: MIT

import Files
import Scoring

/// All numbers of a score: a row each, a column for all structures or for each split.
struct ScoreTable {
  /// A column: what it is about, and its numbers.
  struct Column {
    var name: String
    var summary: ScoreSummary
  }

  let score: RelaxationScore
  let columns: [Column]

  /// The numbers of `score`: splits and their average if there are splits, else all structures; and those
  /// without an anomaly, if anomalies are known.
  init(_ score: RelaxationScore) {
    self.score = score
    var columns = score.splits.map { Column(name: $0.name, summary: $0.summary) }
    if let average = score.average, columns.count > 1 {
      columns.append(Column(name: "average", summary: average))
    }
    if columns.isEmpty { columns = [Column(name: "all", summary: score.overall)] }
    if let normal = score.normal {
      let judged = score.structures.count { $0.anomalies != nil }
      columns.append(Column(name: "no anomaly, of \(judged) judged", summary: normal))
    }
    self.columns = columns
  }

  /// The scores as a table; programs find each by its name in the JSON and, if it has one, its limit.
  func table() -> ResultTable {
    let settings = score.settings
    var table = ResultTable(
      "scores", caption: "Scores",
      columns: [.init("", .left, key: "metric"), .hidden("name"), .hidden("limit")]
        + columns.map {
          .init(columns.count > 1 ? Excerpt.name($0.name, atMost: 24) : "", key: $0.name)
        })
    func row(
      _ words: String, _ name: String, limit: Double? = nil,
      _ cell: (ScoreSummary) -> ResultTable.Cell?
    ) {
      let cells = columns.map { cell($0.summary) }
      guard cells.contains(where: { $0 != nil }) else { return }
      table.append(
        [.text(words), .text(name), .words("", .init(limit))] + cells.map { $0 ?? .missing })
    }
    func share(_ share: Double?) -> ResultTable.Cell? { share.map { .share($0) } }
    func length(_ value: Double?) -> ResultTable.Cell? {
      value.map { .number($0, decimals: 4) }
    }
    func range(_ limits: Thresholds) -> String {
      "\(Decimals.fixed(limits.first, 3)) … \(Decimals.fixed(limits.last, 3))"
    }
    if columns.count > 1 { row("structures", "structures") { .count($0.counts.references) } }
    row("ADwT (\(range(settings.distanceLimits)) Å)", "adwt") { .share($0.adwt) }
    for (index, limit) in settings.distanceMarks.enumerated() {
      row("DwT (\(limit) Å)", "dwt", limit: limit) { .share($0.dwt[index].share) }
    }
    row("AFbT (\(range(settings.forceLimits)) eV/Å)", "afbt") { share($0.afbt) }
    if score.unlabelled.count + score.overall.counts.withoutForces > 0 {
      row("AFbT, of those with forces", "afbt_of_known") { share($0.afbtOfKnown) }
    }
    if score.afbt != nil {
      for (index, limit) in settings.forceMarks.enumerated() {
        row("FbT (\(limit) eV/Å)", "fbt", limit: limit) { .share($0.fbt[index].share) }
      }
      if let near = settings.distanceMarks.first, let calm = settings.forceMarks.first {
        row("both (\(near) Å, \(calm) eV/Å)", "joint") { share($0.joint) }
      }
    }
    row("mean distance (Å)", "mean_distance") { length($0.meanDistance) }
    row("position MAE (Å)", "position_mae") { length($0.positionError) }
    row("RMSD (Å)", "rmsd") { length($0.rootMeanSquare) }
    row("energy MAE (eV)", "energy_mae") { length($0.energyError) }
    row("converged", "converged") { share($0.converged) }
    row("steps", "steps") { $0.steps.map { .number($0, decimals: 1) } }
    return table
  }
}
