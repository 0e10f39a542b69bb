// SPDX-License-Identifier: MIT

import RelaxNumerics
import Testing

@testable import Reporting

@Suite("What stands where in a plot")
struct PlotLayoutTests {
  /// Words that lie on others or beyond the edge.
  private static func faults(_ sheet: PlotSheet) -> [String] {
    let (format, texts) = (sheet.format, sheet.texts.filter { !$0.text.isEmpty })
    let boxes = texts.map { $0.box(format) }
    let page = PlotBox(
      left: -0.01, right: format.width + 0.01, top: -0.01, bottom: sheet.height + 0.01)
    var faults: [String] = []
    for (index, box) in boxes.enumerated() {
      if !box.lies(in: page) { faults.append("\(texts[index].text) is beyond the edge: \(box)") }
      for other in 0..<index where box.overlaps(boxes[other]) {
        faults.append("\(texts[index].text) lies on \(texts[other].text)")
      }
    }
    return faults
  }

  private static func words(_ random: inout SeededGenerator, _ most: Int) -> String {
    let letters = Array("aeiout WMÅ(.)-_<&0123lj/")
    return String((0...random.below(most)).map { _ in letters[random.below(letters.count)] })
  }

  /// Pages, and figures of sizes and letters that the command line takes.
  private static func format(_ random: inout SeededGenerator) -> PlotFormat {
    if random.below(3) == 0 { return .page }
    let letters = random.uniform(5, 14)
    return PlotFormat(
      width: letters * random.uniform(20, 80),
      height: random.below(2) == 0 ? nil : letters * random.uniform(20, 50), fontSize: letters,
      heading: PlotFormat.Heading.allCases[random.below(3)])
  }

  @Test("No words of any plot lie on others or beyond its edge")
  func words() {
    var random = SeededGenerator(seed: 11)
    var named = 0
    for round in 0..<1500 {
      let size = [1e-12, 1e-3, 1, 1e6][random.below(4)]
      let origin = random.below(2) == 0 ? 0 : random.uniform(-5, 5)
      let marks: [Plot.Mark] = [.line, .staircase, .dots, .linked, .bars, .dashed]
      let series = (0..<1 + random.below(4)).map { _ -> Plot.Series in
        let points = (0..<random.below(12)).map { _ in
          (x: origin + size * random.uniform(-1, 1), y: origin + size * random.uniform(-1, 1))
        }
        return Plot.Series(
          name: random.below(3) == 0 ? "" : Self.words(&random, 60), points: points,
          mark: marks[random.below(marks.count)],
          labels: points.map { _ in Self.words(&random, 30) })
      }
      var plot = Plot(
        title: Self.words(&random, 90), xLabel: Self.words(&random, 70),
        yLabel: Self.words(&random, 70), series: series)
      (plot.xRange.isTight, plot.yRange.isTight) = (random.below(2) == 0, random.below(2) == 0)
      if random.below(3) == 0 { plot.xScale = .logarithmic }
      if random.below(3) == 0 { plot.yScale = .logarithmic }
      plot.showsLabels = random.below(2) == 0
      if random.below(4) == 0 { plot.beyond = Plot.Beyond(label: "> 0.4", y: 1, note: "") }
      let sheet = plot.sheet(in: Self.format(&random), index: round)
      if sheet.texts.contains(where: { $0.kind == "name" }) { named += 1 }
      let faults = Self.faults(sheet)
      #expect(faults.isEmpty, "round \(round): \(faults)")
    }
    #expect(named > 50, "names beside points were looked at")
  }

  @Test("No words of any plot of intervals lie on others or beyond its edge")
  func intervalWords() {
    var random = SeededGenerator(seed: 12)
    for round in 0..<600 {
      let sections = (0..<1 + random.below(3)).map { _ in
        IntervalPlot.Section(
          name: random.below(2) == 0 ? "" : Self.words(&random, 80),
          rows: (0..<random.below(7)).map { _ in
            let value = random.uniform(-3, 3)
            return IntervalPlot.Row(
              name: Self.words(&random, 50), value: value, low: value - 1, high: value + 1,
              set: random.below(3))
          })
      }
      var plot = IntervalPlot(
        title: Self.words(&random, 90), xLabel: Self.words(&random, 90), sections: sections)
      plot.sets = (0..<random.below(4)).map { _ in Self.words(&random, 40) }
      if random.below(2) == 0 {
        plot.sides = (Self.words(&random, 40) + "b", Self.words(&random, 40) + "b")
      }
      let faults = Self.faults(plot.sheet(in: Self.format(&random)))
      #expect(faults.isEmpty, "round \(round): \(faults)")
    }
  }

  @Test("Names stand beside points where all have a place, and in a legend where not")
  func names() {
    func plot(_ points: [(x: Double, y: Double)]) -> PlotSheet {
      CostPlot.plot(
        title: "ADwT and cost", costLabel: "seconds a structure", qualityLabel: "ADwT (%)",
        points: points.enumerated().map { place, point in
          .init(method: "method-\(place)", cost: point.x, quality: point.y, place: place)
        }, end: 100
      ).sheet(in: .page)
    }
    func kinds(_ sheet: PlotSheet) -> [String: Int] {
      Dictionary(grouping: sheet.texts.filter { $0.text.hasPrefix("method") }, by: \.kind)
        .mapValues(\.count)
    }
    let few = plot([(0.0176, 100), (4.5, 82), (4.4, 81), (4.3, 0)])
    #expect(kinds(few) == ["name": 4])
    // Thirty in one place.
    let many = plot((0..<12).map { (1 + 1e-6 * Double($0), 50) } + [(1000, 0)])
    #expect(kinds(many) == ["series": 13])
  }

  @Test("Points of one method at several costs are joined, and each says its own detail")
  func linked() {
    let plot = CostPlot.plot(
      title: "t", costLabel: "s", qualityLabel: "%",
      points: [
        .init(method: "a", detail: "200 steps", cost: 4, quality: 60, interval: (55, 66), place: 0),
        .init(method: "a", detail: "50 steps", cost: 1, quality: 40, place: 0),
        .init(method: "b", cost: 9, quality: 90, place: 2),
      ])
    #expect(plot.series.map(\.mark) == [.linked, .dots, .dots])
    #expect(plot.series[0].labels == ["50 steps", "200 steps"] && plot.series[2].labels == ["b"])
    let svg = plot.svg()
    #expect(svg.components(separatedBy: "class=\"curve\"").count == 2)
    #expect(svg.contains("class=\"interval\""))
    #expect(plot.sheet(in: .page).texts.contains { $0.text == "a" && $0.kind == "series" })
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

  @Test("Long marks of x are left out until the others can be read, the ends stay")
  func longMarks() {
    var plot = Plot(
      title: "t", xLabel: "reference", yLabel: "y",
      series: [Plot.Series(points: [(-1234567.1, -1), (-1234566.9, 1)], mark: .dots)])
    plot.xRange.isTight = true
    let sheet = plot.sheet(in: .page)
    #expect(sheet.texts.contains { $0.text == "reference, counted from −1234567" })
    #expect(Self.faults(sheet).isEmpty)
  }

  @Test("Where x and y are to be equal, both axes show the same and the line crosses all of it")
  func diagonal() throws {
    var plot = Plot(
      title: "t", xLabel: "x", yLabel: "y",
      series: [Plot.Series(points: [(-1.9331629, -1.9331628)], mark: .dots)])
    plot.isDiagonal = true
    plot.xRange = Axis.Range(isTight: true, least: 0.1)
    let svg = plot.svg()
    let line = try #require(
      svg.firstMatch(of: /class="equal".* d="M([0-9.]+) ([0-9.]+)L([0-9.]+) ([0-9.]+)"/))
    let ends = try [line.1, line.2, line.3, line.4].map { try #require(Double($0)) }
    let frame = try #require(svg.firstMatch(of: /data-x="linear \S+ \S+ (\S+) (\S+)"/))
    #expect(try abs(#require(Double(frame.1)) - ends[0]) < 0.1)
    #expect(try abs(#require(Double(frame.2)) - ends[2]) < 0.1)
    let dot = try #require(svg.firstMatch(of: /cx="([0-9.]+)" cy="([0-9.]+)"/))
    let (x, y) = (try #require(Double(dot.1)), try #require(Double(dot.2)))
    // The point lies on the line.
    #expect(abs((x - ends[0]) / (ends[2] - ends[0]) - (ends[1] - y) / (ends[1] - ends[3])) < 0.01)
  }

  @Test("Dots carry the numbers of their structures, what they are and where")
  func structures() {
    let series = Plot.Series(
      points: [(1, 2), (3, 4.00004)], mark: .dots, labels: ["<a>", "b"], structures: [17, nil])
    let plot = Plot(title: "t", xLabel: "x", yLabel: "y", series: [series])
    let svg = plot.svg()
    #expect(svg.contains("class=\"point\" data-structure=\"17\"><title>&lt;a&gt;: 1, 2</title>"))
    #expect(svg.contains("class=\"point\"><title>b: 3, 4</title>"))
    #expect(!plot.file().contains("data-") && !plot.file().contains("class=\"point\""))
  }

  @Test("A plot of one point or of nothing is none")
  func telling() {
    func plot(_ points: [(x: Double, y: Double)], _ mark: Plot.Mark) -> Bool {
      Plot(title: "t", xLabel: "", yLabel: "", series: [.init(points: points, mark: mark)])
        .isTelling
    }
    #expect(!plot([], .line) && !plot([(1, 2)], .line) && !plot([(1, 2), (1, 3)], .staircase))
    #expect(plot([(1, 2), (2, 2)], .line) && plot([(1, 2), (2, 3)], .dots))
    #expect(!plot([(1, 2), (.nan, 3)], .dots) && !plot([(1, 0), (2, 0)], .bars))
    #expect(!plot([(1, 2), (2, 2)], .dashed), "what others are compared with is nothing by itself")
    let page = HTMLPage.plots([
      Plot(title: "single", xLabel: "", yLabel: "", points: [(1, 1)]),
      Plot(title: "two", xLabel: "", yLabel: "", points: [(1, 1), (2, 2)]),
    ])
    #expect(page.contains("two") && !page.contains("single") && HTMLPage.plots([]).isEmpty)
  }
}
