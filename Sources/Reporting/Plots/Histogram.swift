// SPDX-License-Identifier: MIT

import Scoring

/// How many values lie in each of equal parts of a range from 0 on, and how many beyond it.
struct Histogram {
  /// Where the range ends: at a mark of an axis.
  let end: Double
  /// Values in each part, its lower end included, the end of the range too.
  let counts: [Int]
  /// Values beyond the end.
  let beyond: Int
  /// The largest value.
  private let largest: Double

  /// The parts of a range that holds all `values`, or most of them.
  ///
  /// - Parameter isCut: whether a few values far from the others may lie beyond the end: those would make one bar of
  ///   all others. Nil if there are fewer than two values, or none above 0.
  init?(_ values: [Double], isCut: Bool) {
    guard let largest = values.max(), values.count > 1, largest > 0 else { return nil }
    let common = 2 * Quantile.of(values.sorted(), 0.95)
    let axis = Axis([isCut && common > 0 ? min(largest, common) : largest])
    let end = axis.end
    // Five bars from mark to mark.
    let bins = 5 * (axis.ticks.count - 1)
    guard bins > 0 else { return nil }
    var counts = [Int](repeating: 0, count: bins)
    for value in values where value <= end {
      counts[min(bins - 1, max(0, Int(value / end * Double(bins))))] += 1
    }
    (self.end, self.counts, self.largest) = (end, counts, largest)
    beyond = values.count { $0 > end }
  }

  /// The plot, in which what lies beyond is a bar of its own.
  ///
  /// - Parameters:
  ///   - label: what the values are, without the unit.
  ///   - counted: what is counted, in the singular.
  func plot(title: String, label: String, unit: String, counted: String) -> Plot {
    let width = end / Double(counts.count)
    var plot = Plot(
      title: title, xLabel: unit.isEmpty ? label : "\(label) (\(unit))", yLabel: "\(counted)s",
      series: [
        Plot.Series(
          points: counts.enumerated().map {
            ((Double($0.offset) + 0.5) * width, Double($0.element))
          }, mark: .bars,
          labels: counts.enumerated().map { place, count in
            let from = Decimals.digits(Double(place) * width)
            let to = Decimals.digits(Double(place + 1) * width)
            return "\(from) to \(to) \(unit): \(count) \(counted)\(count == 1 ? "" : "s")"
          })
      ])
    if beyond > 0 {
      let limit = Decimals.digits(end)
      plot.beyond = Plot.Beyond(
        label: "> \(limit)", y: Double(beyond),
        note: "above \(limit) \(unit): \(beyond) \(counted)\(beyond == 1 ? "" : "s"), the largest "
          + "\(Decimals.digits(largest)) \(unit)")
    }
    plot.xRange.end = end
    plot.yRange.isWhole = true
    return plot
  }
}
