// SPDX-License-Identifier: MIT

import Files
import Forces
import Foundation
import RelaxNumerics
import TestSupport
import Testing

@testable import Relaxation

/// Slabs in a file, relaxed by a cheap provider with lists of neighbours.
struct SlabRun {
  let scratch: Scratch

  init() throws { scratch = try Scratch() }

  static let slabs = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    .appendingPathComponent("examples/slabs.extxyz").path

  func paths(_ name: String) -> RunPaths {
    RunPaths(
      relaxed: scratch.path("\(name).extxyz"), trajectory: scratch.path("\(name).path.extxyz"))
  }

  func engine(_ provider: String = "emt-morse", threads: Int = 1, steps: Int = 60) throws -> Engine
  {
    var engine = Engine(
      inputs: [SlabRun.slabs], provider: try ProviderCatalog.analytic.provider(provider),
      settings: RelaxationSettings(fmax: 0.01, maximumSteps: steps))
    engine.threads = threads
    engine.youth = .zero
    return engine
  }

  func text(_ paths: RunPaths) throws -> [String] {
    try paths.all.map { try String(contentsOfFile: $0, encoding: .utf8) }
  }
}

@Suite("Runs that go on inside a structure")
struct InnerResumeTests {
  /// Runs until so many evaluations were made, or to the end.
  ///
  /// - Returns: how many were made.
  private func run(
    _ engine: Engine, to paths: RunPaths, stoppingAfter most: Int, start: RunStart = .resuming
  ) throws -> (evaluations: Int, isOver: Bool) {
    let made = Guarded(0)
    let outcome = try engine.run(
      to: paths, start: start, shouldStop: { made.withLock { $0 >= most } },
      report: { event in
        if case .stepped(_, _, let step) = event, !step.isRecalled { made.withLock { $0 += 1 } }
      })
    return (made.withLock { $0 }, !outcome.wasInterrupted)
  }

  @Test(
    "they make no evaluation twice, and end with the bytes of an undisturbed run",
    arguments: ["emt-morse", "lj:sigma=2.3,epsilon=0.4,cutoff=6"], 0..<6)
  func stopped(provider: String, seed: UInt64) throws {
    let slabs = try SlabRun()
    var random = SeededGenerator(seed: seed)
    let (whole, pieces) = (slabs.paths("whole"), slabs.paths("pieces"))
    let all = try run(
      try slabs.engine(provider), to: whole, stoppingAfter: .max, start: .new
    ).evaluations
    var made = 0
    var sessions = 0
    while true {
      let most = 1 + Int(random.next() % 90)
      let threads = 1 + Int(random.next() % 3)
      let session = try run(
        try slabs.engine(provider, threads: threads), to: pieces, stoppingAfter: most)
      made += session.evaluations
      sessions += 1
      if session.isOver { break }
    }
    #expect(try slabs.text(pieces) == slabs.text(whole))
    // Whoever is stopped after an evaluation, and before it is told of, makes it again.
    #expect(made <= all + 3 * sessions, "\(made) for \(all) in \(sessions) sessions")
    let left = try FileManager.default.contentsOfDirectory(atPath: slabs.scratch.folder)
      .filter { $0.hasPrefix(".") }
    #expect(left.sorted() == [".pieces.extxyz.journal", ".whole.extxyz.journal"])
  }

  @Test("structures that are done soon leave no file of evaluations")
  func light() throws {
    let slabs = try SlabRun()
    let paths = slabs.paths("light")
    let seen = Guarded<Set<String>>([])
    let folder = slabs.scratch.folder
    _ = try slabs.engine().run(
      to: paths,
      report: { _ in
        let names = (try? Folder.names(in: folder)) ?? []
        seen.withLock { $0.formUnion(names.filter { $0.hasSuffix(".evaluations") }) }
      })
    #expect(seen.withLock { $0 }.isEmpty)
  }

  // MARK: - Structures that kill

  /// Leaves behind what a process leaves that died while it worked on a structure.
  private func die(at index: Int, after evaluations: Int, _ paths: RunPaths) throws {
    let marks = try WorkMarks(beside: paths.relaxed, workers: 2)
    marks.set(index: index, evaluations: evaluations, worker: 1)
    UnfinishedFiles.forget(HiddenFile.path("working", of: paths.relaxed))
  }

  @Test("a structure at which the process died three times is set aside, until it is tried again")
  func setAside() throws {
    let slabs = try SlabRun()
    let (whole, paths) = (slabs.paths("whole"), slabs.paths("killed"))
    _ = try slabs.engine().run(to: whole)
    let engine = try slabs.engine(threads: 2)
    _ = try run(engine, to: paths, stoppingAfter: 100)
    for _ in 0..<3 {
      try die(at: 7, after: 4, paths)
      _ = try run(engine, to: paths, stoppingAfter: 0)
    }
    let outcome = try engine.run(to: paths, start: .resuming)
    #expect(outcome.tally[.failed] == 1 && outcome.tally.structures == 12)
    let journal = try String(
      contentsOfFile: try #require(paths.journal), encoding: .utf8)
    #expect(journal.contains("the process died 3 times in its evaluation 5"))
    #expect(try slabs.text(paths) != slabs.text(whole))
    let again = try engine.run(to: paths, start: .retrying([.failed]))
    #expect(again.tally[.failed] == 0)
    #expect(try slabs.text(paths) == slabs.text(whole))
  }

  @Test("processes that die at different places, or of a stop in order, set nothing aside")
  func otherDeaths() throws {
    let slabs = try SlabRun()
    let (whole, paths) = (slabs.paths("whole"), slabs.paths("killed"))
    _ = try slabs.engine().run(to: whole)
    let engine = try slabs.engine(threads: 2)
    _ = try run(engine, to: paths, stoppingAfter: 100)
    for round in 0..<6 {
      try die(at: 7, after: round % 2, paths)
      _ = try run(engine, to: paths, stoppingAfter: 0)
    }
    #expect(try engine.run(to: paths, start: .resuming).tally[.failed] == 0)
    #expect(try slabs.text(paths) == slabs.text(whole))
    #expect(WorkMarks.left(beside: paths.relaxed).isEmpty)
  }

  @Test("deaths count as those of one place if evaluation and time in it agree")
  func places() {
    var deaths: [Int: RunDeath] = [:]
    func die(_ evaluations: Int, _ elapsed: Int) {
      deaths.add(at: 3, after: evaluations, elapsed: elapsed)
    }
    die(4, 4000)
    #expect(deaths[3]?.count == 1 && deaths[3]?.isToBeAlone == false)
    die(4, 4600)
    #expect(deaths[3]?.isToBeAlone == true && deaths[3]?.reason == nil)
    // Like the last one, but not like the first.
    die(4, 5100)
    #expect(deaths[3]?.count == 1)
    die(4, 2000)
    #expect(deaths[3]?.count == 1)
    // Starting other programs takes one time or the other.
    die(0, 2000)
    die(0, 3800)
    #expect(deaths[3]?.count == 2)
    die(1, 2100)
    #expect(deaths[3]?.count == 1)
    die(1, 1900)
    die(1, 2200)
    #expect(deaths[3]?.reason?.contains("3 times in its evaluation 2") == true)
  }

  @Test("marks tell what workers were at")
  func marks() throws {
    let slabs = try SlabRun()
    let relaxed = slabs.scratch.path("r.extxyz")
    let marks = try WorkMarks(beside: relaxed, workers: 3)
    marks.set(index: 0, evaluations: 0, worker: 0)
    marks.set(index: 5, evaluations: 9, worker: 2)
    let left = WorkMarks.left(beside: relaxed)
    #expect(left.map(\.index) == [0, 5] && left.map(\.evaluations) == [0, 9])
    marks.clear(worker: 0)
    #expect(WorkMarks.left(beside: relaxed).map(\.index) == [5])
    let path = HiddenFile.path("working", of: relaxed)
    marks.remove()
    #expect(!FilePlace(path).exists)
  }
}
