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
  public func text(style: TextTable.Style = .unicode) -> String {
    let angstrom = style == .unicode ? "Å" : "A"
    guard score.frames > 0 else {
      // Tables of nothing but dashes would hide why.
      var reasons = leftOut() ?? TextTable(columns: [])
      reasons.title = "\(heading)\n\nNo frame could be judged"
      return reasons.text(style: style)
    }
    var blocks = [forces(angstrom, style), components(angstrom, style)]
    if let energies = energies(style) { blocks.append(energies) }
    if let leftOut = leftOut() { blocks.append(leftOut) }
    return blocks.map { $0.text(style: style) }.joined(separator: "\n")
  }

  /// The provider, and which part of the frames it is about.
  private var heading: String {
    score.provider + (score.shard.map { ", shard \($0)" } ?? "")
  }

  // MARK: - Tables

  /// One row a set and one for the average, which a single set has no use for.
  private func table(
    _ title: String, _ headers: [String],
    _ cells: (SplitMetrics, SplitScore?) -> [String]
  ) -> TextTable {
    var table = TextTable(
      title: title, columns: [.init("split", .left)] + headers.map { .init($0) })
    for split in score.splits { table.append([split.name] + cells(split.metrics, split)) }
    if score.splits.count > 1 { table.append(["average"] + cells(score.average, nil)) }
    return table
  }

  private func forces(_ angstrom: String, _ style: TextTable.Style) -> TextTable {
    let threshold = "within \(EnergyErrors.forceThreshold)"
    var table = table(
      "\(heading)\n\nForces on free atoms (errors in eV/\(angstrom))",
      [
        "frames", "atoms", "MAE", "zero", "median", "norm MAE", "cosine", threshold,
      ]
    ) { metrics, split in
      [
        "\(split?.frames ?? score.frames)",
        "\(split?.forces.atoms ?? score.splits.reduce(0) { $0 + $1.forces.atoms })",
        Decimals.fixed(metrics.forceError, 4, style: style),
        Decimals.fixed(metrics.zeroBaseline, 4, style: style),
        Decimals.fixed(metrics.medianBaseline, 4, style: style),
        Decimals.fixed(metrics.forceMagnitudeError, 4, style: style),
        Decimals.fixed(metrics.forceCosine, 4, style: style),
        Decimals.percent(metrics.forceShareWithinThreshold, style: style),
      ]
    }
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

  private func components(_ angstrom: String, _ style: TextTable.Style) -> TextTable {
    let rotated = score.rotations.map { _ in ["turned"] } ?? []
    var table = table(
      "Force MAE by axis" + (rotated.isEmpty ? "" : " and rotation instability")
        + " (eV/\(angstrom))", ["x", "y", "z"] + rotated
    ) { metrics, _ in
      let axes = (0..<3).map { metrics.forceErrorByAxis[$0] }
      return (axes + rotated.map { _ in metrics.rotationInstability })
        .map { Decimals.fixed($0, 4, style: style) }
    }
    if let rotations = score.rotations {
      table.notes = [
        "turned: standard deviation of a component while the structure turns about z, forces turned",
        "back; mean over free atoms. \(rotations.count) rotations a frame, seed \(rotations.seed).",
      ]
    }
    return table
  }

  private func energies(_ style: TextTable.Style) -> TextTable? {
    guard score.splits.contains(where: { $0.energies.structures > 0 }) else { return nil }
    let kind = score.energies == .total ? "Total" : "Adsorption"
    var table = table(
      "\(kind) energies (errors in eV)",
      ["frames", "MAE", "within \(EnergyErrors.energyThreshold)", "and forces"]
    ) { metrics, split in
      [
        "\(split?.energies.structures ?? score.splits.reduce(0) { $0 + $1.energies.structures })",
        Decimals.fixed(metrics.energyError, 4, style: style),
        Decimals.percent(metrics.energyShareWithinThreshold, style: style),
        Decimals.percent(metrics.shareWithinBothThresholds, style: style),
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
  private func leftOut() -> TextTable? {
    var table = TextTable(
      title: "Left out of all means",
      columns: [
        .init("split", .left), .init("frames"), .init("which", .left), .init("reason", .left),
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
        table.append(split.name, "\(failures.count)", Excerpt.list(names), reason)
      }
      if order.count > ScoreReport.listed {
        table.notes.append(
          "\(split.name): \(order.count - ScoreReport.listed) more reasons, all of them in the JSON report"
        )
      }
      if split.framesWithoutFreeAtoms > 0 {
        table.append(
          split.name, "\(split.framesWithoutFreeAtoms) of \(split.framesMet)", "", "no atom is free"
        )
      }
    }
    return table.rows.isEmpty ? nil : table
  }
}
