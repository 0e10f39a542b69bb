// SPDX-License-Identifier: MIT

import Files
import Forces
import Foundation
import RelaxNumerics
import StructureFiles
import TestSupport
import Testing

@testable import Scoring

@Suite("Evaluations in shards") struct EvaluationShardTests {
  @Test("any numbers are kept to the last bit", arguments: 0..<20)
  func exact(seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    func real() -> Double {
      while true {
        let value = Double(bitPattern: random.next())
        if !value.isNaN { return value }
      }
    }
    let scratch = try Scratch()
    let output = scratch.path("e.1-of-1.json")
    try scratch.write("{}", to: "e.1-of-1.json")
    let shard = try #require(Shard(1, of: 1))
    let judge = SplitJudge(FrameJudge(try ProviderCatalog.analytic.provider("emt")))
    let manifest = try EvaluationManifest(
      shard, of: output, score: EvaluationScore(judge, splits: []), splits: 1, settings: [])
    var split = SplitScore(name: "a\tb", path: "p\\q\n", files: 3)
    try manifest.begin(split)
    let count = 1 + random.below(20)
    for _ in 0..<count {
      var errors = FrameErrors()
      errors.forces = try #require(
        ForceErrors(
          numbers: [3, real(), real(), real(), 1, 2, 3, -0.0, real()][...]))
      errors.energies = try #require(
        EnergyErrors(numbers: [1, real(), .infinity, 1, 0][...]))
      errors.largestForceError = real()
      // More than a line of the manifest has.
      errors.targets = [(0..<random.below(9000)).map { _ in real() }, [-0.0, 5e-324, 0.1], []]
      if random.below(2) == 0 {
        errors.rotations = RotationInstability(numbers: [real(), 7][...])
      }
      split.add(.scored(errors), id: "", frame: 0)
      try manifest.add(.scored(errors), id: "", frame: 0)
    }
    split.add(.failed("x\ty\n"), id: "i\\d", frame: 4)
    try manifest.add(.failed("x\ty\n"), id: "i\\d", frame: 4)
    split.add(.withoutFreeAtoms, id: "", frame: 5)
    try manifest.add(.withoutFreeAtoms, id: "", frame: 5)
    split.framesOfAll = split.framesMet
    split.finish()
    try manifest.end(split)
    try manifest.finish()

    let set = try ShardSet(of: scratch.path("e.json"))
    let merged = try EvaluationScore(merging: try set.manifests(), of: set.output)
    let other = try #require(merged.splits.first)
    #expect(other.name == split.name && other.path == split.path && other.files == 3)
    #expect(other.failures == split.failures && other.framesMet == split.framesMet)
    #expect(other.forces.numbers.map(\.bitPattern) == split.forces.numbers.map(\.bitPattern))
    #expect(other.energies.numbers.map(\.bitPattern) == split.energies.numbers.map(\.bitPattern))
    #expect(
      other.rotations?.numbers.map(\.bitPattern) == split.rotations?.numbers.map(\.bitPattern))
    for axis in 0..<3 {
      #expect(
        other.baselines.median[axis].bitPattern == split.baselines.median[axis].bitPattern)
    }
    #expect(other.baselines.zeroError.bitPattern == split.baselines.zeroError.bitPattern)
  }
}
