// SPDX-License-Identifier: MIT

import Forces
import Foundation
import RelaxNumerics
import Relaxation
import StructureFiles
import Structures
import TestSupport
import Testing

@testable import Sampling

@Suite("Frames to train on") struct SamplingTests {
  private static let teacher = "emt-morse"

  /// CO over three layers of copper of which the lowest is fixed, shifted by `shift` Å.
  private static func slab(_ name: String, shift: Double = 0) throws -> Structure {
    let (cu, c, o) = (
      try #require(Element(symbol: "Cu")), try #require(Element(symbol: "C")),
      try #require(Element(symbol: "O"))
    )
    var positions: [Vector3] = []
    let edge = 2.55
    for layer in 0..<3 {
      for row in 0..<2 {
        for column in 0..<2 {
          let offset = 0.5 * Double(layer % 2)
          positions.append(
            Vector3(
              edge * (Double(column) + offset), edge * (Double(row) + offset),
              1.8 * Double(layer)))
        }
      }
    }
    let top = Vector3(0.1 + shift, 0.2, 5.5)
    return Structure(
      elements: Array(repeating: cu, count: 12) + [c, o],
      positions: positions + [top, top + Vector3(0.1, 0, 1.2)],
      cell: Cell(
        Vector3(2 * edge, 0, 0), Vector3(0, 2 * edge, 0), Vector3(0, 0, 20),
        periodicity: Periodicity(true, true, true)),
      moveMask: MoveMask(free: (0..<14).map { $0 >= 4 }),
      attributes: [
        Attribute(name: "sid", text: name), Attribute(name: "reference_energy", text: "1.5"),
      ])
  }

  private static func sampler(_ change: (inout SamplingPlan) -> Void = { _ in }) throws
    -> FrameSampler
  {
    var plan = SamplingPlan()
    plan.relaxation.maximumSteps = 30
    change(&plan)
    return FrameSampler(plan, provider: try ProviderCatalog.analytic.provider(teacher))
  }

  private static func write(_ structures: [Structure], to path: String) throws {
    let writer = try StructureWriter(path: path, overwrite: false)
    for structure in structures { try writer.write(structure) }
    try writer.finish()
  }

  /// The bytes of all files below a folder.
  private static func bytes(_ folder: String) throws -> [String: Data] {
    var bytes: [String: Data] = [:]
    for name in try FileManager.default.subpathsOfDirectory(atPath: folder) {
      let path = folder + "/" + name
      var isFolder: ObjCBool = false
      let exists = FileManager.default.fileExists(atPath: path, isDirectory: &isFolder)
      if exists && !isFolder.boolValue {
        bytes[name] = try Data(contentsOf: URL(fileURLWithPath: path))
      }
    }
    return bytes
  }

  @Test("Labels are the teacher's at the positions written, which have five decimals")
  func labels() throws {
    let samples = try Self.sampler().samples(of: try Self.slab("a"), place: 0)
    #expect(samples.path.count == 12 && samples.rattled.count == 3 && samples.dynamics.count == 10)
    let provider = try ProviderCatalog.analytic.provider(Self.teacher)
    for sample in samples.path + samples.rattled + samples.dynamics {
      let structure = sample.structure
      let found = try provider.evaluate(structure, wanting: [.energy, .forces])
      #expect(abs(try #require(structure.energy) - #require(found.energy)) < 1e-10)
      let labels = try #require(structure.forces)
      for (a, b) in zip(labels, found.forces) { #expect((a - b).length < 1e-5) }
      for position in structure.positions {
        for axis in 0..<3 {
          #expect(abs(position[axis] * 1e5 - (position[axis] * 1e5).rounded()) < 1e-4)
        }
      }
    }
  }

  @Test("The path's frames are those of the relaxation, first and last among them")
  func path() throws {
    let sampler = try Self.sampler { $0.pathFrames = 5 }
    let slab = try Self.slab("a")
    var positions: [[Vector3]] = []
    let result = try Relaxation(sampler.plan.relaxation).run(
      slab, provider: sampler.provider, observe: { positions.append($0.positions) })
    let samples = try sampler.samples(of: slab, place: 7)
    #expect(samples.path.map(\.number).first == 0)
    #expect(samples.path.map(\.number).last == result.steps)
    #expect(samples.path.count == 5)
    for (a, b) in zip(samples.path, samples.path.dropFirst()) { #expect(a.number < b.number) }
    for sample in samples.path {
      for (a, b) in zip(sample.structure.positions, positions[sample.number]) {
        #expect((a - b).length < 1e-5)
      }
    }
    #expect(samples.dynamics.isEmpty, "7 is no fourth structure")
  }

  @Test("The ends are always chosen, and one frame near each place that divides the path")
  func choice() throws {
    let sampler = try Self.sampler()
    var generator = SeededGenerator(seed: 5)
    var counts = [Int](repeating: 0, count: 20)
    for _ in 0..<3000 {
      let chosen = sampler.choose(8, of: 20, &generator)
      #expect(chosen.count == 8 && Set(chosen).count == 8 && chosen == chosen.sorted())
      for number in chosen { counts[number] += 1 }
    }
    #expect(counts[0] == 3000 && counts[19] == 3000)
    // Places 2.7 · (1 … 6) and what is within 1.36 of them.
    for stretch in [2...4, 5...6, 7...9, 10...12, 13...14, 15...17] {
      let (expected, deviation) = (3000 / stretch.count, 5 * 27)
      #expect(stretch.allSatisfy { abs(counts[$0] - expected) < deviation }, "\(stretch)")
    }
    #expect(counts[1] == 0 && counts[18] == 0)
    #expect(sampler.choose(8, of: 8, &generator) == Array(0..<8))
    #expect(sampler.choose(2, of: 9, &generator) == [0, 8])
    #expect(sampler.choose(5, of: 1, &generator) == [0])
  }

  @Test("Rattled atoms are displaced by the deviation asked for; fixed ones are not")
  func rattling() throws {
    let sampler = try Self.sampler {
      $0.rattledFrames = 400
      $0.deviations = 0.05...0.05
      $0.pathFrames = 2
      $0.relaxation.maximumSteps = 0
      $0.dynamicsInterval = 0
      $0.largestForce = 1e6
    }
    let slab = try Self.slab("a")
    let frames = try sampler.samples(of: slab, place: 0).rattled.map(\.structure)
    #expect(frames.count == 400)
    var (sum, squares, count) = (Vector3.zero, 0.0, 0.0)
    for frame in frames {
      for atom in 0..<14 {
        let displacement = frame.positions[atom] - slab.positions[atom]
        if atom < 4 {
          #expect(displacement.length < 1e-5)
        } else {
          sum += displacement
          squares += displacement.lengthSquared
          count += 1
        }
      }
    }
    #expect(abs((squares / (3 * count)).squareRoot() - 0.05) < 0.05 * 0.02)
    #expect((sum / count).length < 0.05 * 0.06)
  }

  @Test("Frames with absurd forces are left out, of rattled and dynamic ones only")
  func forceLimit() throws {
    let sampler = try Self.sampler { $0.largestForce = 1e-9 }
    let samples = try sampler.samples(of: try Self.slab("a"), place: 0)
    #expect(samples.rattled.isEmpty && samples.dynamics.isEmpty && samples.path.count == 12)
  }

  @Test("Equal bytes with 1 and 3 threads; each structure's frames follow from its place alone")
  func reproducible() throws {
    let scratch = try Scratch()
    let slabs = try (0..<40).map { try Self.slab("s\($0)", shift: 0.05 * Double($0)) }
    try Self.write(slabs, to: scratch.path("in.xyz"))
    var results: [[String: Data]] = []
    for threads in [1, 3] {
      var sampling = Sampling(try Self.sampler())
      sampling.threads = threads
      let tally = try #require(
        try sampling.run(
          JoinedReader(paths: [scratch.path("in.xyz")]),
          to: .init(folder: scratch.path("\(threads)"))))
      #expect(tally.structures == 40 && tally.refused.isEmpty)
      #expect(tally.path > 200 && tally.rattled > 60 && tally.dynamics == 100)
      results.append(try Self.bytes(scratch.path("\(threads)")))
    }
    #expect(results[0].count == 7 && results[0] == results[1])
    var other = Sampling(try Self.sampler { $0.seed = 1 })
    other.threads = 2
    _ = try other.run(
      JoinedReader(paths: [scratch.path("in.xyz")]), to: .init(folder: scratch.path("other")))
    let differing = try Self.bytes(scratch.path("other"))
    #expect(differing["is2rs.extxyz.xz"] == results[0]["is2rs.extxyz.xz"])
    #expect(differing["rattled/0.extxyz.xz"] != results[0]["rattled/0.extxyz.xz"])
  }

  @Test("Sets read back with their labels; unknown elements are named and left out")
  func sets() throws {
    let scratch = try Scratch()
    var strange = try Self.slab("strange")
    strange.elements[13] = try #require(Element(symbol: "Xe"))
    try Self.write(
      [try Self.slab("a"), strange, try Self.slab("b")], to: scratch.path("in.xyz"))
    let folder = scratch.path("out")
    let tally = try #require(
      try Sampling(try Self.sampler { $0.dynamicsInterval = 0 }).run(
        JoinedReader(paths: [scratch.path("in.xyz")]), to: .init(folder: folder)))
    #expect(tally.structures == 3 && tally.refused.first.map(\.id) == ["strange"])
    #expect(tally.refused.first[0].reason.contains("Xe"))
    #expect(!FileManager.default.fileExists(atPath: folder + "/md"))
    let reader = CollectionReader(try FrameCollection(path: folder + "/relaxations"))
    var systems: [String] = []
    while let frame = try reader.next() {
      let label = try #require(frame.label)
      #expect(label.referenceEnergy == 1.5)
      systems.append(label.system)
      #expect(try frame.frame.structure().attributes.map(\.name) == ["sid", "fid"])
    }
    #expect(systems.count == tally.path && Set(systems) == ["a", "b"])
    let ends = try StructureReader(path: folder + "/is2rs.extxyz.xz")
    var roles: [String] = []
    while let frame = try ends.next() {
      let structure = try frame.content.get()
      roles.append("\(frame.identifier) \(structure.attribute("role")?.text ?? "")")
    }
    #expect(roles == ["a initial", "a relaxed", "b initial", "b relaxed"])
  }

  @Test("Chunks hold so many frames each")
  func chunks() throws {
    let scratch = try Scratch()
    let writer = FrameSetWriter(folder: scratch.path("set"), chunkSize: 4)
    let slab = try Self.slab("a")
    for number in 0..<9 {
      try writer.write(slab, FrameLabel(system: "a", frame: number, referenceEnergy: 0))
    }
    try writer.finish()
    #expect(
      try Self.bytes(scratch.path("set")).keys.sorted() == [
        "0.extxyz.xz", "0.txt.xz", "1.extxyz.xz", "1.txt.xz", "2.extxyz.xz", "2.txt.xz",
      ])
    let reader = CollectionReader(try FrameCollection(path: scratch.path("set")))
    var numbers: [Int] = []
    while let frame = try reader.next() { numbers.append(try #require(frame.label).frame) }
    #expect(numbers == Array(0..<9))
  }
}
