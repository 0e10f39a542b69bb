// SPDX-License-Identifier: MIT

import Files

/// Curves, points or bars with axes, as an SVG element to stand inside a page or in a file of its own.
struct Plot: Sendable {
  /// How the points of a series are drawn.
  enum Mark: Hashable, Sendable {
    /// Joined by a line.
    case line
    /// A dot each.
    case dots
    /// A bar each, from 0; x is the bar's middle.
    case bars
    /// A thin line, for what others are compared with.
    case guide
  }

  /// One set of points.
  struct Series: Sendable {
    /// What the legend says; nothing if empty.
    var name = ""
    /// Points; those that have no place on the axes leave a gap, and the plot says how many they are.
    var points: [(x: Double, y: Double)]
    /// How they are drawn.
    var mark = Mark.line
    /// What is written beside each point, and shown when it is pointed at.
    var labels: [String] = []

    /// Half the width of a bar, in units of x: bars nearly touch.
    var halfWidth: Double { points.count > 1 ? (points[1].x - points[0].x) * 0.45 : 0.45 }
  }

  /// What stands above it, and what a screen reader says.
  var title: String
  /// Quantity and unit along x.
  var xLabel: String
  /// Quantity and unit along y.
  var yLabel: String
  /// What is drawn, in this order.
  var series: [Series]
  /// End of the y axis; nil for the largest value.
  var yEnd: Double?
  /// How x is spread.
  var xScale = Axis.Scale.linear
  /// How y is spread.
  var yScale = Axis.Scale.linear
  /// Whether axes begin at the smallest value instead of 0.
  var isTight = false
  /// Factor by which a logarithmic x axis goes beyond the points on both sides.
  var xMargin = 1.0
  /// Whether labels are written beside points.
  var showsLabels = false

  /// One curve.
  init(
    title: String, xLabel: String, yLabel: String, points: [(x: Double, y: Double)],
    yEnd: Double? = nil
  ) {
    self.init(
      title: title, xLabel: xLabel, yLabel: yLabel, series: [Series(points: points)], yEnd: yEnd)
  }

  /// Several series.
  init(
    title: String, xLabel: String, yLabel: String, series: [Series], yEnd: Double? = nil
  ) {
    (self.title, self.xLabel, self.yLabel, self.series) = (title, xLabel, yLabel, series)
    self.yEnd = yEnd
  }

  private static let colors = [
    "#1f6fb2", "#d1602b", "#2c8c57", "#8a5bb5", "#b8861b", "#5b6675", "#c0417e",
  ]

  /// The plot as `<svg>`, scaled to the width of what it stands in.
  func svg() -> String { element(attributes: "", style: "") }

  /// The plot as a file of its own.
  func file() -> String {
    let style = """
      <style>text{font:12px system-ui,sans-serif;fill:#333}.title{font-size:14px}
      .grid{stroke:#ddd;fill:none}</style><rect width="640" height="320" fill="#fff"/>

      """
    return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
      + element(
        attributes: " xmlns=\"http://www.w3.org/2000/svg\" width=\"640\" height=\"320\"",
        style: style)
      + "\n"
  }

  private func element(attributes: String, style: String) -> String {
    let points = series.flatMap(\.points)
    let edges = series.filter { $0.mark == .bars }.flatMap { series in
      series.points.map { $0.x + series.halfWidth }
    }
    let x = Axis(
      points.flatMap { [$0.x, $0.x / xMargin, $0.x * xMargin] } + edges, scale: xScale,
      isTight: isTight)
    let y = Axis(points.map(\.y), scale: yScale, end: yEnd, isTight: isTight)
    let (xTicks, yTicks) = (x.ticks, y.ticks)
    let frame = PlotFrame(x: x, y: y, longest: yTicks.map(\.label.count).max() ?? 0)
    let name = HTMLText.escaped(title)
    var parts = [
      "<svg\(attributes) viewBox=\"0 0 640 320\" role=\"img\" aria-label=\"\(name)\">\(style)"
        + "<title>\(name)</title>",
      "<text class=\"title\" x=\"\(frame.left)\" y=\"18\">\(name)</text>",
    ]
    for tick in yTicks {
      guard let place = frame.y(tick.value).map({ Decimals.fixed($0, 1) }) else { continue }
      parts.append(
        "<path class=\"grid\" d=\"M\(frame.left) \(place)H612\"/><text class=\"tick\" "
          + "x=\"\(frame.left - 8)\" y=\"\(place)\" dy=\"4\" text-anchor=\"end\">\(tick.label)</text>"
      )
    }
    for tick in xTicks {
      guard let place = frame.x(tick.value) else { continue }
      parts.append(
        "<text class=\"tick\" x=\"\(Decimals.fixed(place, 1))\" y=\"270\" text-anchor=\"middle\">"
          + "\(tick.label)</text>")
    }
    parts.append(
      "<text class=\"label\" x=\"344\" y=\"290\" text-anchor=\"middle\">"
        + "\(HTMLText.escaped(xLabel))</text>")
    parts.append(
      "<text class=\"label\" transform=\"translate(14 142) rotate(-90)\" text-anchor=\"middle\">"
        + "\(HTMLText.escaped(yLabel))</text>")
    for (index, series) in series.enumerated() {
      parts.append(
        frame.drawn(series, Plot.colors[index % Plot.colors.count], showsLabels: showsLabels))
    }
    if let leftOut {
      parts.append(
        "<text class=\"left-out\" x=\"620\" y=\"44\" text-anchor=\"end\">\(leftOut)</text>")
    }
    parts.append(legend + "</svg>")
    return parts.joined(separator: "\n")
  }

  /// What is said of points without a place on the axes; nil if there are none.
  private var leftOut: String? {
    var (infinite, negative) = (0, 0)
    for point in series.flatMap(\.points) {
      if !point.x.isFinite || !point.y.isFinite {
        infinite += 1
      } else if (xScale == .logarithmic && point.x <= 0) || (yScale == .logarithmic && point.y <= 0)
      {
        negative += 1
      }
    }
    let words = [(infinite, "not finite"), (negative, "not above 0")].filter { $0.0 > 0 }
      .map { "\($0.0) point\($0.0 == 1 ? "" : "s") \($0.1)" }
    return words.isEmpty ? nil : "left out: " + words.joined(separator: ", ")
  }

  /// Most series that the legend names.
  private static let named = 12

  private var legend: String {
    var text = ""
    var x = 64.0
    for (index, series) in series.prefix(Plot.named).enumerated() where !series.name.isEmpty {
      let color = series.mark == .guide ? "#9aa3ad" : Plot.colors[index % Plot.colors.count]
      let name = Excerpt.name(series.name, atMost: 24)
      text +=
        "<rect x=\"\(Decimals.fixed(x, 0))\" y=\"304\" width=\"10\" height=\"10\" fill=\"\(color)\"/>"
        + "<text x=\"\(Decimals.fixed(x + 14, 0))\" y=\"313\">\(HTMLText.escaped(name))</text>"
      x += 30 + 7 * Double(name.count)
    }
    return text
  }
}
