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

  /// Three runs, of which the first is best.
  private static func study() throws -> ComparisonStudy {
    let scores = [
      try score([Double](repeating: 0.05, count: 8)),
      try score((0..<8).map { 0.15 + 0.01 * Double($0) }),
      try score((0..<8).map { 0.06 + ($0 == 3 ? 0.5 : 0) }),
    ]
    let names = ["base", "tuned_1", "other"]
    let pairs = try (1...2).map { place in
      try ComparisonReport(
        PairedComparison(scores[0], scores[place]),
        first: .init(name: names[0], letter: "A", seconds: 1),
        second: .init(
          name: names[place], letter: ComparisonStudy.letter(place), seconds: 2.0 + Double(place)),
        reference: "r",
        partings: [parting("x", [0, 1, 2], [0, 1, 2], partsAt: place == 1 ? 1 : nil)],
        tolerance: 0.1)
    }
    return ComparisonStudy(
      methods: zip(names, scores).map { .init(name: $0, score: $1) },
      evaluations: [nil, nil, nil], pairs: pairs, head: PageHead(sources: [], version: "0"))
  }

  @Test(
    "A table of several comparisons has headings that hold for all its rows, and says who is who")
  func stacked() throws {
    let study = try Self.study()
    let files = Dictionary(
      uniqueKeysWithValues: study.tableSet.files(.latex).map { ($0.name, $0.text) })
    for name in ["metrics", "flipped", "cost", "flips"] {
      let text = try #require(files[name])
      #expect(text.contains("first: base; other: the run that the row names."), "\(name)")
      #expect(!text.contains(" B ") && !text.contains("B better"), "\(name): \(text)")
      #expect(text.contains("first") && text.contains("other"), "\(name)")
    }
    #expect(try #require(files["metrics"]).contains("tuned\\_1 & ADwT"))
    #expect(try #require(files["metrics"]).contains("first better"))
    // Notes of one comparison say of which.
    let parted = try #require(files["parted"])
    #expect(parted.contains("tuned\\_1: 1 of 1 part by more than 0.1"))
    #expect(parted.contains("other: 0 of 1 part by more than 0.1"))
    let csv = Dictionary(
      uniqueKeysWithValues: study.tableSet.files(.csv).map { ($0.name, $0.text) })
    let metrics = try #require(csv["metrics"]).split(separator: "\n")
    #expect(
      metrics[0] == "run,name,a,b,difference,low,high,structures,decided,a_name,b_name")
    #expect(metrics[1].hasPrefix("tuned_1,ADwT,") && metrics[1].hasSuffix(",base,tuned_1"))
    // Each comparison of its own has the letters that the table of runs has.
    let text = study.text()
    #expect(text.contains("base (A) and other (C) against r") && text.contains("C − A"))
  }

  @Test("Notes name draws, seed and how many intervals there are; each heading is there")
  func draws() throws {
    let study = try Self.study()
    let count = study.pairs.reduce(0) { $0 + $1.rows.count }
    let text = study.text()
    #expect(text.contains("paired, 2000 draws with seed 0."))
    #expect(text.contains("\(count) intervals in all: where nothing differs, about 5 % of them"))
    #expect(text.contains(/structures   decided\n/) && text.contains("A better"))
    #expect(study.json["comparisons"] != nil)
    #expect(study.pairs[0].json["seed"] == .integer(0))
  }

  @Test("Of a difference that all structures have alike there is no interval")
  func alike() throws {
    let comparison = try PairedComparison(
      Self.score([0.05, 0.05, 0.05]), Self.score([0.05, 0.05, 0.05]))
    let text = ComparisonReport(
      comparison, first: .init(name: "a", letter: "A"), second: .init(name: "b", letter: "B"),
      reference: "r", tolerance: 0.1
    ).text()
    #expect(!text.contains("0.00 to 0.00") && text.contains("all alike"))
    #expect(text.contains("all alike: every structure differs by the same"))
    let two = try PairedComparison(Self.score([0.05, 0.06]), Self.score([0.15, 0.26]))
    let few = ComparisonReport(
      two, first: .init(name: "a", letter: "A"), second: .init(name: "b", letter: "B"),
      reference: "r", tolerance: 0.1
    ).text()
    #expect(few.contains("too few") && !few.contains("A better"))
  }
}
