// SPDX-License-Identifier: MIT

import RelaxNumerics
import StructureFiles
import Structures
import TestSupport
import Testing

@testable import Scoring

@Suite("Two sets side by side")
struct PairedComparisonTests {
  private static let references = (0..<40).map { Samples.reference("s\($0)") }

  private static func score(_ distance: (Int) -> Double?) throws -> RelaxationScore {
    var scorer = RelaxationScorer()
    for (index, reference) in references.enumerated() {
      try scorer.add(reference: reference, split: index < 10 ? "few" : "many")
    }
    for (index, reference) in references.enumerated() {
      guard let distance = distance(index) else { continue }
      try scorer.add(prediction: Samples.moved(reference, by: distance))
    }
    return try scorer.finish()
  }

  @Test("Means and differences are by hand, and a clear difference is decided")
  func byHand() throws {
    let a = try Self.score { _ in 0.3 }
    let b = try Self.score { $0 < 10 ? 0.05 : 0.25 }
    var comparison = try PairedComparison(a, b)
    comparison.resamples = 400
    let rows = comparison.rows()
    let distance = try #require(rows.first { $0.name == "mean distance (Å)" })
    #expect(abs(distance.first - 0.3) < 1e-12 && abs(distance.second - 0.15) < 1e-12)
    // Both splits are without spread, so there is no doubt at all.
    #expect(abs(distance.low + 0.15) < 1e-12 && abs(distance.high + 0.15) < 1e-12)
    #expect(distance.isDecided && !distance.moreIsBetter && distance.structures == 40)
    let dwt = try #require(rows.first { $0.name == "DwT (0.1 Å)" })
    #expect(dwt.first == 0 && dwt.second == 0.5 && dwt.isShare)
    #expect(abs((rows.first { $0.name == "ADwT" }?.second ?? 0) - (b.average?.adwt ?? 1)) < 1e-12)
    let flips = comparison.flips()
    #expect(flips[0].gains == 10 && flips[0].losses == 0)
    #expect(flips[0].structures.map(\.id) == (0..<10).map { "s\($0)" })
  }

  @Test("Equal sets differ by nothing; missing structures fail in shares and leave means alone")
  func equal() throws {
    let a = try Self.score { 0.01 * Double($0) }
    let same = try PairedComparison(a, a).rows()
    #expect(same.allSatisfy { $0.difference == 0 && $0.low == 0 && $0.high == 0 && !$0.isDecided })
    let b = try Self.score { $0 == 3 ? nil : 0.01 * Double($0) }
    let rows = try PairedComparison(a, b).rows()
    #expect(rows.first { $0.name == "mean distance (Å)" }?.structures == 39)
    #expect(rows.first { $0.name == "ADwT" }?.structures == 40)
    #expect((rows.first { $0.name == "ADwT" }?.difference ?? 0) < 0)
  }

  @Test("Intervals cover the truth about as often as they say, and are the same every time")
  func coverage() throws {
    var generator = SeededGenerator(seed: 9)
    var covered = 0
    for _ in 0..<60 {
      let noise = (0..<40).map { _ in generator.uniform(0, 0.2) }
      let a = try Self.score { 0.2 + noise[$0] }
      let shift = (0..<40).map { _ in generator.uniform(-0.1, 0.1) }
      let b = try Self.score { 0.2 + noise[$0] + shift[$0] }
      var comparison = try PairedComparison(a, b)
      comparison.resamples = 300
      let row = try #require(comparison.rows().first { $0.name == "mean distance (Å)" })
      #expect(row == comparison.rows().first { $0.name == "mean distance (Å)" })
      if row.low <= 0 && row.high >= 0 { covered += 1 }
    }
    // 95 % of 60 are 57; three standard deviations below are 52.
    #expect((50...60).contains(covered), "\(covered)")
  }

  @Test("Scores of other references are refused")
  func different() throws {
    let a = try Samples.score(Self.references, against: Self.references)
    let b = try Samples.score(Self.references, against: Array(Self.references.dropLast()))
    #expect(throws: ScoringError.differentReferences) { try PairedComparison(a, b) }
  }

  @Test("Trajectories part at the first step at which an atom is too far from its other self")
  func parting() throws {
    let cell = Samples.skewed
    func frames(_ shifts: [Double]) -> [Int: Structure] {
      Dictionary(
        uniqueKeysWithValues: shifts.enumerated().map { step, shift in
          var structure = Samples.reference("a")
          structure.positions[3].y += shift
          structure.positions[1] += cell.a
          return (step, structure)
        })
    }
    let still = frames([0, 0, 0, 0])
    let moving = frames([0, 0.05, 0.2, 0.4, 0.8])
    let parting = try #require(TrajectoryParting(id: "a", still, moving, tolerance: 0.1))
    #expect(parting.step == 2 && parting.atom == 4 && abs(parting.distance - 0.2) < 1e-12)
    #expect(parting.lastCommonStep == 3)
    let together = try #require(TrajectoryParting(id: "a", still, moving, tolerance: 0.5))
    #expect(together.step == nil && abs(together.distance - 0.4) < 1e-12)
    #expect(TrajectoryParting(id: "a", still, [9: Samples.reference("a")], tolerance: 1) == nil)
    #expect(
      TrajectoryParting(id: "a", still, frames([.nan]), tolerance: 1)?.step == 0)
  }

  @Test("Trajectories that leave out steps say so, and between which steps they part")
  func gaps() throws {
    func frames(_ shifts: [Int: Double]) -> [Int: Structure] {
      shifts.mapValues { shift in
        var structure = Samples.reference("a")
        structure.positions[3].y += shift
        return structure
      }
    }
    func parting(_ a: [Int: Double], _ b: [Int: Double]) throws -> TrajectoryParting {
      try #require(TrajectoryParting(id: "a", frames(a), frames(b), tolerance: 0.1))
    }
    let whole = Dictionary(uniqueKeysWithValues: (0...5).map { ($0, $0 < 2 ? 0 : 0.3) })
    let still = Dictionary(uniqueKeysWithValues: (0...5).map { ($0, 0.0) })
    let every = try parting(whole, still)
    #expect(every.step == 2 && every.lastTogether == 1 && every.isEveryStep)
    #expect(every.commonSteps == 6)
    // With first and last frames only it is known that they part, but not when.
    let ends = try parting([0: 0, 5: 0.3], still)
    #expect(ends.step == 5 && ends.lastTogether == 0 && !ends.isEveryStep)
    #expect(ends.commonSteps == 2 && ends.lastCommonStep == 5)
    // They end at different steps: nothing but the start is common.
    let start = try parting([0: 0, 3: 0.3], [0: 0, 5: 0.9])
    #expect(start.step == nil && start.commonSteps == 1 && !start.isEveryStep)
    // A shorter one is compared whole.
    let shorter = try parting([0: 0, 1: 0], still)
    #expect(shorter.step == nil && shorter.commonSteps == 2 && shorter.isEveryStep)
  }

  @Test("Files of trajectories are compared in any order of their structures")
  func files() throws {
    let scratch = try Scratch()
    func write(_ name: String, _ ids: [String], _ shift: Double) throws -> String {
      let path = scratch.path(name)
      let writer = try StructureWriter(path: path, overwrite: false)
      for id in ids {
        for step in 0..<3 {
          var structure = Samples.with(Samples.reference(id), "fid", "\(step)")
          structure.positions[2].x += shift * Double(step)
          try writer.write(structure)
        }
      }
      try writer.finish()
      return path
    }
    let first = try write("a.extxyz", ["x", "y", "only"], 0)
    let second = try write("b.extxyz", ["y", "x", "other"], 0.07)
    let partings = try TrajectoryParting.all(first, second, tolerance: 0.1)
    #expect(Set(partings.map(\.id)) == ["x", "y"])
    #expect(partings.allSatisfy { $0.step == 2 && $0.atom == 3 })
  }

  @Test(
    "What is too near to 0 for the draws is not decided, whatever the seed, nor is what few say")
  func caution() throws {
    typealias Row = PairedComparison.Row
    func row(_ low: Double, _ slack: Double) -> Row {
      Row(
        name: "x", isShare: false, moreIsBetter: true, structures: 9, first: 0, second: 1, low: low,
        high: 2, slack: .init(low: slack, high: 0))
    }
    #expect(row(0.1, 0.05).isDecided && !row(0.1, 0.05).isTooCloseToCall)
    #expect(!row(0.1, 0.2).isDecided && row(0.1, 0.2).isTooCloseToCall)
    #expect(!row(-0.1, 0).isDecided && !row(-0.1, 0).isTooCloseToCall)
    // Whatever is decided with one seed leaves out 0 with others.
    var generator = SeededGenerator(seed: 3)
    var (decided, close) = (0, 0)
    for _ in 0..<40 {
      let noise = (0..<40).map { _ in generator.uniform(-0.06, 0.1) }
      let pair = (try Self.score { _ in 0.3 }, try Self.score { 0.3 + noise[$0] })
      var rows: [Row] = []
      for seed in 0..<4 {
        var comparison = try PairedComparison(pair.0, pair.1)
        (comparison.resamples, comparison.seed) = (200, UInt64(seed))
        rows.append(try #require(comparison.rows().first { $0.name == "mean distance (Å)" }))
      }
      if rows[0].isDecided {
        decided += 1
        #expect(rows.allSatisfy { $0.low > 0 || $0.high < 0 })
      } else if rows[0].isTooCloseToCall {
        close += 1
      }
    }
    #expect(decided > 5 && close > 0, "\(decided) decided, \(close) too close")
  }

  @Test("Five that agree are too few, six are not; what all have alike has no interval")
  func few() throws {
    func row(_ count: Int, _ shift: @escaping (Int) -> Double) throws -> PairedComparison.Row {
      let references = (0..<count).map { Samples.reference("s\($0)") }
      let a = try Samples.score(
        references.map { Samples.moved($0, by: 0.3) }, against: references)
      let b = try Samples.score(
        references.enumerated().map { Samples.moved($1, by: 0.3 + shift($0)) }, against: references)
      return try #require(
        PairedComparison(a, b).rows().first { $0.name == "mean distance (Å)" })
    }
    let five = try row(5) { 0.1 + 0.01 * Double($0) }
    #expect(five.low > 0 && five.isOfFew && five.isTooCloseToCall && !five.isWithoutSpread)
    let six = try row(6) { 0.1 + 0.01 * Double($0) }
    #expect(six.isDecided && !six.isOfFew)
    let one = try row(1) { _ in 0.1 }
    #expect(one.isWithoutSpread && !one.isDecided)
    let none = try row(9) { _ in 0 }
    #expect(none.isWithoutSpread && !none.isTooCloseToCall)
  }

  @Test("A split by itself is what comparing its structures alone gives")
  func splitRows() throws {
    let a = try Self.score { 0.01 * Double($0) }
    let b = try Self.score { 0.3 - 0.005 * Double($0 % 7) }
    let splits = try PairedComparison(a, b).splitRows()
    #expect(
      splits.map(\.name) == ["few", "many"] && splits.map { $0.rows[0].structures } == [10, 30])
    for split in splits {
      func part(_ score: RelaxationScore) -> RelaxationScore {
        RelaxationScore(
          settings: score.settings, structures: score.structures.filter { $0.split == split.name })
      }
      #expect(try PairedComparison(part(a), part(b)).rows() == split.rows)
    }
    let whole = try Samples.score(Self.references, against: Self.references)
    #expect(try PairedComparison(whole, whole).splitRows().isEmpty)
  }

  @Test("Anomalies are counted in pairs, and scores of structures without any stand beside")
  func anomalies() throws {
    func score(_ distance: Double, _ anomalies: (Int) -> Set<Anomaly>?) throws -> RelaxationScore {
      let score = try Self.score { distance * Double($0 % 2 + 1) }
      return RelaxationScore(
        settings: score.settings,
        structures: score.structures.enumerated().map { place, entry in
          var entry = entry
          (entry.anomalies, entry.split) = (anomalies(place), nil)
          return entry
        })
    }
    // Odd ones are anomalous in the first set, those from 30 on in the second; of the last it is not known.
    let a = try score(0.1) { $0 == 39 ? nil : $0 % 2 == 1 ? [.desorbed] : [] }
    let b = try score(0.2) { $0 < 30 ? [] : [.desorbed, .migrated] }
    let comparison = try PairedComparison(a, b)
    let counts = try #require(comparison.anomalies())
    let desorbed = try #require(counts.first { $0.anomaly == .desorbed })
    #expect(desorbed.both == 4 && desorbed.first == 15 && desorbed.second == 5)
    let none = try #require(counts.last)
    #expect(none.anomaly == nil && none.both == 15 && none.first == 5 && none.second == 15)
    let rows = comparison.rows()
    let share = try #require(rows.first { $0.name == "no anomaly" })
    #expect(share.structures == 39 && share.first == 20.0 / 39 && share.second == 30.0 / 39)
    let distance = try #require(rows.first { $0.name == "mean distance, no anomaly (Å)" })
    #expect(distance.structures == 15 && abs(distance.first - 0.1) < 1e-12)
    #expect(abs(distance.second - 0.2) < 1e-12)
    #expect(rows.contains { $0.name == "ADwT, no anomaly" && $0.structures == 15 })
    let without = try PairedComparison(score(0.1) { _ in nil }, b)
    #expect(without.anomalies() == nil && !without.rows().contains { $0.name.contains("anomaly") })
  }
}
