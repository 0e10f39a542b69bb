// SPDX-License-Identifier: MIT

import Files

/// Curves, points or bars with axes, as an SVG element to stand inside a page or in a file of its own.
struct Plot: Sendable {
  /// How the points of a series are drawn.
  enum Mark: Hashable, Sendable {
    /// Joined by a line.
    case line
    /// Joined by a line that keeps each value until the next point, as a share by step does.
    case staircase
    /// A dot each.
    case dots
    /// A bar each, from 0; x is the bar's middle.
    case bars
    /// A thin dashed line, for what others are compared with.
    case dashed
    /// A thin dotted one.
    case dotted
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
  /// How x is spread.
  var xScale = Axis.Scale.linear
  /// How y is spread.
  var yScale = Axis.Scale.linear
  /// What the x axis shows beside the points.
  var xRange = Axis.Range()
  /// What the y axis shows beside the points.
  var yRange = Axis.Range()
  /// Factor by which a logarithmic x axis goes beyond the points on both sides.
  var xMargin = 1.0
  /// Whether labels are written beside points.
  var showsLabels = false
  /// Whether both axes show the same numbers, with a line where x and y are equal.
  var isDiagonal = false

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
    yRange.end = yEnd
  }

  /// The same with whole numbers of steps along x.
  func bySteps() -> Plot {
    var plot = self
    plot.xRange.isWhole = true
    return plot
  }

  /// The plot as `<svg>`, scaled to the width of what it stands in.
  func svg() -> String {
    let legend = PlotLegend(series)
    return element(legend, attributes: "", style: "")
  }

  /// The plot as a file of its own.
  func file() -> String {
    let legend = PlotLegend(series)
    let (width, height) = (PlotFrame.width, legend.end)
    let style = """
      <style>text{font:13px system-ui,sans-serif;fill:#333}.title{font-size:15px}
      .grid{stroke:#ddd;fill:none}</style><rect width="\(width)" height="\(height)" fill="#fff"/>

      """
    return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
      + element(
        legend,
        attributes:
          " xmlns=\"http://www.w3.org/2000/svg\" width=\"\(width * 3 / 2)\" "
          + "height=\"\(height * 3 / 2)\"",
        style: style)
      + "\n"
  }

  private func element(_ legend: PlotLegend, attributes: String, style: String) -> String {
    let frame = PlotFrame(x: axes.x, y: axes.y)
    let name = HTMLText.escaped(title)
    var parts = [
      "<svg\(attributes) viewBox=\"0 0 \(PlotFrame.width) \(legend.end)\" role=\"img\" "
        + "aria-label=\"\(name)\">\(style)<title>\(name)</title>",
      "<text class=\"title\" x=\"\(frame.left)\" y=\"18\">"
        + "\(HTMLText.escaped(Excerpt.name(title, atMost: 52)))</text>",
      frame.marks(xLabel: xLabel, yLabel: yLabel),
    ]
    if isDiagonal { parts.append(frame.diagonal) }
    for (index, series) in series.enumerated() {
      parts.append(frame.drawn(series, PlotLook(series.mark, index), showsLabels: showsLabels))
    }
    if let leftOut {
      parts.append(
        "<text class=\"left-out\" x=\"\(PlotFrame.width - 12)\" y=\"46\" text-anchor=\"end\">"
          + "\(leftOut)</text>")
    }
    parts.append(legend.svg(from: frame.left) + "</svg>")
    return parts.joined(separator: "\n")
  }

  /// Axes on which all points and bars have a place.
  private var axes: (x: Axis, y: Axis) {
    let points = series.flatMap(\.points)
    if isDiagonal {
      let both = Axis(points.flatMap { [$0.x, $0.y] }, xRange)
      return (both, both)
    }
    let edges = series.filter { $0.mark == .bars }.flatMap { series in
      series.points.map { $0.x + series.halfWidth }
    }
    let margins = points.flatMap { [$0.x, $0.x / xMargin, $0.x * xMargin] }
    return (
      Axis(margins + edges, scale: xScale, xRange), Axis(points.map(\.y), scale: yScale, yRange)
    )
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
}
