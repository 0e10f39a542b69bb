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
    /// What tables call it.
    public var letter: String
    /// Seconds a structure, if known.
    public var seconds: Double?
    /// Evaluations of forces a structure, if known.
    public var evaluations: Double?

    /// A set of relaxations.
    public init(
      name: String, letter: String, seconds: Double? = nil, evaluations: Double? = nil
    ) {
      (self.name, self.letter) = (name, letter)
      (self.seconds, self.evaluations) = (seconds, evaluations)
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
  let flips: [PairedComparison.Flips]
  let partings: [TrajectoryParting]?
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

  var title: String {
    "\(first.name) (\(a)) and \(second.name) (\(b)) against \(reference)"
  }

  private var a: String { first.letter }
  private var b: String { second.letter }

  /// For the terminal.
  public func text(style: ResultTable.Style = .unicode) -> String {
    var tables = self.tables
    tables[0].title = title
    return tables.map { $0.text(style: style) }.joined(separator: "\n")
  }

  /// The same as Markdown.
  public func markdown() -> String {
    "# \(title)\n\n" + tables.map { $0.markdown() }.joined(separator: "\n")
  }

  /// What is shown, a table each.
  var tables: [ResultTable] {
    [metrics, flipped] + (cost.map { [$0] } ?? []) + (partingTable.map { [$0.table] } ?? [])
  }

  /// Everything by itself: the metrics, and what differs between structures.
  public var tableSet: TableSet {
    TableSet(
      main: metrics,
      others: tables.dropFirst() + [flipTable] + (partingTable.map { [$0.all] } ?? []))
  }

  /// The names that tables of `tableSet` can have.
  public static let tableNames = ["metrics", "flipped", "cost", "parted", "flips", "partings"]

  var partingTable: PartingTable? { partingTable { _ in nil } }

  /// The same, with links to those structures that a page shows.
  func partingTable(_ number: @escaping (String) -> Int?) -> PartingTable? {
    partings.map { PartingTable($0, tolerance: tolerance, number: number) }
  }

  var metrics: ResultTable {
    let level = Decimals.short(comparison.confidence * 100)
    var table = ResultTable(
      "metrics", caption: "Paired differences",
      columns: [
        .init("", .left, key: "name"), .init(a, key: "a"), .init(b, key: "b"),
        .init("\(b) − \(a)", key: "difference"),
        .init("\(level) % interval", keys: ["low", "high"]),
        .init("structures", key: "structures"), .init("", .left, key: "decided", role: .choice),
      ])
    for row in rows {
      let decimals = row.name == "steps" ? 1 : 4
      func value(_ value: Double) -> ResultTable.Cell {
        row.isShare ? .share(value) : .number(value, decimals: decimals)
      }
      let verdict =
        !row.isDecided
        ? "" : "\((row.difference > 0) == row.moreIsBetter ? b : a) better"
      table.append(
        .text(row.name), value(row.first), value(row.second),
        row.isShare ? .points(row.difference) : .number(row.difference, decimals: decimals),
        row.isShare
          ? .points(from: row.low, to: row.high)
          : .range(row.low, row.high, decimals: decimals),
        .count(row.structures), .words(verdict, .boolean(row.isDecided)))
    }
    table.notes = [
      "Intervals: percentile bootstrap over structures, paired, \(comparison.resamples) draws.",
      "pp: percentage points, the difference of two percentages.",
      "Means are over structures that have the number in both; splits weigh equally.",
    ]
    return table
  }

  var flipped: ResultTable {
    var table = ResultTable(
      "flipped", caption: "Structures within a limit in one set only",
      columns: [
        .init("flipped", .left, key: "limit"), .init("\(b) only", key: "b_only"),
        .init("\(a) only", key: "a_only"),
        .init("farthest apart: \(a) → \(b)", .left, keys: []),
      ])
    for flips in self.flips {
      let far = flips.structures.sorted { gap($0) > gap($1) }.prefix(3)
      let names = far.map { flip in
        "\(Excerpt.name(flip.id, atMost: 32)) (\(Decimals.fixed(flip.first, 3)) → "
          + "\(Decimals.fixed(flip.second, 3)) \(flips.unit))"
      }
      table.append(
        .text(flips.name), .count(flips.gains), .count(flips.losses),
        .text(names.joined(separator: ", ")))
    }
    return table
  }

  /// Every structure that passes a limit in one set only.
  var flipTable: ResultTable { flipTable { _ in nil } }

  /// The same, with links to those structures that a page shows.
  ///
  /// - Parameter number: of the structure with an id in the page's viewer.
  func flipTable(_ number: (String) -> Int?) -> ResultTable {
    var table = ResultTable(
      "flips", caption: "Structures that pass a limit in one set only",
      columns: [
        .init("limit", .left, key: "limit", role: .choice), .init("id", .left, key: "id"),
        .init(a, key: "a"), .init(b, key: "b"),
        .init("passes in", .left, key: "passes_in", role: .choice),
      ])
    table.isLong = true
    for flips in self.flips {
      for flip in flips.structures {
        table.append(
          .text(flips.name), .structure(id: flip.id, number: number(flip.id)),
          .number(flip.first, decimals: 4),
          .number(flip.second, decimals: 4),
          .words(flip.isGain ? b : a, .text(flip.isGain ? "b" : "a")))
      }
    }
    return table
  }

  private func gap(_ flip: PairedComparison.Flip) -> Double {
    guard let a = flip.first, let b = flip.second else { return .infinity }
    return abs(a - b)
  }

  var cost: ResultTable? {
    guard first.seconds != nil || second.seconds != nil else { return nil }
    var table = ResultTable(
      "cost", caption: "Cost a structure",
      columns: [
        .init("cost a structure", .left, key: "name"), .init(a, key: "a"),
        .init(b, key: "b"), .init("\(b) / \(a)", key: "ratio"),
      ])
    func row(_ name: String, _ a: Double?, _ b: Double?, _ decimals: Int) {
      let ratio = a.flatMap { a in b.map { $0 / a } }
      table.append(
        .text(name), .number(a, decimals: decimals), .number(b, decimals: decimals),
        .number(ratio, decimals: 2))
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
