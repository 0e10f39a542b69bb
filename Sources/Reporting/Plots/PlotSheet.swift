// SPDX-License-Identifier: MIT

/// A drawing while it is made: shapes, and above them words.
struct PlotSheet {
  /// How it is drawn.
  let format: PlotFormat
  /// SVG elements, in this order.
  var shapes: [String] = []
  /// Words, which stand above all shapes.
  var texts: [PlotText] = []
  /// Its height, in units of the format.
  var height = 0.0
  /// Attributes of the whole, beginning with a blank.
  var attributes = ""

  /// A sheet with nothing on it.
  init(_ format: PlotFormat) { self.format = format }

  /// Share of the usual size of letters that headings have.
  static let heading = 1.1

  /// Writes a heading whose foot is one line and a half below the top, from `left` on, farther left if it is long.
  mutating func write(heading: String, from left: Double) {
    guard !heading.isEmpty else { return }
    let scale = PlotSheet.heading
    let length = TextWidth.of(heading) * format.em(scale)
    let start = max(format.em(0.3), min(left, format.width - length - format.em(0.3)))
    let room = (format.width - start - format.em(0.3)) / format.em(scale)
    texts.append(
      PlotText(
        text: TextWidth.fitted(heading, into: room), x: start, y: format.em(1.4), kind: "title",
        scale: scale))
  }

  /// Writes what is along an axis, about `middle` if there is room, smaller or cut if it is too long.
  mutating func write(
    label: String, middle: Double, at other: Double, isUpright: Bool = false
  ) {
    guard !label.isEmpty else { return }
    let room = (isUpright ? height : format.width) - format.em(0.4)
    var length = TextWidth.of(label) * format.fontSize
    let scale = min(1, max(0.75, room / length))
    let words = TextWidth.fitted(label, into: room / format.em(scale))
    length = TextWidth.of(words) * format.em(scale)
    let least = length / 2 + format.em(0.2)
    let place = max(least, min(middle, room + format.em(0.4) - least))
    texts.append(
      isUpright
        ? PlotText(text: words, x: other, y: place, kind: "label", scale: scale, isUpright: true)
        : PlotText(text: words, x: place, y: other, anchor: .middle, kind: "label", scale: scale))
  }

  /// The drawing as an element or a file.
  func svg(title: String) -> String {
    format.element(
      title: title, height: height, attributes: attributes,
      shapes + texts.map { $0.svg(format) })
  }

  /// A straight line, or several.
  mutating func line(_ path: String, _ attributes: String) {
    shapes.append("<path \(attributes) d=\"\(path)\"/>")
  }
}

extension PlotSheet {
  /// Marks of an axis along x at `foot`, as many as can stand side by side, the ends if possible.
  mutating func write(
    ticks: [Axis.Tick], at place: (Double) -> Double?, foot: Double, width: Double
  ) {
    let longest = ticks.map { PlotText.width(ofNumber: $0.label) }.max() ?? 0
    let fitting = Int(width / format.em(longest + 0.9)) + 1
    for tick in PlotSheet.readable(ticks, fitting: fitting) {
      guard let x = place(tick.value) else { continue }
      texts.append(
        PlotText(
          text: tick.label, x: x, y: foot, anchor: .middle, kind: "tick", isNumber: true))
    }
  }

  /// As many of `ticks` as fit, evenly spread.
  static func readable(_ ticks: [Axis.Tick], fitting: Int) -> [Axis.Tick] {
    let fitting = max(2, fitting)
    guard ticks.count > fitting else { return ticks }
    let least = (ticks.count - 1 + fitting - 2) / (fitting - 1)
    // A stride that comes out at the last mark, if there is one that leaves enough.
    let stride = (least...2 * least).first { (ticks.count - 1) % $0 == 0 } ?? least
    return ticks.indices.filter { $0 % stride == 0 }.map { ticks[$0] }
  }
}
