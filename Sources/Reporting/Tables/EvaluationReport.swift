// SPDX-License-Identifier: MIT

import Files
import RelaxNumerics
import Scoring

/// An `EvaluationScore` to be shown: `text()` for the terminal, `json` for programs.
public struct EvaluationReport: Sendable {
  /// What is shown.
  public let score: EvaluationScore

  /// A report on `score`.
  public init(_ score: EvaluationScore) { self.score = score }

  /// The score for the terminal; a table for forces, their components and energies each.
  public func text(style: ResultTable.Style = .unicode) -> String {
    guard score.frames > 0 else {
      // Tables of nothing but dashes would hide why.
      var reasons = leftOut ?? ResultTable(columns: [])
      reasons.title = "\(heading)\n\nNo frame could be judged"
      return reasons.text(style: style)
    }
    return tables.map { $0.text(style: style) }.joined(separator: "\n")
  }

  /// What is shown: the first table has the provider above it.
  var tables: [ResultTable] {
    [forces, components] + [energies, leftOut].compactMap { $0 }
  }

  /// Everything by itself: all numbers of each split in one table, those that are shown, and the frames
  /// that could not be judged.
  public var tableSet: TableSet {
    TableSet(main: splits, others: tables + (failed.map { [$0] } ?? []))
  }

  /// The names that tables of `tableSet` can have.
  public static let tableNames = [
    "splits", "forces", "components", "energies", "left_out", "failed",
  ]

  /// The provider, and which part of the frames it is about.
  private var heading: String {
    score.provider + (score.shard.map { ", shard \($0)" } ?? "")
  }

  // MARK: - Tables

  /// One row a set and one for the average, which a single set has no use for.
  private func table(
    _ name: String, title: String, _ columns: [ResultTable.Column],
    _ cells: (SplitMetrics, SplitScore?) -> [ResultTable.Cell]
  ) -> ResultTable {
    var table = ResultTable(
      name, title: title, columns: [.init("split", .left, key: "name")] + columns)
    for split in score.splits {
      table.append([.text(split.name)] + cells(split.metrics, split))
    }
    if score.splits.count > 1 { table.append([.text("average")] + cells(score.average, nil)) }
    return table
  }

  private func sum(_ count: (SplitScore) -> Int) -> Int {
    score.splits.reduce(0) { $0 + count($1) }
  }

  private var forces: ResultTable {
    let title = "Forces on free atoms (errors in eV/Å)"
    var table = table(
      "forces", title: "\(heading)\n\n\(title)",
      [
        .init("frames", key: "frames"), .init("atoms", key: "free_atoms"),
        .init("MAE", key: "force_mae"), .init("zero", key: "baseline_zero_force_mae"),
        .init("median", key: "baseline_median_force_mae"),
        .init("norm MAE", key: "force_magnitude_mae"), .init("cosine", key: "force_cosine"),
        .init("within \(EnergyErrors.forceThreshold)", key: "force_within_threshold"),
      ]
    ) { metrics, split in
      [
        .count(split?.frames ?? score.frames),
        .count(split?.forces.atoms ?? sum { $0.forces.atoms }),
        .number(metrics.forceError, decimals: 4), .number(metrics.zeroBaseline, decimals: 4),
        .number(metrics.medianBaseline, decimals: 4),
        .number(metrics.forceMagnitudeError, decimals: 4),
        .number(metrics.forceCosine, decimals: 4), .share(metrics.forceShareWithinThreshold),
      ]
    }
    table.caption = title
    table.notes = [
      "MAE: mean absolute error over components of all free atoms, each atom of equal weight.",
      "zero, median: the MAE of always predicting no force, or the split's median along each axis.",
      "norm MAE: of the norms of forces; cosine: between predicted and true force, mean over atoms.",
      "within \(EnergyErrors.forceThreshold): share of frames without a larger component error.",
    ]
    if score.splits.count > 1 {
      table.notes.append("average: over splits of equal weight; frames and atoms are sums.")
    }
    if score.splits.contains(where: { $0.files > 1 }) {
      let counts = score.splits.map { "\($0.name) \($0.files)" }
      table.notes.append("Files read: \(counts.joined(separator: ", ")).")
    }
    if let limit = score.limit {
      table.notes.append("At most \(limit) frames of each split, evenly spaced.")
    }
    if !score.selection.isEmpty {
      table.notes.append("Only frames with \(score.selection.joined(separator: " and ")).")
    }
    return table
  }

  private var components: ResultTable {
    let isRotated = score.rotations != nil
    var table = table(
      "components",
      title: "Force MAE by axis" + (isRotated ? " and rotation instability" : "") + " (eV/Å)",
      ["x", "y", "z"].map { .init($0, key: "force_mae_\($0)") }
        + (isRotated ? [.init("turned", key: "rotation_instability")] : [])
    ) { metrics, _ in
      ((0..<3).map { metrics.forceErrorByAxis[$0] }
        + (isRotated ? [metrics.rotationInstability] : []))
        .map { .number($0, decimals: 4) }
    }
    if let rotations = score.rotations {
      table.notes = [
        "turned: standard deviation of a component while the structure turns about z, forces turned",
        "back; mean over free atoms. \(rotations.count) rotations a frame, seed \(rotations.seed).",
      ]
    }
    return table
  }

  private var energies: ResultTable? {
    guard score.splits.contains(where: { $0.energies.structures > 0 }) else { return nil }
    let kind = score.energies == .total ? "Total" : "Adsorption"
    var table = table(
      "energies", title: "\(kind) energies (errors in eV)",
      [
        .init("frames", key: "energies"), .init("MAE", key: "energy_mae"),
        .init("within \(EnergyErrors.energyThreshold)", key: "energy_within_threshold"),
        .init("and forces", key: "energy_force_within_threshold"),
      ]
    ) { metrics, split in
      [
        .count(split?.energies.structures ?? sum { $0.energies.structures }),
        .number(metrics.energyError, decimals: 4), .share(metrics.energyShareWithinThreshold),
        .share(metrics.shareWithinBothThresholds),
      ]
    }
    table.notes = [
      score.energies == .total
        ? "Compared with the frames' energies; reference energies, on both sides, are not needed."
        : "Compared with the frames' energies less the reference energies of their labels.",
      "and forces: every force component of the frame is within \(EnergyErrors.forceThreshold) too.",
    ]
    return table
  }

  /// What is in no mean: each reason once a split, with the number of frames and the first of them.
  private var leftOut: ResultTable? {
    var table = ResultTable(
      "left_out", title: "Left out of all means",
      columns: [
        .init("split", .left, key: "split"), .init("frames", key: "frames"),
        .init("which", .left, keys: []), .init("reason", .left, key: "reason"),
      ])
    for split in score.splits {
      var order: [String] = []
      var groups: [String: [SplitScore.Failure]] = [:]
      for failure in split.failures {
        if groups[failure.reason] == nil { order.append(failure.reason) }
        groups[failure.reason, default: []].append(failure)
      }
      let ids = Dictionary(grouping: split.failures, by: \.id)
      for reason in order.prefix(ScoreReport.listed) {
        let failures = groups[reason] ?? []
        // An id that several frames have says which only with the number of the frame.
        let names = failures.map { failure in
          (ids[failure.id]?.count ?? 0) > 1
            ? "\(Excerpt.name(failure.id)) (frame \(failure.frame + 1))" : Excerpt.name(failure.id)
        }
        table.append(
          .text(split.name), .count(failures.count), .text(Excerpt.list(names)), .text(reason))
      }
      if order.count > ScoreReport.listed {
        table.notes.append(
          "\(split.name): \(order.count - ScoreReport.listed) more reasons, all of them in the JSON report"
        )
      }
      if split.framesWithoutFreeAtoms > 0 {
        table.append(
          .text(split.name),
          .words(
            "\(split.framesWithoutFreeAtoms) of \(split.framesMet)",
            .integer(split.framesWithoutFreeAtoms)),
          .text(""), .text("no atom is free"))
      }
    }
    return table.rows.isEmpty ? nil : table
  }
}
