// SPDX-License-Identifier: MIT

import Foundation
import RelaxNumerics
import Testing

@testable import Reporting

@Suite("Plots of any numbers")
struct PlotRangeTests {
  /// A finite number of any sign and magnitude, now and then an awkward one.
  private static func anything(_ random: inout SeededGenerator) -> Double {
    let awkward = [
      0, -0.0, .greatestFiniteMagnitude, -.greatestFiniteMagnitude, .leastNonzeroMagnitude,
      .leastNormalMagnitude, -.leastNormalMagnitude, 1, 100, 1e22, 1e-22,
    ]
    if random.below(4) == 0 { return awkward[random.below(awkward.count)] }
    while true {
      let value = Double(bitPattern: random.next())
      if value.isFinite { return value }
    }
  }

  @Test(
    "Every set of finite numbers has an axis with few marks, all on it and each with its own label",
    arguments: [Axis.Scale.linear, .logarithmic])
  func anySet(scale: Axis.Scale) {
    var random = SeededGenerator(seed: scale == .linear ? 7 : 8)
    for round in 0..<3000 {
      var values = (0..<random.below(5)).map { _ in Self.anything(&random) }
      // Half of the sets lie close together.
      if round % 2 == 0, let first = values.first {
        values = values.map { _ in first * (1 + random.uniform(0, 1e-6)) }.filter(\.isFinite)
      }
      let range = Axis.Range(
        isTight: random.below(2) == 0, isWhole: random.below(3) == 0,
        least: random.below(3) == 0 ? abs(Self.anything(&random)) : 0)
      let axis = Axis(values, scale: scale, range)
      #expect(axis.start.isFinite && axis.end.isFinite && axis.start < axis.end, "\(values)")
      let ticks = axis.ticks
      #expect((1...Axis.most).contains(ticks.count), "\(values): \(ticks)")
      #expect(Set(ticks.map(\.label)).count == ticks.count, "\(values): \(ticks)")
      for tick in ticks {
        #expect(tick.label.count <= 16, "\(values): \(ticks)")
        #expect((-1e-6...1 + 1e-6).contains(axis.place(tick.value) ?? -1), "\(values): \(tick)")
        let written = (Double(axis.origin ?? "0") ?? .nan) + (Double(tick.label) ?? .nan)
        #expect(
          axis.origin == nil
            ? written == tick.value : abs(written - tick.value) <= 2 * tick.value.ulp.magnitude,
          "\(tick) from \(axis.origin ?? "0")")
      }
      for value in values where scale == .linear || value > 0 {
        #expect((-1e-6...1 + 1e-6).contains(axis.place(value) ?? -1), "\(value) of \(values)")
      }
    }
  }

  @Test("What is not finite has no place and moves no axis")
  func notFinite() {
    let axis = Axis([.nan, 2, .infinity, 1, -.infinity])
    #expect(axis.start == 0 && axis.end == 2 && axis.place(.nan) == nil)
    #expect(Axis([.nan, .infinity]) == Axis([]))
    #expect(Axis([-1, 0], scale: .logarithmic) == Axis([], scale: .logarithmic))
  }

  @Test(
    "Labels are as short as their numbers and their notation allow",
    arguments: [
      (0, 5, "0", "0"), (25, -2, "0.25", "2.5e-1"), (-25, -2, "-0.25", "-2.5e-1"),
      (15, 2, "1500", "1.5e3"), (10, -1, "1", "1e0"), (3, -5, "0.00003", "3e-5"),
      (1234567, 0, "1234567", "1.234567e6"), (5, -1, "0.5", "5e-1"),
    ])
  func labels(digits: Int, exponent: Int, plain: String, scientific: String) {
    let number = RoundNumber(digits: digits, exponent: exponent)
    #expect(number.text(.plain) == plain && number.text(.scientific) == scientific)
    #expect(Double(plain) == number.value && Double(scientific) == number.value)
  }

  @Test(
    "A plot of any points is well-formed and small, and says what it leaves out",
    arguments: [Plot.Mark.line, .staircase, .dots, .linked, .bars, .dashed, .dotted])
  func plots(mark: Plot.Mark) {
    var random = SeededGenerator(seed: 3)
    for round in 0..<200 {
      var points = (0..<random.below(40)).map { _ in
        (x: Self.anything(&random), y: Self.anything(&random))
      }
      if round % 3 == 0 { points += [(.nan, 1), (1, .infinity)] }
      var plot = Plot(
        title: "t", xLabel: "x", yLabel: "y", series: [Plot.Series(points: points, mark: mark)])
      if round % 5 == 0 { plot.xScale = .logarithmic }
      if round % 7 == 0 { plot.yScale = .logarithmic }
      plot.xMargin = round % 2 == 0 ? 1 : 2
      plot.isDiagonal = round % 11 == 0
      let svg = plot.file()
      #expect(svg.utf8.count < 20_000)
      #expect(!svg.contains("nan") && !svg.contains("inf") && !svg.contains("–"))
      #expect(HTMLCheck.tagsBalance(in: String(svg.drop { $0 != "\n" })))
      #expect(svg.contains("points not finite") == (round % 3 == 0))
    }
  }

  @Test("A hundred thousand points make no larger page than the pixels need")
  func many() {
    var random = SeededGenerator(seed: 4)
    let points = (0..<100_000).map { (x: Double($0), y: random.uniform(-1, 1)) }
    let line = Plot(title: "t", xLabel: "x", yLabel: "y", points: points).svg()
    #expect(line.utf8.count < 60_000)
    // The ends and the extremes are still there.
    let labels = points.map { "\($0.x)" }
    let dots = Plot(
      title: "t", xLabel: "x", yLabel: "y",
      series: [Plot.Series(points: points, mark: .dots, labels: labels)]
    ).svg()
    #expect(dots.utf8.count < 1_500_000)
    let covered = dots.matches(of: /and (\d+) more/).reduce(0) { $0 + (Int($1.1) ?? 0) }
    #expect(covered + dots.components(separatedBy: "<circle").count - 1 == 100_000)
  }
}
