// SPDX-License-Identifier: MIT

import RelaxNumerics
import Scoring

/// Tables for programs: what the JSON has, a row each.
extension EvaluationReport {
  /// Every number of each split, by the names of the JSON, vectors in three columns; with several splits
  /// the last row is their average, which `row` says.
  var splits: ResultTable {
    func axes(_ key: String) -> [ResultTable.Column] {
      ["x", "y", "z"].map { .init("\(key)_\($0)", key: "\(key)_\($0)") }
    }
    let counts = [
      "files", "frames", "frames_failed", "frames_without_free_atoms", "free_atoms", "energies",
    ]
    let shares = ["force_cosine", "force_magnitude_mae", "force_within_threshold"]
    let energies = [
      "energy_mae", "energy_mse", "energy_within_threshold", "energy_force_within_threshold",
      "baseline_zero_force_mae", "baseline_median_force_mae", "rotation_instability",
    ]
    var columns: [ResultTable.Column] = [
      .init("name", .left, key: "name"), .init("row", .left, key: "row"),
      .init("path", .left, key: "path"),
    ]
    columns += counts.map { .init($0) } + [.init("force_mae")] + axes("force_mae")
    columns += (shares + energies).map { .init($0) } + axes("baseline_median_force")
    var table = ResultTable("splits", caption: "Errors of each split", columns: columns)
    table.isWide = true
    for split in score.splits {
      let counts = [
        split.files, split.frames, split.failures.count, split.framesWithoutFreeAtoms,
        split.forces.atoms, split.energies.structures,
      ]
      table.append(
        [.name(split.name), .text("split"), .name(split.path)] + counts.map { .count($0) }
          + numbers(split.metrics) + vector(split.baselines.median))
    }
    if score.splits.count > 1 {
      let atoms = score.splits.reduce(0) { $0 + $1.forces.atoms }
      table.append(
        [.text("average"), .text("average"), .missing, .missing, .count(score.frames)]
          + [.missing, .missing, .count(atoms), .missing] + numbers(score.average)
          + [.missing, .missing, .missing])
    }
    return table
  }

  /// The frames that are in no mean because they could not be judged; nil if there are none.
  var failed: ResultTable? {
    var table = ResultTable(
      "failed", caption: "Frames that could not be judged",
      columns: [
        .init("split", .left, key: "split", role: .choice), .init("id", .left, key: "id"),
        .init("frame", key: "frame"), .init("reason", .left, key: "reason"),
      ])
    table.isLong = true
    for split in score.splits {
      for failure in split.failures {
        table.append(
          .name(split.name), .structure(id: failure.id), .count(failure.frame),
          .text(failure.reason))
      }
    }
    return table.rows.isEmpty ? nil : table
  }

  private func numbers(_ metrics: SplitMetrics) -> [ResultTable.Cell] {
    func number(_ value: Double?) -> ResultTable.Cell { .number(value, decimals: 4) }
    return [number(metrics.forceError)] + vector(metrics.forceErrorByAxis)
      + [
        metrics.forceCosine, metrics.forceMagnitudeError, metrics.forceShareWithinThreshold,
        metrics.energyError, metrics.energySquaredError, metrics.energyShareWithinThreshold,
        metrics.shareWithinBothThresholds, metrics.zeroBaseline, metrics.medianBaseline,
        metrics.rotationInstability,
      ].map(number)
  }

  private func vector(_ vector: Vector3) -> [ResultTable.Cell] {
    (0..<3).map { .number(vector[$0], decimals: 4) }
  }
}
