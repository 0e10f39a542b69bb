// SPDX-License-Identifier: MIT

import Testing

@testable import Reporting

@Suite("Axes and their marks")
struct AxisTests {
  private static func labels(_ axis: Axis) -> [String] { axis.ticks.map(\.label) }

  @Test(
    "An axis begins and ends at a round number with a mark",
    arguments: [
      ([0, 0.499], ["0", "0.1", "0.2", "0.3", "0.4", "0.5"]),
      ([0, 189], ["0", "50", "100", "150", "200"]),
      ([0, 0.3], ["0", "0.1", "0.2", "0.3"]),
      ([0, 0.0033], ["0", "0.001", "0.002", "0.003", "0.004"]),
      ([-3, 7], ["-4", "-2", "0", "2", "4", "6", "8"]),
      ([0, 100], ["0", "20", "40", "60", "80", "100"]),
    ])
  func ends(values: [Double], labels: [String]) {
    let axis = Axis(values)
    #expect(Self.labels(axis) == labels)
    #expect(axis.place(axis.start) == 0 && axis.place(axis.end) == 1)
  }

  @Test("Counts have no marks between whole numbers", arguments: 1...40)
  func whole(most: Int) {
    let axis = Axis([0, Double(most)], Axis.Range(isWhole: true))
    #expect(axis.ticks.allSatisfy { $0.value == $0.value.rounded() && !$0.label.contains(".") })
    #expect(axis.ticks.count >= 2 && axis.end >= Double(most))
    if most == 3 { #expect(Self.labels(axis) == ["0", "1", "2", "3"]) }
  }

  @Test(
    "Logarithmic axes mark 1, 2 and 5, or 1 and 3, or powers of ten, their ends among them",
    arguments: [
      ([0.3, 4], ["0.2", "0.5", "1", "2", "5"]),
      ([0.0098, 4], ["0.003", "0.01", "0.03", "0.1", "0.3", "1", "3", "10"]),
      ([0.003, 40], ["0.001", "0.01", "0.1", "1", "10", "100"]),
      ([2e-8, 5e-4], ["1e-8", "1e-7", "1e-6", "1e-5", "1e-4", "1e-3"]),
      ([1e-10, 3], ["1e-10", "1e-8", "1e-6", "1e-4", "1e-2", "1e0", "1e2"]),
    ])
  func logarithms(values: [Double], labels: [String]) {
    let axis = Axis(values, scale: .logarithmic)
    #expect(Self.labels(axis) == labels)
    #expect(axis.place(0) == nil && axis.place(-1) == nil)
    #expect(axis.place(axis.start) == 0 && axis.place(axis.end) == 1)
  }

  @Test("Numbers of one axis are written in one way, whatever its size", arguments: -12...12)
  func notation(decade: Int) throws {
    let size = try #require(Double("1e\(decade)"))
    for scale in [Axis.Scale.linear, .logarithmic] {
      for span in [2.0, 30, 500, 1e5, 1e9] {
        let axis = Axis([size, size * span], scale: scale)
        let written = axis.ticks.filter { $0.value != 0 }.map { $0.label.contains("e") }
        #expect(Set(written).count == 1, "\(Self.labels(axis))")
      }
    }
  }

  @Test("Less than half a decade is divided evenly, with as many decimals in each label")
  func withinADecade() {
    #expect(Self.labels(Axis([3.1, 3.4], scale: .logarithmic)) == ["3.1", "3.2", "3.3", "3.4"])
    #expect(
      Self.labels(Axis([0.03, 0.048], scale: .logarithmic)) == [
        "0.030", "0.035", "0.040", "0.045", "0.050",
      ])
    let axis = Axis([1, 100], scale: .logarithmic)
    #expect(axis.minor.contains(2) && axis.minor.allSatisfy { $0 > 1 && $0 < 100 })
    #expect(Set(axis.minor).isDisjoint(with: axis.ticks.map(\.value)))
  }

  @Test(
    "Numbers alike in their first digits are counted from one of them where they would be too long",
    arguments: [
      ([5.0, 5 + 1e-12], "5", ["0", "5e-13", "1e-12"]),
      ([1234567.1, 1234567.4], "1234567", ["0.1", "0.2", "0.3", "0.4"]),
      (
        [-3.000, -2.9999], nil,
        ["-3.00000", "-2.99998", "-2.99996", "-2.99994", "-2.99992", "-2.99990"]
      ),
      (
        [-3.00002, -2.99998], nil, ["-3.00002", "-3.00001", "-3.00000", "-2.99999", "-2.99998"]
      ),
    ] as [([Double], String?, [String])])
  func origin(values: [Double], origin: String?, labels: [String]) {
    let axis = Axis(values, Axis.Range(isTight: true))
    #expect(
      axis.origin == origin && Self.labels(axis) == labels,
      "\(axis.origin ?? "-"): \(Self.labels(axis))")
    #expect(
      Axis([0, 0.001]).origin == nil && Axis([4.1, 4.9], Axis.Range(isTight: true)).origin == nil)
  }

  @Test("Equal numbers have an axis about them")
  func equal() {
    let axis = Axis([-3, -3], Axis.Range(isTight: true))
    #expect(axis.start < -3 && axis.end > -3 && axis.end - axis.start < 1)
    #expect(axis.ticks.allSatisfy { $0.label.count <= 5 })
  }

  @Test("A tight axis leaves 0 out, and shows the least that it was asked for about its values")
  func tight() {
    let tight = Axis([4.1, 4.9], Axis.Range(isTight: true))
    #expect(tight.start == 4 && tight.end == 5)
    let wide = Axis([-1.9331628, -1.9331629], Axis.Range(isTight: true, least: 0.1))
    #expect(wide.end - wide.start >= 0.1 && wide.ticks.allSatisfy { $0.label.count <= 5 })
    #expect(abs((wide.place(-1.9331628) ?? 0) - 0.5) < 0.3)
  }
}
