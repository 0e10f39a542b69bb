// SPDX-License-Identifier: MIT

import RelaxNumerics
import Testing

@testable import Reporting

@Suite("What stands where in a plot")
struct PlotLayoutTests {
  /// All words of a plot: where they begin, where they end, and their foot.
  private static func words(_ svg: String) -> [(text: String, from: Double, to: Double, y: Double)]
  {
    let pattern = /<text( class="[a-z-]+")? x="([0-9.-]+)" y="([0-9.-]+)"([^>]*)>([^<]*)</
    return svg.matches(of: pattern).compactMap { match in
      guard let x = Double(match.2), let y = Double(match.3) else { return nil }
      let width = PlotFrame.letter * Double(match.5.count)
      let share = match.4.contains("\"end\"") ? 1 : match.4.contains("\"middle\"") ? 0.5 : 0
      return (String(match.5), x - share * width, x + (1 - share) * width, y)
    }
  }

  @Test("Words beside points stay inside the plot, below its title, and off each other")
  func labels() throws {
    var plot = Plot(
      title: "ADwT and cost", xLabel: "seconds a structure", yLabel: "ADwT (%)",
      series: [
        Plot.Series(
          points: [(0.0176, 100), (4.5, 82), (4.4, 81), (4.3, 0)], mark: .dots,
          labels: ["relaxed", "by-forcenet", "by-another-network", "at-the-bottom"])
      ], yEnd: 100)
    plot.showsLabels = true
    plot.xScale = .logarithmic
    let words = Self.words(plot.svg())
    let names = words.filter { $0.text.contains("-") || $0.text == "relaxed" }
    #expect(names.count == 4)
    for name in names {
      #expect(name.from >= 0 && name.to <= Double(PlotFrame.width), "\(name)")
      #expect(name.y - 11 > 22 && name.y < 236, "\(name)")
    }
    for (index, a) in names.enumerated() {
      for b in names[..<index] {
        #expect(a.to <= b.from || b.to <= a.from || abs(a.y - b.y) >= 13, "\(a), \(b)")
      }
    }
  }

  @Test("Places for words are inside wherever the point is")
  func places() {
    var random = SeededGenerator(seed: 5)
    for _ in 0..<500 {
      var labels = PointLabels(left: 60, right: 476, top: 34, bottom: 234)
      let (x, y) = (random.uniform(60, 456), random.uniform(34, 234))
      let place = labels.take(letters: 12, besides: x, y)
      let left = place.endsThere ? place.x - 90 : place.x
      #expect(left >= 60 && left + 90 <= 476 && place.y - 11 >= 34 && place.y + 4 <= 234)
    }
  }

  @Test("A staircase keeps each value until the next point")
  func staircase() throws {
    let points = [(x: 0.0, y: 0.0), (26, 50), (100, 50)]
    func path(_ mark: Plot.Mark) throws -> [[Double]] {
      let svg = Plot(
        title: "t", xLabel: "x", yLabel: "y", series: [Plot.Series(points: points, mark: mark)],
        yEnd: 100
      ).svg()
      let path = try #require(svg.firstMatch(of: /class="curve"[^>]* d="M([^"]*)"/)).1
      return path.split(separator: "L").map { $0.split(separator: " ").compactMap { Double($0) } }
    }
    let (line, stairs) = (try path(.line), try path(.staircase))
    #expect(line.count == 3 && stairs.count == 4)
    #expect(stairs[0][1] == stairs[1][1] && stairs[1][0] == stairs[2][0])
    #expect(stairs[2][1] < stairs[1][1] && stairs[3] == line[2])
  }

  @Test("Names of series take as many rows as they need, each with the look of its line")
  func legend() {
    let names = ["median", "quarter", "three quarters", "another method of moving"]
    let series = zip(names, [Plot.Mark.line, .dotted, .dashed, .dots]).map { name, mark in
      Plot.Series(name: name, points: [(0, 0), (1, 1)], mark: mark)
    }
    let svg = Plot(title: "t", xLabel: "x", yLabel: "y", series: series).svg()
    let words = Self.words(svg).filter { names.contains($0.text) }
    #expect(words.count == 4 && Set(words.map(\.y)).count == 2)
    #expect(words.allSatisfy { $0.to <= Double(PlotFrame.width) })
    #expect(svg.contains("0 0 480 332"))
    #expect(svg.components(separatedBy: "stroke-dasharray=\"2 3\"").count == 3)
    #expect(svg.components(separatedBy: "stroke-dasharray=\"7 4\"").count == 3)
    let plain = Plot(title: "t", xLabel: "x", yLabel: "y", points: [(0, 0), (1, 1)]).svg()
    #expect(plain.contains("0 0 480 288"))
  }

  @Test("Long marks of x are left out until the others can be read, the ends stay")
  func longMarks() {
    var plot = Plot(
      title: "t", xLabel: "reference", yLabel: "y",
      series: [Plot.Series(points: [(-1234567.1, -1), (-1234566.9, 1)], mark: .dots)])
    plot.xRange.isTight = true
    let marks = Self.words(plot.svg()).filter { $0.y == 252 }.sorted { $0.from < $1.from }
    #expect(marks.count >= 2)
    for (a, b) in zip(marks, marks.dropFirst()) { #expect(a.to < b.from, "\(a.text) \(b.text)") }
  }

  @Test("Where x and y are to be equal, both axes show the same and the line crosses all of it")
  func diagonal() throws {
    var plot = Plot(
      title: "t", xLabel: "x", yLabel: "y",
      series: [Plot.Series(points: [(-1.9331629, -1.9331628)], mark: .dots)])
    plot.isDiagonal = true
    plot.xRange = Axis.Range(isTight: true, least: 0.1)
    let svg = plot.svg()
    let line = try #require(svg.firstMatch(of: /d="M([0-9.]+) ([0-9.]+)L([0-9.]+) ([0-9.]+)"/))
    #expect(line.2 == "234.0" && line.3 == "456.0" && line.4 == "34.0")
    let dot = try #require(svg.firstMatch(of: /cx="([0-9.]+)" cy="([0-9.]+)"/))
    let (from, x) = (try #require(Double(line.1)), try #require(Double(dot.1)))
    let y = try #require(Double(dot.2))
    // The point lies on the line.
    #expect(abs((x - from) / (456 - from) - (234 - y) / 200) < 0.01)
  }
}
