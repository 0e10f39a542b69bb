// SPDX-License-Identifier: MIT

import Testing

@testable import Reporting
@testable import Scoring

@Suite("Plots of values with intervals")
struct IntervalPlotTests {
  private static func row(
    _ name: String, _ difference: Double, share: Bool = true, moreIsBetter: Bool = true
  ) -> PairedComparison.Row {
    PairedComparison.Row(
      name: name, isShare: share, moreIsBetter: moreIsBetter, structures: 10, first: 0.5,
      second: 0.5 + difference, low: difference - 0.01, high: difference + 0.01)
  }

  @Test("Differences are shown by their units, and each plot says who is better on which side")
  func differences() throws {
    let plots = ComparisonPlots(
      first: "A",
      pairs: [
        .init(
          name: "B",
          rows: [
            Self.row("ADwT", 0.02), Self.row("DwT (0.1 Å)", 0.005),
            Self.row("RMSD (Å)", -0.05, share: false, moreIsBetter: false),
            Self.row("steps", 4, share: false, moreIsBetter: false),
          ])
      ], confidence: 0.9
    ).differences
    #expect(
      plots.map(\.name) == ["differences-shares", "differences-distances", "differences-steps"])
    #expect(plots.allSatisfy { ComparisonPlots.names.contains($0.name) })
    let shares = plots[0].plot.sections[0].rows
    #expect(shares.map(\.name) == ["ADwT", "DwT (0.1 Å)"])
    #expect(abs(shares[0].value - 2) < 1e-9 && abs(shares[0].low - 1) < 1e-9)
    #expect(shares[0].isDecided(0) && !shares[1].isDecided(0))
    #expect(plots[0].plot.xLabel == "difference (percentage points), 90 % interval")
    #expect(plots[1].plot.sections[0].rows.map(\.name) == ["RMSD"])
    #expect(try #require(plots[0].plot.sides) == ("A better", "B better"))
    #expect(try #require(plots[1].plot.sides) == ("B better", "A better"))
  }

  @Test("Several sets stand beside each other under each metric")
  func several() {
    let pairs = ["B", "C"].map {
      ComparisonPlots.Pair(name: $0, rows: [Self.row("ADwT", 0.02), Self.row("AFbT", -0.03)])
    }
    let plot = ComparisonPlots(first: "A", pairs: pairs, confidence: 0.95).differences[0].plot
    #expect(plot.sections.map(\.name) == ["ADwT", "AFbT"] && plot.sets == ["B", "C"])
    #expect(plot.sections.allSatisfy { $0.rows.map(\.set) == [0, 1] })
  }

  @Test(
    "Values lie where they are, hollow where the interval holds 0, and rows of one name share a line"
  )
  func drawing() throws {
    let plot = IntervalPlot(
      title: "t", xLabel: "x",
      rows: [
        .init(name: "a", value: 1, low: 0.5, high: 2),
        .init(name: "a", value: 0.5, low: -1, high: 1),
        .init(name: "b<", value: -1),
      ])
    let svg = plot.svg()
    let dots = svg.matches(of: /<circle cx="([0-9.]+)" cy="([0-9.]+)"[^>]*fill="([^"]+)"/)
    #expect(dots.count == 3)
    #expect(dots[0].2 == dots[1].2 && dots[1].2 != dots[2].2)
    #expect(dots[1].3 == "var(--back,#fff)" && dots[0].3 != dots[1].3 && dots[2].3 == dots[0].3)
    // The axis goes from -1 to 2.
    let places = try dots.map { try #require(Double($0.1)) }
    #expect(abs((places[0] - places[1]) / (places[0] - places[2]) - 0.25) < 0.01)
    #expect(svg.contains("<title>a: 1 (0.5 to 2)</title>") && svg.contains("b&lt;: -1</title>"))
    #expect(svg.components(separatedBy: "class=\"interval\"").count == 3)
  }

  @Test("Rows that a small figure has no room for are counted")
  func small() {
    let plot = IntervalPlot(
      title: "t", xLabel: "x", rows: (0..<40).map { .init(name: "row \($0)", value: Double($0)) })
    let sheet = plot.sheet(
      in: PlotFormat(width: 200, height: 120, fontSize: 8, heading: .none))
    let shown = sheet.texts.count { $0.kind == "row" }
    #expect(shown > 3 && shown < 40)
    #expect(sheet.texts.contains { $0.text.hasSuffix("\(40 - shown) more rows have no room") })
    #expect(sheet.height == 120)
  }
}
