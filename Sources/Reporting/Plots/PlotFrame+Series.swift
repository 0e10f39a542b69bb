// SPDX-License-Identifier: MIT

import Files

/// How series are drawn: what they need is bounded by the places that there are, not by the number of points.
extension PlotFrame {
  /// Draws a series.
  func draw(_ series: Plot.Series, _ look: PlotLook, on sheet: inout PlotSheet) {
    if look.hasLine {
      let points = series.mark == .staircase ? PlotFrame.stairs(series.points) : series.points
      let name =
        format.isFile || series.name.isEmpty
        ? "" : " data-name=\"\(HTMLText.escaped(Excerpt.name(series.name)))\""
      sheet.line(
        path(points),
        "class=\"curve\"\(name) fill=\"none\" stroke-linejoin=\"round\" \(look.stroke)")
    }
    drawIntervals(series, look, on: &sheet)
    if let marker = look.marker { drawDots(series, marker, look.color, on: &sheet) }
    if look.isFilled { drawBars(series, look.color, on: &sheet) }
  }

  private func drawBars(_ series: Plot.Series, _ color: String, on sheet: inout PlotSheet) {
    let half = series.halfWidth
    for (index, point) in series.points.enumerated() {
      guard let from = x(point.x - half), let to = x(point.x + half), let y = y(point.y) else {
        continue
      }
      let note = series.labels.indices.contains(index) ? series.labels[index] : ""
      sheet.shapes.append(
        "<rect\(format.isFile ? "" : " class=\"point\"") x=\"\(Decimals.fixed(from, 1))\" y=\"\(Decimals.fixed(min(y, base), 1))\" "
          + "width=\"\(Decimals.fixed(max(1, to - from), 1))\" "
          + "height=\"\(Decimals.fixed(abs(base - y), 1))\" fill=\"\(color)\""
          + (note.isEmpty ? "/>" : "><title>\(HTMLText.escaped(note))</title></rect>"))
    }
  }

  private func drawIntervals(
    _ series: Plot.Series, _ look: PlotLook, on sheet: inout PlotSheet
  ) {
    var path = ""
    for (point, interval) in zip(series.points, series.intervals) {
      guard let interval, let x = x(point.x), y(point.y) != nil, let top = y(interval.high) else {
        continue
      }
      let cap = format.em(0.3)
      func n(_ value: Double) -> String { Decimals.fixed(value, 1) }
      // On a logarithmic axis it may go down to where there is no place.
      let low = y(interval.low) ?? area.bottom
      path += "M\(n(x)) \(n(low))V\(n(top))M\(n(x - cap)) \(n(top))h\(n(2 * cap))"
      if y(interval.low) != nil { path += "M\(n(x - cap)) \(n(low))h\(n(2 * cap))" }
    }
    guard !path.isEmpty else { return }
    sheet.line(
      path,
      "class=\"interval\" fill=\"none\" stroke=\"\(look.color)\" "
        + "stroke-width=\"\(Decimals.fixed(format.em(0.1), 2))\"")
  }

  // MARK: - Lines

  /// Points between which each value is kept until the next one.
  private static func stairs(_ points: [(x: Double, y: Double)]) -> [(x: Double, y: Double)] {
    var stairs: [(x: Double, y: Double)] = []
    for point in points {
      if let last = stairs.last, last.y != point.y { stairs.append((point.x, last.y)) }
      stairs.append(point)
    }
    return stairs
  }

  /// The data of a path through `points`.
  func path(_ points: [(x: Double, y: Double)]) -> String {
    var path = ""
    for run in runs(points) {
      for (index, point) in thinned(run).enumerated() {
        path +=
          "\(index > 0 ? "L" : "M")\(Decimals.fixed(point.x, 1)) \(Decimals.fixed(point.y, 1))"
      }
    }
    return path
  }

  /// Places of points that follow each other without a gap; of very many points gaps are not shown.
  private func runs(_ points: [(x: Double, y: Double)]) -> [[SIMD2<Double>]] {
    var runs: [[SIMD2<Double>]] = [[]]
    for point in points {
      if let x = x(point.x), let y = y(point.y) {
        runs[runs.count - 1].append(SIMD2(x, y))
      } else if points.count <= PlotFrame.most {
        runs.append([])
      }
    }
    return runs
  }

  /// More points than this are thinned.
  private static let most = 2000

  /// Of points in one column the first, the lowest, the highest and the last.
  private func thinned(_ run: [SIMD2<Double>]) -> [SIMD2<Double>] {
    guard run.count > PlotFrame.most else { return run }
    var result: [SIMD2<Double>] = []
    var begin = 0
    while begin < run.count {
      var end = begin + 1
      var (lowest, highest) = (begin, begin)
      while end < run.count, Int(run[end].x) == Int(run[begin].x) {
        if run[end].y < run[lowest].y { lowest = end }
        if run[end].y > run[highest].y { highest = end }
        end += 1
      }
      result += Set([begin, lowest, highest, end - 1]).sorted().map { run[$0] }
      begin = end
    }
    return result
  }

  // MARK: - Dots

  private struct Dot {
    var place: SIMD2<Double>
    /// Number of the point in its series.
    var index: Int
    /// Points that lie under it.
    var covered = 0
  }

  private func drawDots(
    _ series: Plot.Series, _ marker: PlotMarker, _ color: String, on sheet: inout PlotSheet
  ) {
    let isThinned = series.points.count > PlotFrame.most
    var dots: [Dot] = []
    var known: [SIMD2<Double>: Int] = [:]
    for (index, point) in series.points.enumerated() {
      guard let x = x(point.x), let y = y(point.y) else { continue }
      var place = SIMD2(x, y)
      // Of many dots those that would lie on each other are drawn once.
      let grid = format.em(0.3)
      if isThinned { place = (place / grid).rounded(.toNearestOrEven) * grid }
      if isThinned, let drawn = known.updateValue(known[place] ?? dots.count, forKey: place) {
        dots[drawn].covered += 1
        continue
      }
      dots.append(Dot(place: place, index: index))
    }
    for dot in dots {
      sheet.shapes.append(
        marker.svg(
          dot.place.x, dot.place.y, radius: radius(series), color: color,
          attributes: attributes(of: dot, series), title: PlotFrame.note(of: dot, series)))
    }
  }

  /// Few points are larger.
  private func radius(_ series: Plot.Series) -> Double {
    format.em(series.points.count > 30 ? 0.27 : 0.36)
  }

  private func attributes(of dot: Dot, _ series: Plot.Series) -> String {
    guard !format.isFile else { return "" }
    guard series.structures.indices.contains(dot.index), let number = series.structures[dot.index]
    else { return " class=\"point\"" }
    return " class=\"point\" data-structure=\"\(number)\""
  }

  /// What is shown when a dot is pointed at.
  private static func note(of dot: Dot, _ series: Plot.Series) -> String {
    let point = series.points[dot.index]
    let label = series.labels.indices.contains(dot.index) ? series.labels[dot.index] : series.name
    let values = "\(Decimals.digits(point.x)), \(Decimals.digits(point.y))"
    let more = dot.covered > 0 ? " and \(dot.covered) more" : ""
    return (label.isEmpty ? "" : Excerpt.name(label) + more + ": ") + values
  }

  /// Writes the labels of all dots beside them.
  ///
  /// - Returns: whether all found a place.
  func nameDots(of all: [Plot.Series], on sheet: inout PlotSheet) -> Bool {
    var points: [(place: SIMD2<Double>, label: String)] = []
    var taken: [PlotBox] = []
    for series in all where series.mark == .dots || series.mark == .linked {
      for (index, point) in series.points.enumerated() {
        guard let x = x(point.x), let y = y(point.y) else { continue }
        let size = radius(series)
        taken.append(PlotBox(left: x - size, right: x + size, top: y - size, bottom: y + size))
        let label = series.labels.indices.contains(index) ? series.labels[index] : ""
        if !label.isEmpty { points.append((SIMD2(x, y), label)) }
      }
    }
    guard points.count <= 60 else { return false }
    // The label of y and its marks stand to the left of the area; the right edge is free.
    var room = area
    (room.left, room.right) = (area.left + format.em(0.2), format.width - format.em(0.2))
    var places = PointLabels(room, format, taken: taken)
    for point in points {
      let words = TextWidth.fitted(point.label, into: 20)
      guard let (text, isFar) = places.take(words, besides: point.place.x, point.place.y) else {
        return false
      }
      if isFar {
        let box = text.box(format)
        let x = max(box.left, min(point.place.x, box.right))
        let y = text.y < point.place.y ? box.bottom : box.top
        sheet.line(
          "M\(Decimals.fixed(point.place.x, 1)) \(Decimals.fixed(point.place.y, 1))"
            + "L\(Decimals.fixed(x, 1)) \(Decimals.fixed(y, 1))",
          "class=\"axis\" stroke-width=\"\(Decimals.fixed(format.em(0.06), 2))\"")
      }
      sheet.texts.append(text)
    }
    return true
  }
}
