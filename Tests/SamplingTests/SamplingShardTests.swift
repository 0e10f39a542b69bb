// SPDX-License-Identifier: MIT

import Files
import Forces
import Foundation
import StructureFiles
import TestSupport
import Testing

@testable import Sampling

@Suite("Samples in shards") struct SamplingShardTests {
  @Test("chunks are cut where they are without shards", arguments: [1, 4])
  func chunks(count: Int) throws {
    let scratch = try Scratch()
    let structures = 60
    try scratch.write(
      (0..<structures).map {
        "2\nsid=m\($0) pbc=\"F F F\" Properties=species:S:1:pos:R:3\nC 0 0 0\nO 0 0 1.\(100 + $0)\n"
      }.joined(), to: "in.xyz")
    var plan = SamplingPlan()
    plan.relaxation.maximumSteps = 1
    (plan.pathFrames, plan.rattledFrames, plan.dynamicsInterval) = (2, 100, 0)
    plan.deviations = 0.01...0.02
    plan.largestForce = 1e9
    var sampling = Sampling(
      FrameSampler(plan, provider: try ProviderCatalog.analytic.provider("emt-morse")))
    func run(_ folder: String, _ manifest: SamplingManifest? = nil) throws -> Sampling.Tally {
      try #require(
        try sampling.run(
          JoinedReader(paths: [scratch.path("in.xyz")]), to: .init(folder: folder),
          manifest: manifest))
    }
    let whole = try run(scratch.path("u"))
    #expect(whole.rattled == 6000)
    for number in 1...count {
      let shard = try #require(Shard(number, of: count))
      let output = Sampling.Output(folder: shard.path(of: scratch.path("m")))
      try Folder.make(output.folder)
      let manifest = try SamplingManifest(
        shard, of: output, settings: sampling.recordedSettings([], .init(), of: []))
      sampling.shard = shard
      let tally = try run(output.folder, manifest)
      #expect(tally.structures == shard.size(of: structures))
      #expect(tally.structuresOfAll == structures)
      try manifest.finish(tally)
    }
    let merged = try #require(
      try Sampling.merge(
        try ShardSet(of: scratch.path("m")).manifests(), to: .init(folder: scratch.path("m"))))
    #expect(merged.structures == structures && merged.rattled == 6000)
    let files = ["0", "1"].flatMap { ["rattled/\($0).extxyz.xz", "rattled/\($0).txt.xz"] }
    for file in files + ["relaxations/0.extxyz.xz", "is2rs.extxyz.xz"] {
      #expect(try scratch.data("m/" + file) == scratch.data("u/" + file), "\(file)")
    }
    // One that is stopped leaves nothing.
    let stopped = try Sampling.merge(
      try ShardSet(of: scratch.path("m")).manifests(), to: .init(folder: scratch.path("s")),
      shouldStop: { true })
    #expect(stopped == nil)
    let left = FileManager.default.enumerator(atPath: scratch.path("s"))?.allObjects ?? []
    #expect(left.isEmpty)
  }
}
