// SPDX-License-Identifier: MIT

/// Colour, stroke and marker of a series, in the plot and in its legend alike.
///
/// Series differ in all three, so that they can be told apart without colours. The colours are those of Okabe
/// and Ito, which colour-blind people tell apart, made darker for white paper and lighter for dark pages: each
/// has a contrast of at least 3 with what is behind it.
struct PlotLook {
  /// Its colour, as an attribute.
  let color: String
  /// Attributes of its line, the colour included.
  let stroke: String
  /// Whether it has a line.
  let hasLine: Bool
  /// The shape of its points; nil if they have none.
  let marker: PlotMarker?
  /// Whether it is bars.
  let isFilled: Bool

  /// Colours on white and on dark pages.
  static let colors: [(light: String, dark: String)] = [
    ("#0072b2", "#5fb0ee"), ("#c9540a", "#ff9a5c"), ("#00805a", "#3fcf9f"),
    ("#a8477f", "#ec93c0"), ("#8f6700", "#e3c14a"), ("#4a5563", "#c3cad3"),
    ("#5a4fc4", "#b3aaff"),
  ]
  /// What others are compared with is grey.
  static let grey = (light: "#6b7480", dark: "#98a2ae")
  /// Lengths of dashes and gaps, in widths of the line.
  private static let dashes = ["", "5 2", "1 1.5", "5 2 1 2", "3 1.5", "8 2 1 2 1 2", "2 3"]

  /// The look of the series with this mark that stands at `index`.
  init(_ mark: Plot.Mark, _ index: Int, _ format: PlotFormat) {
    let place = index % PlotLook.colors.count
    let isCompared = mark == .dashed || mark == .dotted
    let color = PlotLook.color(isCompared ? nil : place, format)
    self.color = color
    (hasLine, isFilled) = (mark != .dots && mark != .bars, mark == .bars)
    marker = mark == .dots || mark == .linked ? PlotMarker.of(index) : nil
    let width = format.em(isCompared ? 0.115 : 0.15)
    let dash =
      switch mark {
      case .dashed: "4.5 2.5"
      case .dotted: "1.5 2"
      case .line, .staircase, .linked: PlotLook.dashes[place]
      case .dots, .bars: ""
      }
    let lengths = dash.split(separator: " ").compactMap { Double($0) }
      .map { Decimals.short($0 * width) }.joined(separator: " ")
    stroke =
      "stroke=\"\(color)\" stroke-width=\"\(Decimals.fixed(width, 2))\""
      + (lengths.isEmpty ? "" : " stroke-dasharray=\"\(lengths)\"")
  }

  /// The colour at `place`, or grey; in a page what its style sheet makes of it.
  static func color(_ place: Int?, _ format: PlotFormat) -> String {
    let light = place.map { colors[$0 % colors.count].light } ?? grey.light
    guard !format.isFile else { return light }
    return "var(--series-\(place.map { "\($0 % colors.count)" } ?? "grey"),\(light))"
  }

  /// Declarations of the colours for a style sheet.
  static func variables(dark: Bool) -> String {
    let all = colors.enumerated().map { ("\($0.offset)", $0.element) } + [("grey", grey)]
    return all.map { "--series-\($0.0): \(dark ? $0.1.dark : $0.1.light);" }
      .joined(separator: " ")
  }
}

/// The shape of a point.
enum PlotMarker: CaseIterable {
  case circle, square, triangle, diamond, plus, ring, cross

  /// That of the series at `index`.
  static func of(_ index: Int) -> PlotMarker { allCases[index % allCases.count] }

  /// Those that can be filled.
  static let solid: [PlotMarker] = [.circle, .square, .triangle, .diamond]

  /// The shape about a place, of about `radius`.
  ///
  /// - Parameter hollow: what it is filled with if only its edge has its colour.
  func svg(
    _ x: Double, _ y: Double, radius: Double, color: String, attributes: String, title: String,
    hollow: String? = nil
  ) -> String {
    let (tag, shape) = self.shape(x, y, radius)
    let edge = "stroke=\"\(color)\" stroke-width=\"\(Decimals.fixed(radius * 0.45, 2))\""
    let ink =
      switch self {
      case .plus, .cross: "fill=\"none\" \(edge)"
      // What is behind shows through, and yet all of it can be pointed at.
      case .ring: "fill=\"\(color)\" fill-opacity=\"0\" \(edge)"
      default:
        hollow.map { "fill=\"\($0)\" \(edge)" } ?? "fill=\"\(color)\" fill-opacity=\"0.85\""
      }
    return "<\(tag) \(shape) \(ink)\(attributes)"
      + (title.isEmpty ? "/>" : "><title>\(HTMLText.escaped(title))</title></\(tag)>")
  }

  private func shape(_ x: Double, _ y: Double, _ radius: Double) -> (tag: String, shape: String) {
    func n(_ value: Double) -> String { Decimals.fixed(value, 1) }
    switch self {
    case .circle, .ring:
      return (
        "circle", "cx=\"\(n(x))\" cy=\"\(n(y))\" r=\"\(n(self == .ring ? radius * 0.85 : radius))\""
      )
    case .square:
      let half = radius * 0.9
      return (
        "rect",
        "x=\"\(n(x - half))\" y=\"\(n(y - half))\" width=\"\(n(2 * half))\" height=\"\(n(2 * half))\""
      )
    case .triangle:
      let (w, h) = (radius * 1.1, radius * 0.95)
      return (
        "path", "d=\"M\(n(x)) \(n(y - h * 1.15))L\(n(x + w)) \(n(y + h * 0.8))H\(n(x - w))Z\""
      )
    case .diamond:
      let d = radius * 1.25
      return (
        "path",
        "d=\"M\(n(x)) \(n(y - d))L\(n(x + d)) \(n(y))L\(n(x)) \(n(y + d))L\(n(x - d)) \(n(y))Z\""
      )
    case .plus:
      let d = radius * 1.1
      return ("path", "d=\"M\(n(x - d)) \(n(y))H\(n(x + d))M\(n(x)) \(n(y - d))V\(n(y + d))\"")
    case .cross:
      let d = radius * 0.85
      return (
        "path",
        "d=\"M\(n(x - d)) \(n(y - d))L\(n(x + d)) \(n(y + d))M\(n(x - d)) \(n(y + d))L\(n(x + d)) \(n(y - d))\""
      )
    }
  }
}
