// SPDX-License-Identifier: MIT

/// The names of series below a plot, in as many rows as they need.
struct PlotLegend {
  private struct Entry {
    var name: String
    var look: PlotLook?
    /// From the left edge of the legend.
    var x: Double
    var row: Int
  }

  private let format: PlotFormat
  private var entries: [Entry] = []
  /// Most series that are named.
  private static let most = 14
  private static let rowHeight = 1.55
  /// Length of the sample of a line, and the gap after it.
  private static let (sample, gap) = (2.3, 0.5)

  /// A legend of those of `series` that have a name, in rows of at most `width`.
  init(_ series: [Plot.Series], _ format: PlotFormat, width: Double) {
    self.format = format
    var (x, row) = (0.0, 0)
    func add(_ name: String, _ look: PlotLook?, _ entries: inout [Entry]) {
      let before = look == nil ? 0 : PlotLegend.sample + PlotLegend.gap
      let room = max(4, width / format.fontSize - before - 0.3)
      let name = TextWidth.fitted(name, into: min(room, 30))
      let length = format.em(before + TextWidth.of(name))
      if x > 0 && x + length > width { (x, row) = (0, row + 1) }
      entries.append(Entry(name: name, look: look, x: x, row: row))
      x += length + format.em(1.2)
    }
    let named = series.enumerated().filter {
      !$0.element.name.isEmpty && !$0.element.points.isEmpty
    }
    for (index, series) in named.prefix(PlotLegend.most) {
      add(series.name, PlotLook(series.mark, index, format), &entries)
    }
    if named.count > PlotLegend.most {
      add("and \(named.count - PlotLegend.most) more", nil, &entries)
    }
  }

  /// How high it is.
  var height: Double {
    entries.last.map { format.em(Double($0.row + 1) * PlotLegend.rowHeight) } ?? 0
  }

  /// Draws it with its left upper corner there.
  func draw(on sheet: inout PlotSheet, left: Double, top: Double) {
    for entry in entries {
      let x = left + entry.x
      let foot = top + format.em(Double(entry.row) * PlotLegend.rowHeight + 1.1)
      let middle = foot - format.em(0.33)
      var begin = x
      if let look = entry.look {
        begin += format.em(PlotLegend.sample + PlotLegend.gap)
        if look.hasLine {
          sheet.line(
            "M\(Decimals.fixed(x, 1)) \(Decimals.fixed(middle, 1))"
              + "h\(Decimals.fixed(format.em(PlotLegend.sample), 1))",
            "fill=\"none\" \(look.stroke)")
        }
        let centre = x + format.em(PlotLegend.sample / 2)
        if let marker = look.marker {
          sheet.shapes.append(
            marker.svg(
              centre, middle, radius: format.em(0.32), color: look.color, attributes: "", title: "")
          )
        }
        if look.isFilled {
          sheet.shapes.append(
            PlotMarker.square.svg(
              centre, middle, radius: format.em(0.4), color: look.color, attributes: "", title: ""))
        }
      }
      sheet.texts.append(PlotText(text: entry.name, x: begin, y: foot, kind: "series"))
    }
  }
}
