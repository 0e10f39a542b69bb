// SPDX-License-Identifier: MIT

/// Colour and stroke of a series, in the plot and in its legend alike.
struct PlotLook {
  /// Its colour.
  let color: String
  /// Attributes of its line, the colour included.
  let stroke: String
  /// Whether it is a line, and not dots or bars.
  let isLine: Bool

  private static let colors = [
    "#1f6fb2", "#d1602b", "#2c8c57", "#8a5bb5", "#b8861b", "#5b6675", "#c0417e",
  ]
  /// What others are compared with is grey, dark enough for a thin line.
  private static let grey = "#76808c"

  /// The look of the series with this mark that stands at `index`.
  init(_ mark: Plot.Mark, _ index: Int) {
    let color =
      switch mark {
      case .dashed, .dotted: PlotLook.grey
      case .line, .staircase, .dots, .bars: PlotLook.colors[index % PlotLook.colors.count]
      }
    self.color = color
    isLine = mark != .dots && mark != .bars
    stroke =
      switch mark {
      case .dashed: "stroke=\"\(color)\" stroke-width=\"1.5\" stroke-dasharray=\"7 4\""
      case .dotted: "stroke=\"\(color)\" stroke-width=\"1.5\" stroke-dasharray=\"2 3\""
      case .line, .staircase, .dots, .bars: "stroke=\"\(color)\" stroke-width=\"2\""
      }
  }
}
