// SPDX-License-Identifier: MIT

import Scoring

/// The plots of sets of relaxations that are compared with a first one.
struct ComparisonPlots {
  /// A set, compared with the first one.
  struct Pair: Sendable {
    /// What it is called.
    var name: String
    /// All metrics of both, and their differences.
    var rows: [PairedComparison.Row]
  }

  /// What the first set is called.
  var first: String
  /// The others.
  var pairs: [Pair]
  /// How sure intervals are, 0–1.
  var confidence: Double

  /// The names that plots of differences can have, in their order.
  static let names = [
    "differences-shares", "differences-distances", "differences-energies", "differences-steps",
  ]

  /// The differences of all metrics with their intervals, a plot for each unit, each with a name for a file.
  ///
  /// What is better lies on the same side in each plot, which says so.
  var differences: [(name: String, plot: IntervalPlot)] {
    let level = Decimals.short(confidence * 100)
    return [
      ("shares", "Shares", "percentage points"), ("distances", "Distances", "Å"),
      ("energies", "Energies", "eV"), ("steps", "Steps", "steps"),
    ].compactMap { name, title, unit in
      let sections = sections(of: unit)
      guard let isMoreBetter = moreIsBetter(unit) else { return nil }
      let second = pairs.count == 1 ? pairs[0].name : "the other"
      var plot = IntervalPlot(
        title: "\(title): \(pairs.count == 1 ? second : "others") less \(first)",
        xLabel: "difference (\(unit)), \(level) % interval", sections: sections)
      plot.sides =
        isMoreBetter
        ? ("\(first) better", "\(second) better") : ("\(second) better", "\(first) better")
      plot.sets = pairs.count > 1 ? pairs.map(\.name) : []
      return ("differences-\(name)", plot)
    }
  }

  private func moreIsBetter(_ unit: String) -> Bool? {
    pairs.flatMap(\.rows).first { ComparisonPlots.unit(of: $0) == unit }?.moreIsBetter
  }

  /// One metric after the other; with several sets each metric has a row a set.
  private func sections(of unit: String) -> [IntervalPlot.Section] {
    var order: [String] = []
    var rows: [String: [IntervalPlot.Row]] = [:]
    for (set, pair) in pairs.enumerated() {
      for row in pair.rows where ComparisonPlots.unit(of: row) == unit {
        let scale = row.isShare ? 100.0 : 1
        if rows[row.name] == nil { order.append(row.name) }
        rows[row.name, default: []].append(
          IntervalPlot.Row(
            name: pairs.count > 1 ? pair.name : ComparisonPlots.name(of: row),
            value: row.difference * scale, low: row.low * scale, high: row.high * scale, set: set,
            note: "\(row.structures) structures"))
      }
    }
    let all = order.compactMap { name in rows[name].map { (name, $0) } }
    guard pairs.count > 1 else {
      return all.isEmpty ? [] : [IntervalPlot.Section(rows: all.flatMap(\.1))]
    }
    return all.map { IntervalPlot.Section(name: $0, rows: $1) }
  }

  /// The unit of a difference, which its name ends with.
  private static func unit(of row: PairedComparison.Row) -> String {
    if row.isShare { return "percentage points" }
    guard row.name.hasSuffix(")"), let mark = row.name.lastIndex(of: "(") else { return row.name }
    return String(row.name[row.name.index(after: mark)...].dropLast())
  }

  /// The name of a metric without its unit, which stands along the axis; limits stay.
  private static func name(of row: PairedComparison.Row) -> String {
    let end = " (\(unit(of: row)))"
    return row.name.hasSuffix(end) ? String(row.name.dropLast(end.count)) : row.name
  }
}
