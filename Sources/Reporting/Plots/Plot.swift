// SPDX-License-Identifier: MIT

import Files

/// Curves, points or bars with axes, as an SVG element to stand inside a page or in a file of its own.
struct Plot: PlotDrawing {
  /// How the points of a series are drawn.
  enum Mark: Hashable, Sendable {
    /// Joined by a line.
    case line
    /// Joined by a line that keeps each value until the next point, as a share by step does.
    case staircase
    /// A marker each.
    case dots
    /// A marker each, joined by a line: one method at several costs.
    case linked
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
    /// Numbers of the structures that the points are of, where a click shows them; as many as points, or none.
    var structures: [Int?] = []
    /// How far each value may be off, as ends of an interval of y; as many as points, or none.
    var intervals: [(low: Double, high: Double)?] = []

    /// Half the width of a bar, in units of x: bars nearly touch.
    var halfWidth: Double { points.count > 1 ? (points[1].x - points[0].x) * 0.45 : 0.45 }
  }

  /// What lies beyond the end of x: a bar of its own, so that nothing is hidden.
  struct Beyond: Sendable {
    /// What stands below the bar: `> 0.4`.
    var label: String
    /// How high it is.
    var y: Double
    /// What is shown when it is pointed at.
    var note: String
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
  /// What lies beyond the end of x, if anything does.
  var beyond: Beyond?
  /// Whether labels are written beside points.
  ///
  /// Series need no legend if all of them find a place.
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

  /// Whether some curve has two points, or there are two dots, or a bar that is not of nothing.
  var isTelling: Bool {
    var dots = 0
    for series in series {
      let placed = series.points.filter { hasPlace($0) }
      switch series.mark {
      case .dots: dots += placed.count
      case .linked:
        dots += placed.count
      case .bars: if placed.contains(where: { $0.y != 0 }) { return true }
      case .dashed, .dotted: continue
      case .line, .staircase:
        if let first = placed.first, placed.contains(where: { $0.x != first.x }) { return true }
      }
    }
    return dots > 1
  }

  private func hasPlace(_ point: (x: Double, y: Double)) -> Bool {
    point.x.isFinite && point.y.isFinite && (xScale == .linear || point.x > 0)
      && (yScale == .linear || point.y > 0)
  }

  // MARK: - Drawing

  func drawn(in format: PlotFormat, index: Int) -> String {
    sheet(in: format, index: index).svg(title: title)
  }

  /// The drawing before it is written down.
  func sheet(in format: PlotFormat, index: Int = 0) -> PlotSheet {
    if showsLabels, let bare = attempt(format, index, beside: true) { return bare }
    return attempt(format, index, beside: false) ?? PlotSheet(format)
  }

  /// The drawing with words beside points, or else with a legend of all series; nil if not all words find a
  /// place.
  private func attempt(_ format: PlotFormat, _ index: Int, beside: Bool) -> PlotSheet? {
    let axes = self.axes
    let isNamed = beside && series.allSatisfy { $0.mark == .dots }
    var frame = PlotFrame(x: axes.x, y: axes.y, format)
    let legend = PlotLegend(
      isNamed ? [] : series, format, width: format.width - frame.left - format.em(0.4))
    let heading = format.heading(title, index)
    let notes = leftOut
    frame.layOut(
      heading: !heading.isEmpty, below: legend.height + Double(notes.count) * format.em(1.4),
      beyond: beyond?.label)

    var sheet = PlotSheet(format)
    sheet.height = frame.height
    sheet.attributes = frame.attributes(whole: (xRange.isWhole, yRange.isWhole))
    sheet.write(heading: heading, from: frame.left)
    frame.drawAxes(on: &sheet, xLabel: xLabel, yLabel: yLabel)
    if isDiagonal { frame.drawDiagonal(on: &sheet) }
    if let beyond { frame.draw(beyond, on: &sheet) }
    for (index, series) in series.enumerated() {
      frame.draw(series, PlotLook(series.mark, index, format), on: &sheet)
    }
    if beside, !frame.nameDots(of: series, on: &sheet) { return nil }
    legend.draw(on: &sheet, left: frame.left, top: frame.footer)
    for (row, note) in notes.enumerated() {
      sheet.texts.append(
        PlotText(
          text: TextWidth.fitted(note, into: format.width / format.fontSize - 0.6),
          x: min(frame.left, max(format.em(0.3), format.width - format.em(22))),
          y: frame.footer + legend.height + format.em(1.4 * Double(row) + 1),
          kind: "note"))
    }
    return sheet
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
    let ends = series.flatMap { $0.intervals.flatMap { $0.map { [$0.low, $0.high] } ?? [] } }
    return (
      Axis(margins + edges, scale: xScale, xRange),
      Axis(points.map(\.y) + ends + (beyond.map { [$0.y] } ?? []), scale: yScale, yRange)
    )
  }

  /// What is said of points without a place on the axes.
  private var leftOut: [String] {
    var (infinite, negative) = (0, 0)
    for point in series.flatMap(\.points) where !hasPlace(point) {
      if point.x.isFinite && point.y.isFinite { negative += 1 } else { infinite += 1 }
    }
    return [(infinite, "not finite"), (negative, "not above 0")].filter { $0.0 > 0 }
      .map { "left out: \($0.0) point\($0.0 == 1 ? "" : "s") \($0.1)" }
  }
}
