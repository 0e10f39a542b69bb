// SPDX-License-Identifier: MIT

import Files
import Scoring

/// Where pairs of trajectories part, and how much of them could be compared at all.
struct PartingTable {
  private let partings: [TrajectoryParting]
  private let tolerance: Double
  private let style: TextTable.Style

  /// A table of `partings`, which are those by more than `tolerance` Å.
  init(_ partings: [TrajectoryParting], tolerance: Double, style: TextTable.Style) {
    (self.partings, self.tolerance, self.style) = (partings, tolerance, style)
  }

  /// The earliest partings, with notes on all.
  var table: TextTable {
    var table = TextTable(
      columns: [
        .init("trajectories part", .left), .init("step"), .init("atom"), .init("distance (Å)"),
        .init("common steps"),
      ])
    let parted = partings.filter { $0.step != nil }.sorted { ($0.step ?? 0) < ($1.step ?? 0) }
    for parting in parted.prefix(ScoreReport.listed) {
      table.append(
        Excerpt.name(parting.id), step(of: parting), "\(parting.atom ?? 0)",
        Decimals.fixed(parting.distance, 3, style: style), "\(parting.commonSteps)")
    }
    if parted.isEmpty {
      let nothing = Decimals.fixed(nil, 0, style: style)
      table.append("none", nothing, nothing, nothing, nothing)
    }
    let listed = parted.count > ScoreReport.listed ? "; the earliest are listed." : "."
    table.notes = [
      "\(parted.count) of \(partings.count) part by more than \(tolerance) Å\(listed)"
    ]
    table.notes += gaps
    return table
  }

  /// The step, or those among which it is if not all of them were recorded.
  private func step(of parting: TrajectoryParting) -> String {
    guard let step = parting.step else { return Decimals.fixed(nil, 0, style: style) }
    guard let before = parting.lastTogether, before + 1 < step else { return "\(step)" }
    return "\(before + 1) to \(step)"
  }

  /// What cannot be told because trajectories leave out steps.
  private var gaps: [String] {
    let sparse = partings.filter { !$0.isEveryStep }
    guard !sparse.isEmpty else { return [] }
    var notes = [
      "\(sparse.count) of \(partings.count) lack steps in one file or both (`--frames ends` or `every:N`): "
        + "they may part unseen.",
      "Only common steps are compared; relax with `--frames all` to record every step.",
    ]
    let starts = sparse.count { $0.commonSteps == 1 }
    if starts > 0 {
      notes.append("\(starts) of these have one step in common, mostly the start: too few to tell.")
    }
    let ends = sparse.count { $0.commonSteps == 2 }
    if ends > 0 {
      notes.append("\(ends) of these have two steps in common, mostly the first and the last.")
    }
    return notes
  }
}
