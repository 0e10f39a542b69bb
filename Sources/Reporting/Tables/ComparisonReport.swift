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
  public private(set) var first: Side
  /// The second set.
  public private(set) var second: Side
  /// What the references are called.
  public let reference: String
  let comparison: PairedComparison
  let rows: [PairedComparison.Row]
  let flips: [PairedComparison.Flips]
  let partings: [TrajectoryParting]?
  /// The metrics of each split by itself.
  let splits: [PairedComparison.SplitRows]
  private let anomalyCounts: [PairedComparison.AnomalyCount]?
  private let tolerance: Double
  /// Intervals in all of what this is shown in; its own if nil.
  private var intervalsInAll: Int?

  /// A report on `comparison`; `partings` are where trajectories go different ways, if there are any.
  public init(
    _ comparison: PairedComparison, first: Side, second: Side, reference: String,
    partings: [TrajectoryParting]? = nil, tolerance: Double
  ) {
    (self.comparison, self.first, self.second) = (comparison, first, second)
    (self.reference, self.partings, self.tolerance) = (reference, partings, tolerance)
    rows = comparison.rows()
    flips = comparison.flips()
    splits = comparison.splitRows()
    anomalyCounts = comparison.anomalies()
  }

  /// How many intervals it has.
  var intervals: Int { rows.count + splits.reduce(0) { $0 + $1.rows.count } }

  /// The same as one of several that have `count` intervals in all.
  func among(_ count: Int) -> ComparisonReport {
    var report = self
    report.intervalsInAll = count
    return report
  }

  /// The same with headings that hold for other sets, too: for a table of several comparisons, whose rows say by
  /// name which set they compare with the first.
  var asRowsOfMany: ComparisonReport {
    var report = self
    (report.first.letter, report.second.letter) = ("first", "other")
    return report
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
    [metrics] + [splitTable].compactMap { $0 } + [flipped]
      + [anomalies, cost, partingTable?.table].compactMap { $0 }
  }

  /// The names that tables can have.
  public static let tableNames = [
    "metrics", "splits", "flipped", "anomalies", "cost", "parted", "flips", "partings",
  ]

  /// Columns that say to programs who is compared, and what they hold in each row.
  private static let nameColumns = [ResultTable.Column.hidden("a_name"), .hidden("b_name")]
  private var nameCells: [ResultTable.Cell] { [.text(first.name), .text(second.name)] }

  var partingTable: PartingTable? { partingTable { _ in nil } }

  /// The same, with links to those structures that a page shows.
  func partingTable(_ number: @escaping (String) -> Int?) -> PartingTable? {
    partings.map { PartingTable($0, tolerance: tolerance, number: number) }
  }

  var metrics: ResultTable {
    var table = ResultTable(
      "metrics", caption: "Paired differences",
      columns: [.init("", .left, key: "name")] + differenceColumns)
    for row in rows { table.append([.text(row.name)] + differenceCells(row)) }
    table.notes = differenceNotes
    return table
  }

  /// The same for each split by itself; nil without splits.
  var splitTable: ResultTable? {
    guard !splits.isEmpty else { return nil }
    var table = ResultTable(
      "splits", caption: "Paired differences of each split",
      columns: [
        .init("split", .left, key: "split", role: .choice), .init("", .left, key: "name"),
      ] + differenceColumns)
    for split in splits {
      for row in split.rows {
        table.append([.name(split.name, atMost: 32), .text(row.name)] + differenceCells(row))
      }
    }
    table.notes = differenceNotes
    return table
  }

  private var differenceColumns: [ResultTable.Column] {
    let level = Decimals.short(comparison.confidence * 100)
    return [
      .init(a, key: "a"), .init(b, key: "b"), .init("\(b) − \(a)", key: "difference"),
      .init("\(level) % interval", keys: ["low", "high"]),
      .init("structures", key: "structures"),
      .init("decided", .left, key: "decided", role: .choice),
    ] + ComparisonReport.nameColumns
  }

  private func differenceCells(_ row: PairedComparison.Row) -> [ResultTable.Cell] {
    let decimals = row.name == "steps" ? 1 : 4
    func value(_ value: Double) -> ResultTable.Cell {
      row.isShare ? .share(value) : .number(value, decimals: decimals)
    }
    let interval: ResultTable.Cell =
      row.isShare
      ? .points(from: row.low, to: row.high) : .range(row.low, row.high, decimals: decimals)
    return [
      value(row.first), value(row.second),
      row.isShare ? .points(row.difference) : .number(row.difference, decimals: decimals),
      row.isWithoutSpread ? ResultTable.Cell("all alike", interval.values) : interval,
      .count(row.structures), .words(verdict(row), .boolean(row.isDecided)),
    ] + nameCells
  }

  private func verdict(_ row: PairedComparison.Row) -> String {
    if row.isTooCloseToCall { return row.isOfFew ? "too few" : "too close" }
    guard row.isDecided else { return "" }
    return "\((row.difference > 0) == row.moreIsBetter ? b : a) better"
  }

  private var differenceNotes: [String] {
    let all = rows + splits.flatMap(\.rows)
    let chance = Decimals.short((1 - comparison.confidence) * 100)
    var notes = [
      "Intervals: percentile bootstrap over structures, paired, \(comparison.resamples) draws with seed "
        + "\(comparison.seed).",
      "\(Excerpt.count(intervalsInAll ?? intervals, "interval")) in all: where nothing differs, about \(chance) % of them "
        + "leave out 0 by chance.",
      "pp: percentage points, the difference of two percentages.",
      "Means are over structures that have the number in both; splits weigh equally.",
    ]
    if all.contains(where: \.isWithoutSpread) {
      notes.append(
        "all alike: every structure differs by the same, so that draws of them give no interval.")
    }
    if all.contains(where: { $0.isTooCloseToCall && !$0.isOfFew }) {
      notes.append("too close: the end next to 0 is nearer to it than so many draws can tell.")
    }
    if all.contains(where: { $0.isTooCloseToCall && $0.isOfFew }) {
      notes.append(
        "too few: even if all that differ agree, so few structures can do so by chance.")
    }
    return notes
  }

  var flipped: ResultTable {
    var table = ResultTable(
      "flipped", caption: "Structures within a limit in one set only",
      columns: [
        .init("flipped", .left, key: "limit"), .init("\(b) only", key: "b_only"),
        .init("\(a) only", key: "a_only"),
        .init("farthest apart: \(a) → \(b)", .left, keys: []),
      ] + ComparisonReport.nameColumns)
    for flips in self.flips {
      let far = flips.structures.sorted { gap($0) > gap($1) }.prefix(3)
      let names = far.map { flip in
        "\(Excerpt.name(flip.id, atMost: 32)) (\(Decimals.fixed(flip.first, 3)) → "
          + "\(Decimals.fixed(flip.second, 3)) \(flips.unit))"
      }
      table.append(
        [
          .text(flips.name), .count(flips.gains), .count(flips.losses),
          .text(names.joined(separator: ", ")),
        ] + nameCells)
    }
    return table
  }

  /// How many structures have which anomaly in which set; nil if that cannot be told of any in both.
  var anomalies: ResultTable? {
    guard let counts = anomalyCounts else { return nil }
    var table = ResultTable(
      "anomalies", caption: "Anomalies",
      columns: [
        .init("anomaly", .left, key: "anomaly"), .init(a, key: "a"), .init(b, key: "b"),
        .init("\(b) only", key: "b_only"), .init("\(a) only", key: "a_only"),
        .init("both", key: "both"),
      ] + ComparisonReport.nameColumns)
    for count in counts {
      let name: ResultTable.Cell =
        count.anomaly.map { .text($0.rawValue) } ?? .words("none of them", .text("none"))
      table.append(
        [
          name, .count(count.both + count.first), .count(count.both + count.second),
          .count(count.second), .count(count.first), .count(count.both),
        ] + nameCells)
    }
    table.notes = [
      "Structures of which it can be told in both; rows `no anomaly` of the metrics likewise."
    ]
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
      ] + ComparisonReport.nameColumns)
    table.isLong = true
    for flips in self.flips {
      for flip in flips.structures {
        table.append(
          [
            .text(flips.name), .structure(id: flip.id, number: number(flip.id)),
            .number(flip.first, decimals: 4), .number(flip.second, decimals: 4),
            .words(flip.isGain ? b : a, .text(flip.isGain ? "b" : "a")),
          ] + nameCells)
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
      ] + ComparisonReport.nameColumns)
    func row(_ name: String, _ a: Double?, _ b: Double?, _ decimals: Int) {
      let ratio = a.flatMap { a in b.map { $0 / a } }
      table.append(
        [
          .text(name), .number(a, decimals: decimals), .number(b, decimals: decimals),
          .number(ratio, decimals: 2),
        ] + nameCells)
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
    func metrics(_ rows: [PairedComparison.Row]) -> JSONText {
      .array(
        rows.map {
          [
            "name": .string($0.name), "a": .number($0.first), "b": .number($0.second),
            "difference": .number($0.difference), "low": .number($0.low), "high": .number($0.high),
            "structures": .integer($0.structures), "decided": .boolean($0.isDecided),
          ]
        })
    }
    return [
      "a": side(first), "b": side(second), "reference": .string(reference),
      "confidence": .number(comparison.confidence), "resamples": .integer(comparison.resamples),
      "seed": .integer(Int(clamping: comparison.seed)), "intervals": .integer(intervals),
      "metrics": metrics(rows),
      "splits": .array(
        splits.map { ["name": .string($0.name), "metrics": metrics($0.rows)] }),
      "anomalies": anomalyCounts.map { counts in
        .array(
          counts.map {
            [
              "anomaly": .string($0.anomaly?.rawValue ?? "none"), "both": .integer($0.both),
              "a_only": .integer($0.first), "b_only": .integer($0.second),
            ]
          })
      } ?? nil,
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
