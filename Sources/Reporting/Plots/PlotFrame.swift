// SPDX-License-Identifier: MIT

/// The area of a plot inside its axes: where it lies in the drawing, and where points lie in it.
struct PlotFrame {
  /// Left edge of the area: farther in for long marks.
  let left: Double
  let format: PlotFormat
  private let xAxis: Axis
  private let yAxis: Axis
  /// The area that the axes are of.
  private(set) var area: PlotBox
  /// Where what lies beyond the end of x is; nil if nothing does.
  private(set) var strip: PlotBox?
  /// Height of the drawing.
  private(set) var height = 0.0
  /// Where a legend may begin.
  private(set) var footer = 0.0

  /// Height of the area in pages, in units of the letters.
  private static let pageHeight = 15.4
  /// Marks and label of x below the area.
  private static let (tickFoot, labelFoot, footStart) = (1.7, 3.2, 3.7)

  /// The area between two axes, which has no place yet.
  init(x: Axis, y: Axis, _ format: PlotFormat) {
    (xAxis, yAxis, self.format) = (x, y, format)
    let longest = y.ticks.map { PlotText.width(ofNumber: $0.label) }.max() ?? 0
    left = min(format.em(2.6 + longest), format.width * 0.45)
    area = PlotBox(left: left, right: format.width, top: 0, bottom: 0)
  }

  /// Finds the place of the area.
  ///
  /// - Parameters:
  ///   - heading: whether there is one.
  ///   - below: height of what stands below the label of x.
  ///   - beyond: the words below what lies beyond the end of x, if anything does.
  mutating func layOut(heading: Bool, below: Double, beyond: String?) {
    area.top = format.em(heading ? 2.5 : 0.9)
    let foot = format.em(PlotFrame.footStart) + (below > 0 ? below + format.em(0.3) : 0)
    if let height = format.height {
      self.height = height
      area.bottom = max(area.top + format.em(3), height - foot)
    } else {
      area.bottom = area.top + format.em(PlotFrame.pageHeight)
      self.height = (area.bottom + foot).rounded(.up)
    }
    footer = area.bottom + format.em(PlotFrame.footStart)
    // Half the last mark of x stands to the right of the area.
    let last = format.em(PlotText.width(ofNumber: xAxis.ticks.last?.label ?? "") / 2)
    area.right = format.width - max(format.em(0.7), last + format.em(0.2))
    if let beyond {
      let words = format.em(TextWidth.of(beyond))
      let width = max(format.em(1.2), words)
      let right = format.width - format.em(0.3)
      strip = PlotBox(
        left: right - width, right: right, top: area.top, bottom: area.bottom)
      area.right = right - width - last - format.em(0.5)
    }
  }

  /// Where `value` is across the drawing; nil for what has no place.
  func x(_ value: Double) -> Double? {
    xAxis.place(value).map { area.left + $0 * area.width }
  }

  /// Where `value` is down the drawing; nil for what has no place.
  func y(_ value: Double) -> Double? {
    yAxis.place(value).map { area.top + (1 - $0) * area.height }
  }

  /// Where bars begin.
  var base: Double { y(0) ?? area.bottom }

  /// What a script must know to tell values from places.
  func attributes(whole: (x: Bool, y: Bool)) -> String {
    guard !format.isFile else { return "" }
    func words(_ axis: Axis, _ isWhole: Bool, _ from: Double, _ to: Double) -> String {
      "\(axis.scale == .linear ? "linear" : "log") \(axis.start) \(axis.end) "
        + "\(Decimals.fixed(from, 2)) \(Decimals.fixed(to, 2))" + (isWhole ? " whole" : "")
    }
    return " data-x=\"\(words(xAxis, whole.x, area.left, area.right))\""
      + " data-y=\"\(words(yAxis, whole.y, area.bottom, area.top))\""
  }

  // MARK: - Axes

  /// Draws the marks of both axes with their lines, and what is along them.
  func drawAxes(on sheet: inout PlotSheet, xLabel: String, yLabel: String) {
    func n(_ value: Double) -> String { Decimals.fixed(value, 1) }
    let thin = "stroke-width=\"\(Decimals.fixed(format.em(0.075), 2))\""
    let end = strip?.right ?? area.right
    let fitting = Int(area.height / format.em(1.3)) + 1
    for tick in PlotSheet.readable(yAxis.ticks, fitting: fitting) {
      guard let place = y(tick.value) else { continue }
      sheet.line("M\(n(area.left)) \(n(place))H\(n(end))", "class=\"grid\" \(thin)")
      sheet.texts.append(
        PlotText(
          text: tick.label, x: area.left - format.em(0.5), y: place + format.em(0.33),
          anchor: .end, kind: "tick", isNumber: true))
    }
    // Small marks say where exactly the numbers are, and how a logarithmic axis is spread.
    let (long, short) = (format.em(0.3), format.em(0.17))
    var marks = "M\(n(area.left)) \(n(area.bottom))H\(n(end))"
    for (values, length) in [(xAxis.ticks.map(\.value), long), (xAxis.minor, short)] {
      for place in values.compactMap({ x($0) }) {
        marks += "M\(n(place)) \(n(area.bottom))v\(n(length))"
      }
    }
    for place in yAxis.minor.compactMap({ y($0) }) {
      marks += "M\(n(area.left)) \(n(place))h\(n(-short))"
    }
    sheet.line(marks, "class=\"axis\" \(thin)")
    sheet.write(
      ticks: xAxis.ticks, at: x, foot: area.bottom + format.em(PlotFrame.tickFoot),
      width: area.width)
    sheet.write(
      label: PlotFrame.words(xLabel, xAxis), middle: (area.left + end) / 2,
      at: area.bottom + format.em(PlotFrame.labelFoot))
    // Between the heading and what is along x, both of which may begin at the edge.
    sheet.write(
      upright: PlotFrame.words(yLabel, yAxis), middle: (area.top + area.bottom) / 2,
      at: format.em(1), from: max(0, area.top - format.em(0.7)),
      to: area.bottom + format.em(PlotFrame.tickFoot - 1))
  }

  /// What is along an axis, and what its numbers are counted from.
  private static func words(_ label: String, _ axis: Axis) -> String {
    guard let origin = axis.origin else { return label }
    return "\(label), counted from \(origin.replacing("-", with: "−"))"
  }

  /// Draws the line where x and y are equal.
  func drawDiagonal(on sheet: inout PlotSheet) {
    let ends = [max(xAxis.start, yAxis.start), min(xAxis.end, yAxis.end)]
    let path = path(ends.map { ($0, $0) })
    sheet.line(path, "class=\"equal\" fill=\"none\" \(PlotLook(.dashed, 0, format).stroke)")
  }

  /// Draws the bar of what lies beyond the end of x, lighter than the others, and its name.
  func draw(_ beyond: Plot.Beyond, on sheet: inout PlotSheet) {
    guard let strip, let top = y(beyond.y) else { return }
    let middle = (strip.left + strip.right) / 2
    let half = min(strip.width / 2, format.em(0.9))
    let look = PlotLook(.bars, 0, format)
    sheet.shapes.append(
      "<rect\(format.isFile ? "" : " class=\"point\"") x=\"\(Decimals.fixed(middle - half, 1))\" "
        + "y=\"\(Decimals.fixed(top, 1))\" width=\"\(Decimals.fixed(2 * half, 1))\" "
        + "height=\"\(Decimals.fixed(max(0, base - top), 1))\" fill=\"\(look.color)\" "
        + "fill-opacity=\"0.35\" stroke=\"\(look.color)\" "
        + "stroke-width=\"\(Decimals.fixed(format.em(0.1), 2))\">"
        + "<title>\(HTMLText.escaped(beyond.note))</title></rect>")
    sheet.texts.append(
      PlotText(
        text: beyond.label, x: middle, y: area.bottom + format.em(PlotFrame.tickFoot),
        anchor: .middle, kind: "tick"))
  }
}
