// SPDX-License-Identifier: MIT

import Files
import Scoring

/// Where pairs of trajectories part, and how much of them could be compared at all.
struct PartingTable {
  private let partings: [TrajectoryParting]
  private let tolerance: Double

  /// A table of `partings`, which are those by more than `tolerance` Å.
  init(_ partings: [TrajectoryParting], tolerance: Double) {
    (self.partings, self.tolerance) = (partings, tolerance)
  }

  /// The partings, the earliest first, with notes on all.
  var table: ResultTable {
    var table = ResultTable(
      "parted", caption: "Where trajectories part",
      columns: [
        .init("trajectories part", .left, key: "id"), .init("step", key: "step"),
        .init("atom", key: "atom"), .init("distance", unit: "Å", key: "distance"),
        .init("common steps", key: "common_steps"),
      ])
    let parted = partings.filter { $0.step != nil }.sorted { ($0.step ?? 0) < ($1.step ?? 0) }
    for parting in parted {
      table.append(
        .structure(id: parting.id), step(of: parting), .count(parting.atom ?? 0),
        .number(parting.distance, decimals: 3), .count(parting.commonSteps))
    }
    table.placeholder = "none"
    table.shortened = ScoreReport.listed
    table.countsTheRest = false
    let listed = parted.count > ScoreReport.listed ? "; the earliest are listed." : "."
    table.notes = [
      "\(parted.count) of \(partings.count) part by more than \(tolerance) Å\(listed)"
    ]
    table.notes += gaps
    return table
  }

  /// Every pair of trajectories, parted or not, for programs.
  var all: ResultTable {
    var table = ResultTable(
      "partings", caption: "All pairs of trajectories",
      columns: [
        .init("id", .left, key: "id"), .init("step", key: "step"), .init("atom", key: "atom"),
        .init("distance", unit: "Å", key: "distance"),
        .init("last common step", key: "last_common_step"),
        .init("common steps", key: "common_steps"),
        .init("every step", .left, key: "every_step", role: .choice),
      ])
    table.isLong = true
    for parting in partings {
      table.append(
        .structure(id: parting.id), step(of: parting), .count(parting.atom),
        .number(parting.distance, decimals: 3), .count(parting.lastCommonStep),
        .count(parting.commonSteps),
        .words(parting.isEveryStep ? "yes" : "no", .boolean(parting.isEveryStep)))
    }
    return table
  }

  /// The step, or those among which it is if not all of them were recorded.
  private func step(of parting: TrajectoryParting) -> ResultTable.Cell {
    guard let step = parting.step else { return .missing }
    guard let before = parting.lastTogether, before + 1 < step else { return .count(step) }
    return .words("\(before + 1) to \(step)", .integer(step))
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
