// SPDX-License-Identifier: MIT

import Files
import Scoring
import StructureFiles

/// Two sets of relaxations side by side, to be shown.
public struct ComparisonReport: Sendable {
  /// What one set is called and what it cost.
  public struct Side: Sendable {
    /// Usually a file name.
    public var name: String
    /// Seconds a structure, if known.
    public var seconds: Double?
    /// Evaluations of forces a structure, if known.
    public var evaluations: Double?

    /// A set of relaxations.
    public init(name: String, seconds: Double? = nil, evaluations: Double? = nil) {
      (self.name, self.seconds, self.evaluations) = (name, seconds, evaluations)
    }
  }

  /// The first set.
  public let first: Side
  /// The second set.
  public let second: Side
  /// What the references are called.
  public let reference: String
  let comparison: PairedComparison
  let rows: [PairedComparison.Row]
  private let flips: [PairedComparison.Flips]
  private let partings: [TrajectoryParting]?
  private let tolerance: Double

  /// A report on `comparison`; `partings` are where trajectories go different ways, if there are any.
  public init(
    _ comparison: PairedComparison, first: Side, second: Side, reference: String,
    partings: [TrajectoryParting]? = nil, tolerance: Double
  ) {
    (self.comparison, self.first, self.second) = (comparison, first, second)
    (self.reference, self.partings, self.tolerance) = (reference, partings, tolerance)
    rows = comparison.rows()
    flips = comparison.flips()
  }

  private var title: String { "\(first.name) (A) and \(second.name) (B) against \(reference)" }

  /// For the terminal.
  public func text(style: TextTable.Style = .unicode) -> String {
    var tables = self.tables(style)
    tables[0].title = title
    return tables.map { $0.text(style: style) }.joined(separator: "\n")
  }

  /// The same as Markdown.
  public func markdown() -> String {
    "# \(title)\n\n" + tables(.unicode).map { $0.markdown() }.joined(separator: "\n")
  }

  private func tables(_ style: TextTable.Style) -> [TextTable] {
    [scores(style), flipped(style)] + (cost(style).map { [$0] } ?? [])
      + (partings.map { [PartingTable($0, tolerance: tolerance, style: style).table] } ?? [])
  }

  private func scores(_ style: TextTable.Style) -> TextTable {
    let level = Decimals.short(comparison.confidence * 100)
    var table = TextTable(
      columns: [
        .init("", .left), .init("A"), .init("B"), .init("B − A"), .init("\(level) % interval"),
        .init("structures"), .init("", .left),
      ])
    for row in rows {
      func number(_ value: Double) -> String {
        row.isShare
          ? Decimals.percent(value, style: style)
          : Decimals.fixed(value, row.name == "steps" ? 1 : 4, style: style)
      }
      func difference(_ value: Double) -> String {
        row.isShare ? Decimals.fixed(value * 100, 2, style: style) : number(value)
      }
      let unit = row.isShare ? " pp" : ""
      let verdict =
        !row.isDecided ? "" : (row.difference > 0) == row.moreIsBetter ? "B better" : "A better"
      table.append(
        row.name, number(row.first), number(row.second), difference(row.difference) + unit,
        "\(difference(row.low)) to \(difference(row.high))\(unit)", "\(row.structures)", verdict)
    }
    table.notes = [
      "Intervals: percentile bootstrap over structures, paired, \(comparison.resamples) draws.",
      "pp: percentage points, the difference of two percentages.",
      "Means are over structures that have the number in both; splits weigh equally.",
    ]
    return table
  }

  private func flipped(_ style: TextTable.Style) -> TextTable {
    var table = TextTable(
      columns: [
        .init("flipped", .left), .init("B only"), .init("A only"),
        .init("farthest apart: A → B", .left),
      ])
    for flips in self.flips {
      let far = flips.structures.sorted { gap($0) > gap($1) }.prefix(3)
      let names = far.map { flip in
        "\(Excerpt.name(flip.id, atMost: 32)) (\(Decimals.fixed(flip.first, 3, style: style)) → "
          + "\(Decimals.fixed(flip.second, 3, style: style)) \(flips.unit))"
      }
      table.append(
        flips.name, "\(flips.gains)", "\(flips.losses)", names.joined(separator: ", "))
    }
    return table
  }

  private func gap(_ flip: PairedComparison.Flip) -> Double {
    guard let a = flip.first, let b = flip.second else { return .infinity }
    return abs(a - b)
  }

  private func cost(_ style: TextTable.Style) -> TextTable? {
    guard first.seconds != nil || second.seconds != nil else { return nil }
    var table = TextTable(columns: [
      .init("cost a structure", .left), .init("A"), .init("B"), .init("B / A"),
    ])
    func row(_ name: String, _ a: Double?, _ b: Double?, _ digits: Int) {
      let ratio = a.flatMap { a in b.map { $0 / a } }
      table.append(
        name, Decimals.fixed(a, digits, style: style), Decimals.fixed(b, digits, style: style),
        Decimals.fixed(ratio, 2, style: style))
    }
    row("seconds", first.seconds, second.seconds, 4)
    row("evaluations", first.evaluations, second.evaluations, 1)
    return table
  }

  /// Everything, for programs: shares from 0 to 1, Å, eV/Å.
  public var json: JSONText {
    func side(_ side: Side) -> JSONText {
      [
        "name": .string(side.name), "seconds": JSONText(side.seconds),
        "evaluations": JSONText(side.evaluations),
      ]
    }
    return [
      "a": side(first), "b": side(second), "reference": .string(reference),
      "confidence": .number(comparison.confidence), "resamples": .integer(comparison.resamples),
      "metrics": .array(
        rows.map {
          [
            "name": .string($0.name), "a": .number($0.first), "b": .number($0.second),
            "difference": .number($0.difference), "low": .number($0.low), "high": .number($0.high),
            "structures": .integer($0.structures), "decided": .boolean($0.isDecided),
          ]
        }),
      "flips": .array(
        flips.map { flips in
          [
            "limit": .string(flips.name),
            "structures": .array(
              flips.structures.map {
                [
                  "id": .string($0.id), "a": JSONText($0.first), "b": JSONText($0.second),
                  "passes_in": .string($0.isGain ? "b" : "a"),
                ]
              }),
          ]
        }),
      "partings": partings.map { partings in
        .array(
          partings.map {
            [
              "id": .string($0.id), "step": $0.step.map(JSONText.integer) ?? nil,
              "atom": $0.atom.map(JSONText.integer) ?? nil, "distance": .number($0.distance),
              "last_common_step": .integer($0.lastCommonStep),
              "common_steps": .integer($0.commonSteps),
              "every_step": .boolean($0.isEveryStep),
            ]
          })
      } ?? nil,
    ]
  }
}
