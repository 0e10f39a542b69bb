// SPDX-License-Identifier: MIT

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
    /// Points; those that have no place on the axes leave a gap.
    var points: [(x: Double, y: Double)]
    /// How they are drawn.
    var mark = Mark.line
    /// What is written beside each point, and shown when it is pointed at.
    var labels: [String] = []
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

  private static let (width, height) = (640.0, 320.0)
  private static let (left, right, top, bottom) = (64.0, 16.0, 32.0, 68.0)
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
    let x = Axis(
      points.flatMap { [$0.x / xMargin, $0.x * xMargin] }, scale: xScale, isTight: isTight)
    let y = Axis(points.map(\.y), scale: yScale, end: yEnd, isTight: isTight)
    func px(_ value: Double) -> Double? {
      x.place(value).map { Plot.left + $0 * (Plot.width - Plot.left - Plot.right) }
    }
    func py(_ value: Double) -> Double? {
      y.place(value).map { Plot.top + (1 - $0) * (Plot.height - Plot.top - Plot.bottom) }
    }
    let name = HTMLText.escaped(title)
    var parts = [
      "<svg\(attributes) viewBox=\"0 0 640 320\" role=\"img\" aria-label=\"\(name)\">\(style)"
        + "<title>\(name)</title>",
      "<text class=\"title\" x=\"64\" y=\"18\">\(name)</text>",
    ]
    for tick in y.ticks {
      guard let place = py(tick).map({ Decimals.fixed($0, 1) }) else { continue }
      parts.append(
        "<path class=\"grid\" d=\"M64 \(place)H624\"/><text class=\"tick\" x=\"56\" "
          + "y=\"\(place)\" dy=\"4\" text-anchor=\"end\">\(Axis.label(tick))</text>")
    }
    for tick in x.ticks {
      guard let place = px(tick) else { continue }
      parts.append(
        "<text class=\"tick\" x=\"\(Decimals.fixed(place, 1))\" y=\"270\" text-anchor=\"middle\">"
          + "\(Axis.label(tick))</text>")
    }
    parts.append(
      "<text class=\"label\" x=\"344\" y=\"290\" text-anchor=\"middle\">"
        + "\(HTMLText.escaped(xLabel))</text>")
    parts.append(
      "<text class=\"label\" transform=\"translate(14 142) rotate(-90)\" text-anchor=\"middle\">"
        + "\(HTMLText.escaped(yLabel))</text>")
    for (index, series) in series.enumerated() {
      parts.append(drawn(series, Plot.colors[index % Plot.colors.count], px, py))
    }
    parts.append(legend + "</svg>")
    return parts.joined(separator: "\n")
  }

  private func drawn(
    _ series: Series, _ color: String, _ px: (Double) -> Double?, _ py: (Double) -> Double?
  ) -> String {
    switch series.mark {
    case .line, .guide:
      var path = ""
      var isDrawing = false
      for point in series.points {
        guard let x = px(point.x), let y = py(point.y) else {
          isDrawing = false
          continue
        }
        path += "\(isDrawing ? "L" : "M")\(Decimals.fixed(x, 1)) \(Decimals.fixed(y, 1))"
        isDrawing = true
      }
      let look =
        series.mark == .line
        ? "stroke=\"\(color)\" stroke-width=\"2\"" : "stroke=\"#9aa3ad\" stroke-dasharray=\"4 3\""
      return "<path class=\"curve\" fill=\"none\" stroke-linejoin=\"round\" \(look) d=\"\(path)\"/>"
    case .dots:
      return series.points.enumerated().compactMap { index, point in
        guard let x = px(point.x), let y = py(point.y) else { return nil }
        let label =
          series.labels.indices.contains(index) ? HTMLText.escaped(series.labels[index]) : ""
        let note = label.isEmpty ? "" : "<title>\(label)</title>"
        let beside =
          showsLabels && !label.isEmpty
          ? "<text x=\"\(Decimals.fixed(x + 7, 1))\" y=\"\(Decimals.fixed(y - 6, 1))\">\(label)</text>"
          : ""
        return "<circle cx=\"\(Decimals.fixed(x, 1))\" cy=\"\(Decimals.fixed(y, 1))\" "
          + "r=\"\(showsLabels ? 5 : 3)\" fill=\"\(color)\" fill-opacity=\"0.7\">\(note)</circle>"
          + beside
      }.joined(separator: "\n")
    case .bars:
      let xs = series.points.map(\.x)
      let half = xs.count > 1 ? (xs[1] - xs[0]) * 0.45 : 0.45
      return series.points.compactMap { point in
        guard let from = px(point.x - half), let to = px(point.x + half), let y = py(point.y),
          let base = py(0)
        else { return nil }
        return "<rect x=\"\(Decimals.fixed(from, 1))\" y=\"\(Decimals.fixed(y, 1))\" "
          + "width=\"\(Decimals.fixed(max(1, to - from), 1))\" "
          + "height=\"\(Decimals.fixed(max(0, base - y), 1))\" fill=\"\(color)\"/>"
      }.joined(separator: "\n")
    }
  }

  private var legend: String {
    var text = ""
    var x = Plot.left
    for (index, series) in series.enumerated() where !series.name.isEmpty {
      let color = series.mark == .guide ? "#9aa3ad" : Plot.colors[index % Plot.colors.count]
      text +=
        "<rect x=\"\(Decimals.fixed(x, 0))\" y=\"304\" width=\"10\" height=\"10\" fill=\"\(color)\"/>"
        + "<text x=\"\(Decimals.fixed(x + 14, 0))\" y=\"313\">\(HTMLText.escaped(series.name))</text>"
      x += 30 + 7 * Double(series.name.count)
    }
    return text
  }
}
