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
  let style: TextTable.Style
  let columns: [Column]

  /// The numbers of `score`: splits and their average if there are splits, else all structures; and those
  /// without an anomaly, if anomalies are known.
  init(_ score: RelaxationScore, style: TextTable.Style = .unicode) {
    (self.score, self.style) = (score, style)
    var columns = score.splits.map {
      Column(name: Excerpt.name($0.name, atMost: 24), summary: $0.summary)
    }
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

  /// The scores as a table for a terminal.
  func table() -> TextTable {
    let (angstrom, arrow) = style == .unicode ? ("Å", "…") : ("A", "...")
    let settings = score.settings
    var table = TextTable(
      columns: [.init("", .left)] + columns.map { .init(columns.count > 1 ? $0.name : "") })
    func row(_ name: String, _ cell: (ScoreSummary) -> String?) {
      let cells = columns.map { cell($0.summary) }
      guard cells.contains(where: { $0 != nil }) else { return }
      table.append([name] + cells.map { $0 ?? Decimals.fixed(nil, 0, style: style) })
    }
    func percent(_ share: Double?) -> String? { share.map { Decimals.percent($0, style: style) } }
    func length(_ value: Double?) -> String? { value.map { Decimals.fixed($0, 4, style: style) } }
    func range(_ limits: Thresholds) -> String {
      "\(Decimals.fixed(limits.first, 3)) \(arrow) \(Decimals.fixed(limits.last, 3))"
    }
    if columns.count > 1 { row("structures") { "\($0.counts.references)" } }
    row("ADwT (\(range(settings.distanceLimits)) \(angstrom))") { percent($0.adwt) }
    for index in settings.distanceMarks.indices {
      row("DwT (\(settings.distanceMarks[index]) \(angstrom))") { percent($0.dwt[index].share) }
    }
    row("AFbT (\(range(settings.forceLimits)) eV/\(angstrom))") { percent($0.afbt) }
    if score.unlabelled.count + score.overall.counts.withoutForces > 0 {
      row("AFbT, of those with forces") { percent($0.afbtOfKnown) }
    }
    if score.afbt != nil {
      for index in settings.forceMarks.indices {
        row("FbT (\(settings.forceMarks[index]) eV/\(angstrom))") { percent($0.fbt[index].share) }
      }
      if let near = settings.distanceMarks.first, let calm = settings.forceMarks.first {
        row("both (\(near) \(angstrom), \(calm) eV/\(angstrom))") { percent($0.joint) }
      }
    }
    row("mean distance (\(angstrom))") { length($0.meanDistance) }
    row("position MAE (\(angstrom))") { length($0.positionError) }
    row("RMSD (\(angstrom))") { length($0.rootMeanSquare) }
    row("energy MAE (eV)") { length($0.energyError) }
    row("converged") { percent($0.converged) }
    row("steps") { $0.steps.map { Decimals.fixed($0, 1, style: style) } }
    return table
  }
}
