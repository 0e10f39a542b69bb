// SPDX-License-Identifier: MIT

import RelaxNumerics
import Structures
import Testing

@testable import Reporting
@testable import Scoring

@Suite("Two sets side by side, shown")
struct ComparisonReportTests {
  private static func structure(_ id: String, _ x: Double) throws -> Structure {
    Structure(
      elements: [try #require(Element(symbol: "Cu"))], positions: [Vector3(x, 0, 0)],
      cell: Cell(Vector3(8, 0, 0), Vector3(0, 8, 0), Vector3(0, 0, 16)),
      attributes: [Attribute(name: "sid", string: id)])
  }

  private static func score(_ distances: [Double]) throws -> RelaxationScore {
    var scorer = RelaxationScorer()
    for index in distances.indices { try scorer.add(reference: structure("s\(index)", 1)) }
    for (index, distance) in distances.enumerated() {
      try scorer.add(prediction: structure("s\(index)", 1 + distance))
    }
    return try scorer.finish()
  }

  private static func parting(
    _ id: String, _ a: [Int], _ b: [Int], partsAt step: Int? = nil
  ) throws -> TrajectoryParting {
    func frames(_ steps: [Int], _ shift: Double) throws -> [Int: Structure] {
      try Dictionary(
        uniqueKeysWithValues: steps.map { number in
          (number, try structure(id, step.map { number >= $0 } == true ? shift : 0))
        })
    }
    return try #require(
      TrajectoryParting(id: id, try frames(a, 0.5), try frames(b, 0), tolerance: 0.1))
  }

  private static func text(_ partings: [TrajectoryParting]? = nil) throws -> String {
    var comparison = try PairedComparison(
      score([0.05, 0.3, 0.3, 0.3]), score([0.05, 0.05, 0.3, 0.3]))
    comparison.confidence = 0.9
    comparison.resamples = 200
    return ComparisonReport(
      comparison, first: .init(name: "a", letter: "A"), second: .init(name: "b", letter: "B"),
      reference: "r",
      partings: partings, tolerance: 0.1
    ).text()
  }

  @Test("Differences of percentages are percentage points, and what has a unit shows it")
  func units() throws {
    let text = try Self.text()
    let row = try #require(text.split(separator: "\n").first { $0.contains("DwT (0.1 Å)") })
    let cells = row.matches(of: /\S+( (%|pp|to|Å\)|\(0\.1|[0-9.]+))*/).map { String($0.0) }
    #expect(cells.prefix(4) == ["DwT (0.1 Å)", "25.00 %", "50.00 %", "25.00 pp"], "\(cells)")
    #expect(cells[4].hasPrefix("0.00 to ") && cells[4].hasSuffix(" pp"), "\(cells)")
    #expect(text.contains("90 % interval"))
    #expect(text.contains("pp: percentage points"))
    #expect(text.contains("s1 (0.300 → 0.050 Å)"))
  }

  @Test("Whole trajectories are counted without reserve")
  func everyStep() throws {
    let text = try Self.text([
      Self.parting("x", Array(0...9), Array(0...7), partsAt: 4),
      Self.parting("y", Array(0...9), Array(0...5)),
    ])
    let row = try #require(text.split(separator: "\n").first { $0.hasPrefix("  x ") })
    #expect(row.split(separator: " ") == ["x", "4", "1", "0.500", "8"])
    #expect(text.contains("1 of 2 part by more than 0.1 Å.\n"))
    #expect(!text.contains("lack steps"))
  }

  @Test("Of trajectories with first and last frames only it is said what cannot be told")
  func ends() throws {
    let text = try Self.text([
      Self.parting("x", [0, 100], Array(0...120), partsAt: 4),
      Self.parting("y", [0, 100], Array(0...66), partsAt: 4),
      Self.parting("z", Array(0...9), Array(0...9)),
    ])
    let row = try #require(text.split(separator: "\n").first { $0.hasPrefix("  x ") })
    #expect(row.split(separator: " ") == ["x", "1", "to", "100", "1", "0.500", "2"])
    #expect(text.contains("1 of 3 part by more than 0.1 Å.\n"))
    #expect(text.contains("2 of 3 lack steps in one file or both"))
    #expect(text.contains("1 of these have one step in common"))
    #expect(text.contains("1 of these have two steps in common"))
    let together = try Self.text([Self.parting("x", [0, 9], [0, 9])])
    #expect(together.contains(/\n  none +– +– +– +–\n/))
  }
}
