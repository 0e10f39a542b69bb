// SPDX-License-Identifier: MIT

/// Values with the intervals that they may lie in, in rows: paired differences about 0, of which a glance tells
/// those that are decided.
struct IntervalPlot: PlotDrawing {
  /// A value with its interval.
  struct Row: Sendable {
    /// What stands at its left.
    var name: String
    /// The value.
    var value: Double
    /// Ends of its interval; NaN if there is none.
    var low = Double.nan
    /// The upper end.
    var high = Double.nan
    /// Which colour and marker it has, where there are several sets of rows: see `sets`.
    var set = 0
    /// What is shown when it is pointed at, beside the numbers.
    var note = ""

    /// Whether there is no interval that holds `reference`.
    func isDecided(_ reference: Double) -> Bool { !(low <= reference && reference <= high) }
  }

  /// Rows under a name of their own; an empty name takes no line.
  ///
  /// Rows that follow each other with one name share a line.
  struct Section: Sendable {
    var name = ""
    var rows: [Row]
  }

  /// What stands above it, and what a screen reader says.
  var title: String
  /// Quantity and unit along x.
  var xLabel: String
  /// Rows from top to bottom.
  var sections: [Section]
  /// Names of the sets that rows are of, for a legend; none if there is one set only.
  var sets: [String] = []
  /// Where there is no difference.
  var reference = 0.0
  /// What is to be said of values below and above the reference, such as `A better` and `B better`.
  var sides: (low: String, high: String)?

  /// Rows without sections.
  init(title: String, xLabel: String, rows: [Row]) {
    (self.title, self.xLabel, sections) = (title, xLabel, [Section(rows: rows)])
  }

  /// Rows in sections.
  init(title: String, xLabel: String, sections: [Section]) {
    (self.title, self.xLabel, self.sections) = (title, xLabel, sections)
  }

  private var rows: [Row] { sections.flatMap(\.rows) }

  var isTelling: Bool { rows.contains { $0.value.isFinite } }

  func drawn(in format: PlotFormat, index: Int) -> String {
    sheet(in: format, index: index).svg(title: title)
  }

  /// How many lines a section takes.
  private static func lines(of section: Section) -> Int {
    let names = section.rows.map(\.name)
    let shared = zip(names, names.dropFirst()).count { $0 == $1 }
    return names.count - shared + (section.name.isEmpty ? 0 : 1)
  }

  /// Height of a line in pages, in units of the letters.
  private static let lineHeight = 1.75

  /// The drawing before it is written down.
  func sheet(in format: PlotFormat, index: Int = 0) -> PlotSheet {
    let axis = Axis(
      rows.flatMap { [$0.value, $0.low, $0.high] } + [reference], Axis.Range(isTight: true))
    let heading = format.heading(title, index)
    let room = format.width * 0.42 / format.fontSize
    let names = sections.map { $0.rows.map { TextWidth.fitted($0.name, into: room) } }
    let longest = names.joined().map { TextWidth.of($0) }.max() ?? 0
    let last = PlotText.width(ofNumber: axis.ticks.last?.label ?? "") / 2
    let first = PlotText.width(ofNumber: axis.ticks.first?.label ?? "") / 2
    var area = PlotBox(
      left: format.em(max(longest + 1, first + 0.2)),
      right: format.width - format.em(max(0.7, last + 0.2)),
      top: format.em(heading.isEmpty ? 0.4 : 2.2), bottom: 0)
    let legend = PlotLegend(
      sets.enumerated().map { place, name in
        // Sets without a row keep their colours for others, and are not named.
        Plot.Series(
          name: name, points: rows.contains { $0.set == place } ? [(0, 0)] : [], mark: .dots)
      }, format,
      width: format.width - format.em(0.8))
    let lines = sections.reduce(0) { $0 + IntervalPlot.lines(of: $1) }
    let foot =
      format.em(sides == nil ? 3.5 : 4.9) + (legend.height > 0 ? legend.height + format.em(0.3) : 0)

    var sheet = PlotSheet(format)
    if let height = format.height {
      sheet.height = height
      area.bottom = max(area.top + format.em(2), height - foot)
    } else {
      area.bottom = area.top + format.em(IntervalPlot.lineHeight * Double(max(lines, 1)) + 0.5)
      sheet.height = (area.bottom + foot).rounded(.up)
    }
    func x(_ value: Double) -> Double? { axis.place(value).map { area.left + $0 * area.width } }
    sheet.write(heading: heading, from: format.em(0.3))
    draw(axis, area, x, on: &sheet)
    // As many rows as a figure of this height has room for; pages have it for all.
    let step = max(format.em(1.15), (area.height - format.em(0.3)) / Double(max(lines, 1)))
    var y = area.top + format.em(0.15) + step / 2
    var hidden = 0
    for (section, names) in zip(sections, names) {
      if !section.name.isEmpty {
        if y + format.em(0.4) < area.bottom {
          sheet.texts.append(
            PlotText(
              text: TextWidth.fitted(section.name, into: format.width / format.fontSize - 1),
              x: format.em(0.3), y: y + format.em(0.33), kind: "group"))
        }
        y += step
      }
      for (place, row) in section.rows.enumerated() {
        let isNew = place == 0 || section.rows[place - 1].name != row.name
        if place > 0, isNew { y += step }
        guard y + format.em(0.4) < area.bottom else {
          hidden += isNew ? 1 : 0
          continue
        }
        if isNew {
          sheet.texts.append(
            PlotText(
              text: names[place], x: area.left - format.em(0.5), y: y + format.em(0.33),
              anchor: .end, kind: "row"))
        }
        draw(row, y, x, on: &sheet)
      }
      if !section.rows.isEmpty { y += step }
    }
    let label = hidden == 0 ? xLabel : "\(xLabel); \(hidden) more rows have no room"
    sheet.write(
      label: label, middle: (area.left + area.right) / 2, at: area.bottom + format.em(3))
    if let sides { draw(sides, area, x(reference) ?? area.left, on: &sheet) }
    legend.draw(
      on: &sheet, left: format.em(0.4), top: area.bottom + format.em(sides == nil ? 3.5 : 4.9))
    return sheet
  }

  private func draw(
    _ axis: Axis, _ area: PlotBox, _ x: (Double) -> Double?, on sheet: inout PlotSheet
  ) {
    let format = sheet.format
    func n(_ value: Double) -> String { Decimals.fixed(value, 1) }
    let thin = "stroke-width=\"\(Decimals.fixed(format.em(0.075), 2))\""
    for tick in axis.ticks {
      guard let place = x(tick.value) else { continue }
      sheet.line("M\(n(place)) \(n(area.top))V\(n(area.bottom))", "class=\"grid\" \(thin)")
    }
    if let place = x(reference) {
      sheet.line(
        "M\(n(place)) \(n(area.top))V\(n(area.bottom))",
        "class=\"axis\" stroke-width=\"\(Decimals.fixed(format.em(0.12), 2))\"")
    }
    sheet.write(
      ticks: axis.ticks, at: x, foot: area.bottom + format.em(1.4), width: area.width)
  }

  /// Draws an interval with its ends and its value, which is filled if the interval leaves out the reference.
  private func draw(
    _ row: Row, _ y: Double, _ x: (Double) -> Double?, on sheet: inout PlotSheet
  ) {
    let format = sheet.format
    guard let place = x(row.value) else { return }
    func n(_ value: Double) -> String { Decimals.fixed(value, 1) }
    let color = PlotLook.color(row.set, format)
    let cap = format.em(0.28)
    if let low = x(row.low), let high = x(row.high) {
      sheet.line(
        "M\(n(low)) \(n(y))H\(n(high))M\(n(low)) \(n(y - cap))v\(n(2 * cap))"
          + "M\(n(high)) \(n(y - cap))v\(n(2 * cap))",
        "class=\"interval\" fill=\"none\" stroke=\"\(color)\" "
          + "stroke-width=\"\(Decimals.fixed(format.em(0.13), 2))\"")
    }
    let interval =
      row.low.isFinite && row.high.isFinite
      ? " (\(Decimals.digits(row.low)) to \(Decimals.digits(row.high)))" : ""
    let words =
      "\(row.name): \(Decimals.digits(row.value))\(interval)"
      + (row.note.isEmpty ? "" : ", \(row.note)")
    let marker = PlotMarker.solid[row.set % PlotMarker.solid.count]
    sheet.shapes.append(
      marker.svg(
        place, y, radius: format.em(0.36), color: color,
        attributes: format.isFile ? "" : " class=\"point\"", title: words,
        hollow: row.isDecided(reference) ? nil : format.isFile ? "#fff" : "var(--back,#fff)"))
  }

  /// Says on which side who is better, below the label of x.
  private func draw(
    _ sides: (low: String, high: String), _ area: PlotBox, _ middle: Double,
    on sheet: inout PlotSheet
  ) {
    let format = sheet.format
    let foot = area.bottom + format.em(4.35)
    let gap = format.em(0.6)
    // Beside the reference, or at the edge where it is too near to one.
    let room = (format.width - format.em(0.4) - 2 * gap) / 2 / format.fontSize
    let low = TextWidth.fitted("← " + sides.low, into: room)
    let high = TextWidth.fitted(sides.high + " →", into: room)
    let (left, right) = (format.em(TextWidth.of(low)), format.em(TextWidth.of(high)))
    let centre = max(
      left + gap + format.em(0.2), min(middle, format.width - right - gap - format.em(0.2)))
    sheet.texts.append(
      PlotText(text: low, x: centre - gap, y: foot, anchor: .end, kind: "side"))
    sheet.texts.append(PlotText(text: high, x: centre + gap, y: foot, kind: "side"))
  }
}
