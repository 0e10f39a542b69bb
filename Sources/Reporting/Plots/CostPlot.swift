// SPDX-License-Identifier: MIT

/// Quality against cost: one point a method, or a line a method that is known at several costs.
struct CostPlot {
  /// A method at one cost.
  struct Point: Sendable {
    /// What relaxed: points of one method are joined.
    var method: String
    /// What sets it apart from others of its method, such as `50 steps`; empty if there is one.
    var detail = ""
    /// What it costs; positive.
    var cost: Double
    /// How good it is.
    var quality: Double
    /// Where its quality may lie.
    var interval: (low: Double, high: Double)?
    /// Number of the method among all methods, which decides colour and marker.
    var place: Int
  }

  /// The plot of `points`, whose costs are spread by their logarithms.
  ///
  /// - Parameter end: where quality ends, if nothing is beyond.
  static func plot(
    title: String, costLabel: String, qualityLabel: String, points: [Point], end: Double? = nil
  ) -> Plot {
    var groups: [Int: [Point]] = [:]
    for point in points { groups[point.place, default: []].append(point) }
    let last = groups.keys.max() ?? -1
    // A method that has no cost keeps its colour for other plots: an empty series stands for it.
    let series = (0...max(0, last)).map { place -> Plot.Series in
      let group = (groups[place] ?? []).sorted { $0.cost < $1.cost }
      let isLine = group.count > 1
      return Plot.Series(
        name: group.first?.method ?? "", points: group.map { ($0.cost, $0.quality) },
        mark: isLine ? .linked : .dots,
        labels: group.map { isLine || !$0.detail.isEmpty ? $0.detail : $0.method },
        intervals: group.contains { $0.interval != nil } ? group.map(\.interval) : [])
    }
    var plot = Plot(
      title: title, xLabel: costLabel, yLabel: qualityLabel, series: series, yEnd: end)
    plot.showsLabels = true
    plot.xScale = .logarithmic
    plot.xMargin = 1.3
    return plot
  }
}
