// SPDX-License-Identifier: MIT

import Files

/// The area of a plot inside its axes: where points go, and how they are drawn there.
///
/// What it draws is bounded by the pixels that there are, not by the number of points.
struct PlotFrame {
  /// Left edge in pixels: farther in for long marks.
  let left: Int
  private let xAxis: Axis
  private let yAxis: Axis
  private static let (right, top, bottom) = (612.0, 32.0, 252.0)

  /// The area between two axes; `longest` is the number of characters of the longest mark of `y`.
  init(x: Axis, y: Axis, longest: Int) {
    (xAxis, yAxis) = (x, y)
    left = min(max(64, 32 + 7 * longest), 160)
  }

  /// Where `value` is across the page, in pixels; nil for what has no place.
  func x(_ value: Double) -> Double? {
    xAxis.place(value).map { Double(left) + $0 * (PlotFrame.right - Double(left)) }
  }

  /// Where `value` is down the page, in pixels; nil for what has no place.
  func y(_ value: Double) -> Double? {
    yAxis.place(value).map {
      PlotFrame.top + (1 - $0) * (PlotFrame.bottom - PlotFrame.top)
    }
  }

  /// A series as SVG.
  func drawn(_ series: Plot.Series, _ color: String, showsLabels: Bool) -> String {
    switch series.mark {
    case .line:
      return path(series.points, "stroke=\"\(color)\" stroke-width=\"2\"")
    case .guide:
      return path(series.points, "stroke=\"#9aa3ad\" stroke-dasharray=\"4 3\"")
    case .dots:
      return dots(series, color, showsLabels: showsLabels)
    case .bars:
      let half = series.halfWidth
      return series.points.compactMap { point in
        guard let from = x(point.x - half), let to = x(point.x + half), let y = y(point.y),
          let base = self.y(0)
        else { return nil }
        return "<rect x=\"\(Decimals.fixed(from, 1))\" y=\"\(Decimals.fixed(y, 1))\" "
          + "width=\"\(Decimals.fixed(max(1, to - from), 1))\" "
          + "height=\"\(Decimals.fixed(max(0, base - y), 1))\" fill=\"\(color)\"/>"
      }.joined(separator: "\n")
    }
  }

  // MARK: - Lines

  private func path(_ points: [(x: Double, y: Double)], _ look: String) -> String {
    var path = ""
    for run in runs(points) {
      for (index, point) in thinned(run).enumerated() {
        path +=
          "\(index > 0 ? "L" : "M")\(Decimals.fixed(point.x, 1)) \(Decimals.fixed(point.y, 1))"
      }
    }
    return "<path class=\"curve\" fill=\"none\" stroke-linejoin=\"round\" \(look) d=\"\(path)\"/>"
  }

  /// Pixels of points that follow each other without a gap; of very many points gaps are not shown.
  private func runs(_ points: [(x: Double, y: Double)]) -> [[SIMD2<Double>]] {
    var runs: [[SIMD2<Double>]] = [[]]
    for point in points {
      if let x = x(point.x), let y = y(point.y) {
        runs[runs.count - 1].append(SIMD2(x, y))
      } else if points.count <= PlotFrame.most {
        runs.append([])
      }
    }
    return runs
  }

  /// More points than this are thinned.
  private static let most = 2000

  /// Of points in one column of pixels the first, the lowest, the highest and the last.
  private func thinned(_ run: [SIMD2<Double>]) -> [SIMD2<Double>] {
    guard run.count > PlotFrame.most else { return run }
    var result: [SIMD2<Double>] = []
    var begin = 0
    while begin < run.count {
      var end = begin + 1
      var (lowest, highest) = (begin, begin)
      while end < run.count, Int(run[end].x) == Int(run[begin].x) {
        if run[end].y < run[lowest].y { lowest = end }
        if run[end].y > run[highest].y { highest = end }
        end += 1
      }
      result += Set([begin, lowest, highest, end - 1]).sorted().map { run[$0] }
      begin = end
    }
    return result
  }

  // MARK: - Dots

  private struct Dot {
    var place: SIMD2<Double>
    var label: String
    /// Points that lie under it.
    var covered = 0
  }

  private func dots(_ series: Plot.Series, _ color: String, showsLabels: Bool) -> String {
    let isThinned = series.points.count > PlotFrame.most
    var dots: [Dot] = []
    var known: [SIMD2<Double>: Int] = [:]
    for (index, point) in series.points.enumerated() {
      guard let x = x(point.x), let y = y(point.y) else { continue }
      var place = SIMD2(x, y)
      // Of many dots those that would lie on each other are drawn once.
      if isThinned { place = (place / 4).rounded(.toNearestOrEven) * 4 }
      if isThinned, let drawn = known.updateValue(known[place] ?? dots.count, forKey: place) {
        dots[drawn].covered += 1
        continue
      }
      let label = series.labels.indices.contains(index) ? series.labels[index] : ""
      dots.append(Dot(place: place, label: label))
    }
    return dots.map { svg($0, color, showsLabels: showsLabels) }.joined(separator: "\n")
  }

  private func svg(_ dot: Dot, _ color: String, showsLabels: Bool) -> String {
    func pixel(_ value: Double) -> String { Decimals.fixed(value, 1) }
    let more = dot.covered > 0 ? " and \(dot.covered) more" : ""
    let label = dot.label.isEmpty ? "" : HTMLText.escaped(Excerpt.name(dot.label) + more)
    let note = label.isEmpty ? "" : "<title>\(label)</title>"
    let beside =
      showsLabels && !label.isEmpty
      ? "<text x=\"\(pixel(dot.place.x + 7))\" y=\"\(pixel(dot.place.y - 6))\">\(label)</text>" : ""
    return "<circle cx=\"\(pixel(dot.place.x))\" cy=\"\(pixel(dot.place.y))\" "
      + "r=\"\(showsLabels ? 5 : 3)\" fill=\"\(color)\" fill-opacity=\"0.7\">\(note)</circle>"
      + beside
  }
}
