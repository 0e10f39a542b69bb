// SPDX-License-Identifier: MIT

/// A rectangle of a drawing, whose y points down.
struct PlotBox: Hashable, Sendable {
  var (left, right, top, bottom): (Double, Double, Double, Double)

  init(left: Double, right: Double, top: Double, bottom: Double) {
    (self.left, self.right, self.top, self.bottom) = (left, right, top, bottom)
  }

  var width: Double { right - left }
  var height: Double { bottom - top }

  func overlaps(_ other: PlotBox) -> Bool {
    left < other.right && other.left < right && top < other.bottom && other.top < bottom
  }

  func lies(in other: PlotBox) -> Bool {
    left >= other.left && right <= other.right && top >= other.top && bottom <= other.bottom
  }
}

/// Words in a drawing.
struct PlotText: Hashable, Sendable {
  enum Anchor: String { case start, middle, end }

  /// What is written; of numbers in the notation of ``RoundNumber``.
  var text: String
  var x: Double
  /// The foot of the letters.
  var y: Double
  var anchor = Anchor.start
  /// The class that style sheets know it by.
  var kind = ""
  /// Size of the letters, as a share of the usual one.
  var scale = 1.0
  /// Whether it is a number, whose power of ten is raised.
  var isNumber = false
  /// Whether it is turned to be read from below; `x` and `y` are its middle then.
  var isUpright = false

  /// What it covers.
  func box(_ format: PlotFormat) -> PlotBox {
    let size = format.em(scale)
    let width = width * size
    if isUpright {
      return PlotBox(
        left: x - 0.8 * size, right: x + 0.25 * size, top: y - width / 2, bottom: y + width / 2)
    }
    let left =
      switch anchor {
      case .start: x
      case .middle: x - width / 2
      case .end: x - width
      }
    let rise = isNumber && text.contains("e") ? 1.0 : 0.8
    return PlotBox(left: left, right: left + width, top: y - rise * size, bottom: y + 0.25 * size)
  }

  /// Its length in units of its size.
  private var width: Double {
    guard isNumber else { return TextWidth.of(text) }
    let (base, power) = PlotText.parts(of: text)
    return TextWidth.of(base) + 0.75 * TextWidth.of(power)
  }

  /// How wide the number `label` is, in units of its size.
  static func width(ofNumber label: String) -> Double {
    PlotText(text: label, x: 0, y: 0, isNumber: true).width
  }

  /// A number as it is read: `2e-5` is 2·10 to the −5.
  private static func parts(of label: String) -> (base: String, power: String) {
    let signed = label.replacing("-", with: "−")
    guard let mark = signed.firstIndex(of: "e") else { return (signed, "") }
    let (base, power) = (signed[..<mark], signed[signed.index(after: mark)...])
    return (base == "1" ? "10" : base == "−1" ? "−10" : base + "·10", String(power))
  }

  /// As SVG.
  func svg(_ format: PlotFormat) -> String {
    var words = HTMLText.escaped(text)
    if isNumber {
      let (base, power) = PlotText.parts(of: text)
      words =
        base
        + (power.isEmpty ? "" : "<tspan dy=\"-0.5em\" font-size=\"75%\">\(power)</tspan>")
    }
    let place =
      isUpright
      ? " transform=\"translate(\(Decimals.fixed(x, 1)) \(Decimals.fixed(y, 1))) rotate(-90)\""
      : " x=\"\(Decimals.fixed(x, 1))\" y=\"\(Decimals.fixed(y, 1))\""
    let end = isUpright ? Anchor.middle : anchor
    return (kind.isEmpty ? "<text" : "<text class=\"\(kind)\"") + place
      + (end == .start ? "" : " text-anchor=\"\(end.rawValue)\"")
      + (scale == 1 ? "" : " style=\"font-size:\(Decimals.fixed(format.em(scale), 2))px\"")
      + ">\(words)</text>"
  }
}
