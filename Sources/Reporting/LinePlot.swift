// SPDX-License-Identifier: MIT

/// One curve with axes, as an SVG element to stand inside a page.
struct LinePlot {
  /// What stands above it, and what a screen reader says.
  var title: String
  /// Quantity and unit along x.
  var xLabel: String
  /// Quantity and unit along y.
  var yLabel: String
  /// Points; those that are not finite leave a gap.
  var points: [(x: Double, y: Double)]
  /// End of the y axis, which starts at 0; nil for the largest value.
  var yEnd: Double?

  private static let (width, height) = (640.0, 300.0)
  private static let (left, right, top, bottom) = (64.0, 16.0, 32.0, 48.0)

  /// The curve as `<svg>`, scaled to the width of the page.
  func svg() -> String {
    let finite = points.filter { $0.x.isFinite && $0.y.isFinite }
    let xEnd = max(finite.map(\.x).max() ?? 1, 1e-9)
    let largest = finite.map(\.y).max() ?? 1
    let yEnd = self.yEnd ?? (largest > 0 ? largest : 1)
    let plotWidth = LinePlot.width - LinePlot.left - LinePlot.right
    let plotHeight = LinePlot.height - LinePlot.top - LinePlot.bottom
    func px(_ x: Double) -> String { Decimals.fixed(LinePlot.left + x / xEnd * plotWidth, 1) }
    func py(_ y: Double) -> String {
      Decimals.fixed(LinePlot.top + (1 - y / yEnd) * plotHeight, 1)
    }
    var parts: [String] = [
      "<svg viewBox=\"0 0 640 300\" role=\"img\" aria-label=\"\(HTMLText.escaped(title))\">",
      "<text class=\"title\" x=\"64\" y=\"18\">\(HTMLText.escaped(title))</text>",
    ]
    for tick in LinePlot.ticks(to: yEnd) {
      parts.append(
        "<path class=\"grid\" d=\"M64 \(py(tick))H624\"/><text class=\"tick\" x=\"56\" "
          + "y=\"\(py(tick))\" dy=\"4\" text-anchor=\"end\">\(LinePlot.label(tick))</text>")
    }
    for tick in LinePlot.ticks(to: xEnd) {
      parts.append(
        "<text class=\"tick\" x=\"\(px(tick))\" y=\"270\" text-anchor=\"middle\">"
          + "\(LinePlot.label(tick))</text>")
    }
    parts.append(
      "<text class=\"label\" x=\"344\" y=\"292\" text-anchor=\"middle\">"
        + "\(HTMLText.escaped(xLabel))</text>")
    parts.append(
      "<text class=\"label\" transform=\"translate(14 142) rotate(-90)\" text-anchor=\"middle\">"
        + "\(HTMLText.escaped(yLabel))</text>")
    var path = ""
    var drawing = false
    for point in points {
      guard point.x.isFinite && point.y.isFinite else {
        drawing = false
        continue
      }
      path += "\(drawing ? "L" : "M")\(px(point.x)) \(py(point.y))"
      drawing = true
    }
    parts.append("<path class=\"curve\" d=\"\(path)\"/></svg>")
    return parts.joined(separator: "\n")
  }

  /// Round numbers from 0 to `end`, about five of them.
  static func ticks(to end: Double) -> [Double] {
    guard end > 0, end.isFinite else { return [0] }
    var step = 1e-9
    // 1, 2, 5, 10, 20, … times the smallest step until few enough fit.
    for factor in [2, 2.5, 2].cycled(60) {
      if end / step <= 6 { break }
      step *= factor
    }
    return (0...Int(end / step * (1 + 1e-9))).map { Double($0) * step }
  }

  private static func label(_ value: Double) -> String {
    var text = Decimals.fixed(value, 6)
    while text.contains(".") && (text.last == "0" || text.last == ".") {
      let dropped = text.removeLast()
      if dropped == "." { break }
    }
    return text
  }
}

extension Array {
  /// The elements over and over, `count` in all.
  fileprivate func cycled(_ count: Int) -> [Element] { (0..<count).map { self[$0 % self.count] } }
}
