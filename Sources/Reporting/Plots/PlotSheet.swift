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

  /// Writes what is along x, about `middle` if there is room, smaller or cut if it is too long.
  mutating func write(label: String, middle: Double, at foot: Double) {
    guard let label = placed(label, middle, 0, format.width) else { return }
    texts.append(
      PlotText(
        text: label.words, x: label.middle, y: foot, anchor: .middle, kind: "label",
        scale: label.scale))
  }

  /// Writes what is along y between `top` and `bottom`, likewise.
  mutating func write(
    upright label: String, middle: Double, at foot: Double, from top: Double, to bottom: Double
  ) {
    guard let label = placed(label, middle, top, bottom) else { return }
    texts.append(
      PlotText(
        text: label.words, x: foot, y: label.middle, kind: "label", scale: label.scale,
        isUpright: true))
  }

  /// Words that have room between `start` and `end`, how large they are, and where their middle is.
  private func placed(
    _ label: String, _ middle: Double, _ start: Double, _ end: Double
  ) -> (words: String, scale: Double, middle: Double)? {
    guard !label.isEmpty else { return nil }
    let edge = format.em(0.2)
    let room = max(0, end - start - 2 * edge)
    let scale = min(1, max(0.75, room / (TextWidth.of(label) * format.fontSize)))
    let words = TextWidth.fitted(label, into: room / format.em(scale))
    let half = TextWidth.of(words) * format.em(scale) / 2
    return (words, scale, max(start + edge + half, min(middle, end - edge - half)))
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
    // Those of a logarithmic axis may stand closer than others.
    var end = -Double.infinity
    for tick in PlotSheet.readable(ticks, fitting: fitting) {
      let half = format.em(PlotText.width(ofNumber: tick.label) / 2)
      guard let x = place(tick.value), x - half > end else { continue }
      end = x + half + format.em(0.3)
      texts.append(
        PlotText(
          text: tick.label, x: x, y: foot, anchor: .middle, kind: "tick", isNumber: true))
    }
  }

  /// As many of `ticks` as fit, evenly spread.
  static func readable(_ ticks: [Axis.Tick], fitting: Int) -> [Axis.Tick] {
    guard ticks.count > fitting else { return ticks }
    guard fitting > 1 else { return Array(ticks.prefix(1)) }
    let least = (ticks.count - 1 + fitting - 2) / (fitting - 1)
    // A stride that comes out at the last mark, if there is one that leaves enough.
    let stride = (least...2 * least).first { (ticks.count - 1) % $0 == 0 } ?? least
    return ticks.indices.filter { $0 % stride == 0 }.map { ticks[$0] }
  }
}
