// SPDX-License-Identifier: MIT

import Files

/// The names of series below a plot, in as many rows as they need.
struct PlotLegend {
  private struct Entry {
    var name: String
    var look: PlotLook
    /// Pixels from the left edge of the legend.
    var x: Double
    var row: Int
  }

  private var entries: [Entry] = []
  /// Most series that are named.
  private static let most = 12
  private static let rowHeight = 20
  /// Pixels that the legend may take across.
  private static let width = 390.0

  /// A legend of those of `series` that have a name.
  init(_ series: [Plot.Series]) {
    var (x, row) = (0.0, 0)
    for (index, series) in series.prefix(PlotLegend.most).enumerated() where !series.name.isEmpty {
      let name = Excerpt.name(series.name, atMost: 24)
      let width = 44 + PlotFrame.letter * Double(name.count)
      if x > 0 && x + width > PlotLegend.width { (x, row) = (0, row + 1) }
      entries.append(Entry(name: name, look: PlotLook(series.mark, index), x: x, row: row))
      x += width
    }
  }

  /// Where the plot ends with this legend below it, in pixels.
  var end: Int {
    PlotFrame.end + (entries.last.map { ($0.row + 1) * PlotLegend.rowHeight + 4 } ?? 0)
  }

  /// The legend, whose left edge is `left` pixels from that of the plot.
  func svg(from left: Int) -> String {
    entries.map { entry in
      let x = Double(left) + entry.x
      let y = Double(PlotFrame.end + entry.row * PlotLegend.rowHeight) + 8
      let sample =
        entry.look.isLine
        ? "<path fill=\"none\" \(entry.look.stroke) d=\"M\(Decimals.fixed(x, 0)) "
          + "\(Decimals.fixed(y, 0))h22\"/>"
        : "<rect x=\"\(Decimals.fixed(x + 6, 0))\" y=\"\(Decimals.fixed(y - 5, 0))\" width=\"10\" "
          + "height=\"10\" fill=\"\(entry.look.color)\"/>"
      return sample
        + "<text x=\"\(Decimals.fixed(x + 28, 0))\" y=\"\(Decimals.fixed(y + 4, 0))\">"
        + "\(HTMLText.escaped(entry.name))</text>"
    }.joined()
  }
}
