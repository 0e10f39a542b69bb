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
}
