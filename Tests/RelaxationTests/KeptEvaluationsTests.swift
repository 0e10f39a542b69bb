// SPDX-License-Identifier: MIT

import Files
import Forces
import Foundation
import RelaxNumerics
import Structures
import Synchronization
import TestSupport
import Testing

@testable import Relaxation
@testable import StructureFiles

/// Springs whose evaluations are to be kept, and which count and may refuse them.
private struct Costly: ForceProvider {
  /// How often each geometry of each structure was evaluated.
  final class Book: Sendable {
    let counts = Guarded<[String: Int]>([:])
    var all: Int { counts.withLock { $0.values.reduce(0, +) } }
    var repeated: Int { counts.withLock { $0.values.count { $0 > 1 } } }
  }

  var book = Book()
  var script = "first"
  /// Refuses a structure at an evaluation, both counted from 0.
  var refusal: @Sendable (_ atoms: Int, _ evaluation: Int) -> ForceError? = { _, _ in nil }

  var specification: String { "costly" }
  var identity: String { "costly" + RecordedSetting.mark(ofScript: Checksum(of: script)) }
  var knownElements: Set<Element>? { nil }
  var quantities: Quantities { [.energy, .forces, .stress] }
  var isExpensive: Bool { true }

  struct Answer: Evaluator {
    var costly: Costly
    var number = 0
    mutating func evaluate(
      _ geometry: Geometry, wanting: Quantities, cancellation: Cancellation
    ) throws(ForceError) -> Evaluation {
      let atoms = geometry.positions.count
      if let refusal = costly.refusal(atoms, number) { throw refusal }
      number += 1
      costly.book.counts.withLock { $0["\(geometry) \(wanting)", default: 0] += 1 }
      var springs = Springs(stiffness: 40).makeEvaluator(for: coppers(atoms))
      var found = try springs.evaluate(geometry, wanting: wanting, cancellation: cancellation)
      // A bowl that is no parabola takes several steps.
      found.forces = found.forces.map { (1 + 0.3 * $0.lengthSquared) * $0 }
      found.freeEnergy = (found.energy ?? 0) - 1
      found.stress = wanting.contains(.stress) ? SymmetricTensor(voigt: [1, 2, 3, 4, 5, 6]) : nil
      return found
    }
  }

  func makeEvaluator(for structure: Structure) -> any Evaluator { Answer(costly: self) }
}

@Suite("Evaluations that are kept")
struct KeptEvaluationsTests {
  private let book = Costly.Book()

  /// Structures of 2, 3, … atoms, in a cell, somewhat away from their centers.
  private func input(_ scratch: Scratch, count: Int) throws -> String {
    var generator = SeededGenerator(seed: 3)
    var text: [UInt8] = []
    for k in 0..<count {
      var structure = coppers(2 + k)
      structure.cell = Cell(
        Vector3(60, 0, 0), Vector3(0, 9, 0), Vector3(0, 0, 9), periodicity: .all)
      for i in structure.positions.indices {
        structure.positions[i] += Vector3(
          generator.uniform(-0.3, 0.3), generator.uniform(-0.3, 0.3), generator.uniform(-0.3, 0.3))
      }
      structure.attributes = [Attribute(name: "sid", text: "s\(k)")]
      ExtxyzFormatter.append(structure, to: &text)
    }
    return try scratch.write(text, to: "input.xyz")
  }

  private func engine(_ input: String, _ provider: any ForceProvider) -> Engine {
    var engine = Engine(
      inputs: [input], provider: provider,
      settings: RelaxationSettings(fmax: 0.01, maximumSteps: 12))
    engine.threads = 2
    return engine
  }

  private func paths(_ scratch: Scratch, _ name: String, ending: String = ".xyz") -> RunPaths {
    RunPaths(
      relaxed: scratch.path(name + ending), trajectory: scratch.path(name + ".path" + ending),
      summary: scratch.path(name + ".jsonl"))
  }

  private func summary(_ scratch: Scratch, _ name: String) throws -> [String] {
    // Seconds differ.
    try TextFile.lines(of: scratch.path(name + ".jsonl")).map {
      $0.components(separatedBy: "\"seconds\"")[0]
    }
  }

  /// Hidden files, but for the evaluations that are kept of structures which were not there after all steps: another try may
  /// have more.
  private func hidden(_ scratch: Scratch, _ run: String, _ tally: RunTally) throws -> [String] {
    let hidden = try SampleRun.hidden(scratch)
    let kept = hidden.count { $0.hasPrefix(".\(run).") && $0.hasSuffix(".evaluations") }
    #expect(kept == tally[.stepLimit] + tally[.failed])
    return hidden.filter { !$0.hasSuffix(".evaluations") }
  }

  @Test("a run that is stopped inside structures, again and again, evaluates nothing twice")
  func stopped() throws {
    let scratch = try Scratch()
    let input = try input(scratch, count: 6)
    let tally = try engine(input, Costly()).run(to: paths(scratch, "straight")).tally
    let provider = Costly(book: book)
    var rounds = 0
    while true {
      rounds += 1
      let before = book.all
      let book = book
      let outcome = try engine(input, provider).run(
        to: paths(scratch, "broken"), start: rounds == 1 ? .new : .resuming,
        shouldStop: { book.all >= before + 3 })
      if !outcome.wasInterrupted { break }
    }
    #expect(rounds > 5)
    #expect(book.repeated == 0)
    for ending in [".xyz", ".path.xyz"] {
      #expect(try scratch.data("broken" + ending) == scratch.data("straight" + ending))
    }
    #expect(try summary(scratch, "broken") == summary(scratch, "straight"))
    #expect(try scratch.text("straight.xyz").contains("free_energy="))
    for run in ["broken", "straight"] {
      #expect(
        try hidden(scratch, run, tally) == [".broken.xyz.journal", ".straight.xyz.journal"])
    }
  }

  @Test("what was there is not replaced before there is an evaluation")
  func nothingYet() throws {
    let scratch = try Scratch()
    let input = try input(scratch, count: 3)
    try scratch.write("old", to: "x.xyz")
    let before = try SampleRun.files(scratch)
    let hasBegun = Guarded(false)
    let provider = Costly(refusal: { _, _ in
      hasBegun.withLock { $0 = true }
      return .cancelled
    })
    // Stopped while the first evaluation goes on.
    let outcome = try engine(input, provider).run(
      to: paths(scratch, "x"), start: .overwriting, shouldStop: { hasBegun.withLock { $0 } })
    #expect(outcome.wasInterrupted)
    #expect(try SampleRun.files(scratch) == before)
  }

  @Test("of a log that is cut or damaged, what is whole counts", arguments: [0, 1, 2, 3])
  func damaged(kind: Int) throws {
    let scratch = try Scratch()
    let path = scratch.path("log")
    let source = Checksum(of: "structure")
    let geometries = (0..<4).map { k in
      Geometry(positions: [Vector3(Double(k), 0, 0), .zero], cell: .none)
    }
    let evaluation = { (k: Int) in
      Evaluation(
        energy: Double(k), forces: [Vector3(1, 2, Double(k)), .zero],
        stress: k == 1 ? SymmetricTensor(voigt: [1, 2, 3, 4, 5, 6]) : nil)
    }
    do {
      let log = try EvaluationLog(path: path, source: source, resuming: false)
      for k in 0..<3 { log.keep(evaluation(k), geometries[k], [.energy, .forces]) }
      try log.requireWritten()
    }
    var bytes = Array(try scratch.data("log"))
    let record = (bytes.count - 16) / 3
    var whole = 3
    switch kind {
    case 1: (bytes, whole) = (bytes.dropLast(3), 2)
    case 2: (bytes[16 + record + 20], whole) = (bytes[16 + record + 20] ^ 1, 1)
    case 3: (bytes[9], whole) = (bytes[9] ^ 1, 0)
    default: break
    }
    try scratch.write(bytes, to: "log")
    let log = try EvaluationLog(path: path, source: source, resuming: true)
    for k in 0..<whole {
      #expect(log.recall(geometries[k], .forcesOnFreeAtoms) == evaluation(k))
      #expect(log.lastWasRecalled)
    }
    #expect(log.recall(geometries[whole], [.energy, .forces]) == nil)
    #expect(!log.lastWasRecalled)
    // What comes now stands right behind what holds.
    log.keep(evaluation(whole), geometries[whole], [.energy, .forces])
    let again = try EvaluationLog(path: path, source: source, resuming: true)
    for k in 0...whole { #expect(again.recall(geometries[k], .forces) == evaluation(k)) }
  }

  @Test("another question than before makes what was kept worthless")
  func anotherWay() throws {
    let scratch = try Scratch()
    let path = scratch.path("log")
    let source = Checksum(of: "structure")
    let here = Geometry(positions: [.zero], cell: .none)
    let there = Geometry(positions: [Vector3(1, 0, 0)], cell: .none)
    let kept = Evaluation(energy: 1, forces: [.zero])
    do {
      let log = try EvaluationLog(path: path, source: source, resuming: false)
      log.keep(kept, here, .forces)
      log.keep(kept, there, .forces)
    }
    let log = try EvaluationLog(path: path, source: source, resuming: true)
    #expect(log.recall(there, .forces) == nil)
    #expect(log.recall(here, .forces) == nil)
    log.keep(kept, there, .forces)
    let again = try EvaluationLog(path: path, source: source, resuming: true)
    #expect(again.recall(there, .stress) == nil)
    // Of another structure, or of a run that begins anew, nothing counts.
    let other = Checksum(of: "other")
    #expect(
      try EvaluationLog(path: path, source: other, resuming: true).recall(there, .forces) == nil)
    #expect(
      try EvaluationLog(path: path, source: other, resuming: false).recall(there, .forces) == nil)
  }

  @Test(
    "failed structures are taken up again where they failed, and all files are as if they never had",
    arguments: [".xyz", ".traj", ".json", ".xyz.gz"])
  func retried(ending: String) throws {
    let scratch = try Scratch()
    let input = try input(scratch, count: 7)
    ASERecord.fixedTime.withLock { $0 = 1.7e9 }
    _ = try engine(input, Costly()).run(to: paths(scratch, "straight", ending: ending))
    var provider = Costly(book: book)
    // The second, the sixth and the last.
    let refusal = ForceError.unavailable("no licence")
    provider.refusal = { atoms, evaluation in
      [3, 7, 8].contains(atoms) && evaluation >= 2 ? refusal : nil
    }
    let broken = paths(scratch, "broken", ending: ending)
    let first = try engine(input, provider).run(to: broken)
    #expect(first.tally[.failed] == 3 && first.tally.structures == 7)
    _ = try hidden(scratch, "broken", first.tally)
    // One that fails again stays where it is.
    provider.refusal = { atoms, _ in atoms == 7 ? refusal : nil }
    let second = try engine(input, provider).run(to: broken, start: .retrying([.failed]))
    #expect(second.tally[.failed] == 1 && second.tally.structures == 7)
    #expect(try engine(input, provider).run(to: broken, start: .resuming).tally[.failed] == 1)
    provider.refusal = { _, _ in nil }
    let third = try engine(input, provider).run(to: broken, start: .retrying([.failed]))
    #expect(third.tally[.failed] == 0)
    #expect(book.repeated == 0)
    for path in ["broken", "broken.path"] {
      let straight = path.replacing("broken", with: "straight")
      #expect(try scratch.data(path + ending) == scratch.data(straight + ending))
    }
    #expect(try summary(scratch, "broken") == summary(scratch, "straight"))
    #expect(
      try hidden(scratch, "broken", third.tally) == [
        ".broken\(ending).journal", ".straight\(ending).journal",
      ])
    // Nothing is left to take up: nothing changes.
    let last = try engine(input, provider).run(to: broken, start: .retrying([.failed, .diverged]))
    #expect(last.resumed == 7)
  }

  @Test("what failed can be taken up by a script that was mended, and nothing else goes on with it")
  func mended() throws {
    let scratch = try Scratch()
    let input = try input(scratch, count: 4)
    _ = try engine(input, Costly()).run(to: paths(scratch, "straight"))
    var provider = Costly(book: book)
    provider.refusal = { atoms, evaluation in
      atoms == 3 && evaluation >= 2 ? .failed("a mistake in the script") : nil
    }
    let broken = paths(scratch, "broken")
    _ = try engine(input, provider).run(to: broken)
    provider = Costly(book: book, script: "second")
    let begun = try SampleRun.files(scratch)
    #expect {
      try engine(input, provider).run(to: broken, start: .resuming)
    } throws: { error in (error as? DifferentSetting)?.isOfScript == true }
    var other = engine(input, provider)
    other.frames = .ends
    #expect(throws: DifferentSetting.self) {
      try other.run(to: broken, start: .retrying([.failed]))
    }
    #expect(try SampleRun.files(scratch) == begun)
    let outcome = try engine(input, provider).run(to: broken, start: .retrying([.failed]))
    #expect(outcome.tally[.failed] == 0 && outcome.resumed == 3)
    // What another script has computed of it does not count: it began anew.
    #expect(book.repeated == 2)
    #expect(try scratch.data("broken.xyz") == scratch.data("straight.xyz"))
    #expect(try engine(input, provider).run(to: broken, start: .resuming).resumed == 4)
  }

  @Test("a structure on its way is shown in the trajectory, and cut off again by resuming")
  func shown() throws {
    let scratch = try Scratch()
    let sample = SampleRun()
    let output = try sample.output(in: scratch)
    var spool = ByteSpool(destination: scratch.path("trajectory"), compression: .none)
    try spool.write { $0 += Array("t0 first\n".utf8) }
    // It is not its turn.
    try output.show(&spool, of: 1)
    #expect(try scratch.text("trajectory") == "")
    try output.show(&spool, of: 0)
    #expect(try scratch.text("trajectory") == "t0 first\n")
    try output.show(&spool, of: 0)
    #expect(try scratch.text("trajectory") == "t0 first\n")
    // Killed here, it begins again.
    let resumed = try sample.output(in: scratch, start: .resuming)
    #expect(try scratch.text("trajectory") == "")
    try resumed.show(&spool, of: 0)
    #expect(try scratch.text("trajectory") == "")
    var again = ByteSpool(destination: scratch.path("trajectory"), compression: .none)
    try again.write { $0 += Array("t0 first\n".utf8) }
    try resumed.show(&again, of: 0)
    try again.write { $0 += Array("t0 last\n".utf8) }
    try again.seal()
    var first = try sample.structure(0, scratch)
    first.trajectory = again
    try resumed.commit(try sample.structure(1, scratch))
    try resumed.commit(first)
    try resumed.finish()
    #expect(try sample.contents(scratch) == sample.expected(2))
  }
}
