// SPDX-License-Identifier: MIT

import Scoring

/// A `RelaxationScore` to be shown: `text()` for the terminal, `json` for programs, `html()` for a
/// browser or a printer.
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

  /// The score for the terminal, a screen at most whatever the number of structures.
  public func text(style: TextTable.Style = .unicode) -> String {
    let arrow = style == .unicode ? "…" : "..."
    let angstrom = style == .unicode ? "Å" : "A"
    var head = TextTable(
      title: "\(predicted) against \(reference)",
      columns: [.init("", .left), .init(""), .init("", .left)])
    head.append(
      "ADwT", Decimals.percent(score.adwt),
      "closer than " + limits(.distance, arrow) + " \(angstrom)")
    if let afbt = score.afbt {
      head.append(
        "AFbT", Decimals.percent(afbt),
        "largest force below " + limits(.force, arrow) + " eV/\(angstrom)")
    }
    head.notes = settingsInWords
    var blocks = [head.text(style: style), counts.text(style: style)]
    if score.scored > 0 { blocks.append(spread(style, angstrom)) }
    for list in lists(style) { blocks.append(list.text(style: style)) }
    return blocks.joined(separator: "\n")
  }

  private func limits(_ thresholds: Thresholds, _ arrow: String) -> String {
    Decimals.fixed(thresholds.first, 3) + " \(arrow) " + Decimals.fixed(thresholds.last, 3)
  }

  /// What the numbers depend on, a sentence each.
  var settingsInWords: [String] {
    var sentences = ["Shares of all references, averaged over the limits; failures pass none."]
    switch score.settings.convention {
    case .nearestImage:
      sentences.append("Mean distance of the reference's free atoms to their nearest image.")
    case .ocp:
      sentences.append(
        "Mean distance of the reference's free atoms by the released ocp arithmetic, no filter.")
    }
    switch score.settings.forces {
    case .none: break
    case .labels(let name): sentences.append("Forces on free atoms from \(name).")
    case .provider(let specification):
      sentences.append("Forces on free atoms from \(specification), at the predicted positions.")
    }
    return sentences
  }

  /// How many structures there are of each kind; kinds without any are left out.
  var counts: TextTable {
    var table = TextTable(columns: [.init("", .left), .init(""), .init("", .left)])
    table.append("references", "\(score.structures.count)", "")
    table.append("scored", "\(score.scored)", "")
    let failed = score.failures.count { $0.extent == .all }
    let kinds = [
      ("missing", score.missing.count, "not predicted: failures"),
      ("failed", failed, "predicted without a result: failures"),
      ("unlabelled", score.unlabelled.count, "without reference forces: failures of AFbT"),
      ("without forces", score.failures.count - failed, "not evaluated: failures of AFbT"),
      ("extra", score.extra.count, "not in the reference: not scored"),
      ("unused labels", score.unusedLabels.count, "not in the reference"),
    ]
    for (name, count, meaning) in kinds where count > 0 { table.append(name, "\(count)", meaning) }
    return table
  }

  private func spread(_ style: TextTable.Style, _ angstrom: String) -> String {
    var table = TextTable(
      columns: [.init("", .left)]
        + ["smallest", "quarter", "median", "3 quarters", "largest", "mean"].map { .init($0) })
    func append(_ name: String, _ values: [Double]) {
      guard !values.isEmpty else { return }
      let sorted = values.sorted()
      let numbers =
        [0, 0.25, 0.5, 0.75, 1].map { ScoreReport.quantile(sorted, $0) }
        + [values.reduce(0, +) / Double(values.count)]
      table.append([name] + numbers.map { Decimals.fixed($0, 4, style: style) })
    }
    append("distance (\(angstrom))", score.structures.compactMap(\.distance))
    append("largest force (eV/\(angstrom))", score.structures.compactMap(\.fmax))
    return table.text(style: style)
  }

  private func lists(_ style: TextTable.Style) -> [TextTable] {
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
    add("failed", score.failures.map { [$0.id, $0.reason] }, second: "reason")
    add("missing", score.missing.map { [$0] })
    add("unlabelled", score.unlabelled.map { [$0] })
    add("extra", score.extra.map { [$0] })
    return tables
  }

  /// The value below which a share of `sorted` lies, interpolated linearly as NumPy does.
  static func quantile(_ sorted: [Double], _ share: Double) -> Double {
    guard let last = sorted.last else { return .nan }
    let position = share * Double(sorted.count - 1)
    let below = Int(position)
    guard below + 1 < sorted.count else { return last }
    let weight = position - Double(below)
    return sorted[below] + weight * (sorted[below + 1] - sorted[below])
  }
}
