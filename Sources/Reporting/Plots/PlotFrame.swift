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

  /// Width of a plot in pixels: about that which pages give it, so that its letters are as large as theirs.
  static let width = 480
  /// Where a plot ends that has no legend, in pixels.
  static let end = 288
  /// How wide a letter is, generously, in pixels.
  static let letter = 7.5
  /// Half the last mark of x stands to the right of the right edge.
  private static let (right, top, bottom) = (456.0, 34.0, 234.0)

  /// The area between two axes.
  init(x: Axis, y: Axis) {
    (xAxis, yAxis) = (x, y)
    let longest = y.ticks.map(\.label.count).max() ?? 0
    left = min(max(58, 34 + Int(8.5 * Double(longest))), 180)
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
  func drawn(_ series: Plot.Series, _ look: PlotLook, showsLabels: Bool) -> String {
    switch series.mark {
    case .line, .dashed, .dotted:
      return path(series.points, look.stroke)
    case .staircase:
      return path(PlotFrame.stairs(series.points), look.stroke)
    case .dots:
      return dots(series, look.color, showsLabels: showsLabels)
    case .bars:
      let half = series.halfWidth
      return series.points.compactMap { point in
        guard let from = x(point.x - half), let to = x(point.x + half), let y = y(point.y),
          let base = self.y(0)
        else { return nil }
        return "<rect x=\"\(Decimals.fixed(from, 1))\" y=\"\(Decimals.fixed(y, 1))\" "
          + "width=\"\(Decimals.fixed(max(1, to - from), 1))\" "
          + "height=\"\(Decimals.fixed(max(0, base - y), 1))\" fill=\"\(look.color)\"/>"
      }.joined(separator: "\n")
    }
  }

  // MARK: - Axes

  /// The marks of both axes with their lines, and what is along them.
  func marks(xLabel: String, yLabel: String) -> String {
    var parts: [String] = []
    for tick in yAxis.ticks {
      guard let place = y(tick.value).map({ Decimals.fixed($0, 1) }) else { continue }
      parts.append(
        "<path class=\"grid\" d=\"M\(left) \(place)H\(Int(PlotFrame.right))\"/>"
          + "<text class=\"tick\" x=\"\(left - 8)\" y=\"\(place)\" dy=\"4\" "
          + "text-anchor=\"end\">\(tick.label)</text>")
    }
    for tick in readable(xAxis.ticks) {
      guard let place = x(tick.value) else { continue }
      parts.append(
        "<text class=\"tick\" x=\"\(Decimals.fixed(place, 1))\" y=\"\(Int(PlotFrame.bottom) + 18)\" "
          + "text-anchor=\"middle\">\(tick.label)</text>")
    }
    let middle = (Double(left) + PlotFrame.right) / 2
    parts.append(
      "<text class=\"label\" x=\"\(Decimals.fixed(middle, 0))\" y=\"\(Int(PlotFrame.bottom) + 40)\" "
        + "text-anchor=\"middle\">\(HTMLText.escaped(xLabel))</text>")
    let height = Decimals.fixed((PlotFrame.top + PlotFrame.bottom) / 2, 0)
    parts.append(
      "<text class=\"label\" transform=\"translate(15 \(height)) rotate(-90)\" "
        + "text-anchor=\"middle\">\(HTMLText.escaped(yLabel))</text>")
    return parts.joined(separator: "\n")
  }

  /// Of the marks of x as many as can stand side by side, the ends if possible.
  private func readable(_ ticks: [Axis.Tick]) -> [Axis.Tick] {
    let longest = ticks.map(\.label.count).max() ?? 0
    let fitting = max(
      2, Int((PlotFrame.right - Double(left)) / (8.5 * Double(longest) + 12)) + 1)
    guard ticks.count > fitting else { return ticks }
    let least = (ticks.count - 1 + fitting - 2) / (fitting - 1)
    // A stride that comes out at the last mark, if there is one that leaves enough.
    let stride = (least...2 * least).first { (ticks.count - 1) % $0 == 0 } ?? least
    return ticks.indices.filter { $0 % stride == 0 }.map { ticks[$0] }
  }

  /// The line where x and y are equal.
  var diagonal: String {
    let ends = [max(xAxis.start, yAxis.start), min(xAxis.end, yAxis.end)]
    return path(ends.map { ($0, $0) }, PlotLook(.dashed, 0).stroke)
  }

  // MARK: - Lines

  /// Points between which each value is kept until the next one.
  private static func stairs(_ points: [(x: Double, y: Double)]) -> [(x: Double, y: Double)] {
    var stairs: [(x: Double, y: Double)] = []
    for point in points {
      if let last = stairs.last, last.y != point.y { stairs.append((point.x, last.y)) }
      stairs.append(point)
    }
    return stairs
  }

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
    var labels = PointLabels(
      left: Double(left), right: Double(PlotFrame.width) - 4, top: PlotFrame.top,
      bottom: PlotFrame.bottom)
    return dots.map { dot in
      let note = PlotFrame.note(dot)
      let beside = showsLabels && !note.isEmpty ? PlotFrame.words(note, dot, &labels) : ""
      return "<circle cx=\"\(Decimals.fixed(dot.place.x, 1))\" "
        + "cy=\"\(Decimals.fixed(dot.place.y, 1))\" r=\"\(showsLabels ? 5 : 3.5)\" "
        + "fill=\"\(color)\" fill-opacity=\"0.7\">"
        + (note.isEmpty ? "" : "<title>\(HTMLText.escaped(note))</title>") + "</circle>" + beside
    }.joined(separator: "\n")
  }

  /// What is shown when a dot is pointed at.
  private static func note(_ dot: Dot) -> String {
    let more = dot.covered > 0 ? " and \(dot.covered) more" : ""
    return dot.label.isEmpty ? "" : Excerpt.name(dot.label) + more
  }

  /// The words beside a dot.
  private static func words(_ note: String, _ dot: Dot, _ labels: inout PointLabels) -> String {
    let words = Excerpt.name(note, atMost: 36)
    let place = labels.take(letters: words.count, besides: dot.place.x, dot.place.y)
    return "<text x=\"\(Decimals.fixed(place.x, 1))\" y=\"\(Decimals.fixed(place.y, 1))\""
      + (place.endsThere ? " text-anchor=\"end\"" : "") + ">\(HTMLText.escaped(words))</text>"
  }
}
