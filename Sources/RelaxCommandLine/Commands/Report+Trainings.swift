// SPDX-License-Identifier: MIT

import ArgumentParser
import Reporting

/// The curves of trainings.
extension Report {
  /// Requires that nothing is asked for beside trainings that they have no use for.
  func requireTrainingsAlone() throws {
    let others: [(String, Bool)] = [
      ("relaxed structures", !predicted.isEmpty), ("--reference", !scoring.reference.isEmpty),
      ("--provider", !scoring.provider.isEmpty), ("--labels", !scoring.labels.isEmpty),
      ("--initial", !scoring.initial.isEmpty), ("--trajectory", !trajectory.isEmpty),
      ("--summary", !summary.isEmpty), ("--others", !others.isEmpty),
      ("--other-summaries", !otherSummaries.isEmpty), ("--viewer", viewer != nil),
    ]
    if let (what, _) = others.first(where: \.1) {
      throw ValidationError(
        "--training makes a page of trainings, and \(what) one of relaxations: choose one")
    }
    try MethodNames.require(name, atMost: training.count)
  }

  func reportTrainings() throws {
    let page = try TrainingPage(folders: training, names: name)
    let report = page.report
    var plan = OutputPlan(overwrite: replacing.overwrite)
    plan.reads(page.files)
    let place = try destination(
      plan, tables: TrainingReport.tableNames, figures: report.figureNames)
    defer { place.end() }
    try write(report, to: place)
  }
}
