// SPDX-License-Identifier: MIT

import Files
import Foundation
import TestSupport
import Testing

@testable import Relaxation
@testable import StructureFiles

@Suite("Outputs of a run")
struct RunOutputTests {
  private let settings = [RunSetting("fmax", "0.01"), RunSetting("input", "a.xyz, 10 bytes")]

  private func paths(_ scratch: Scratch) -> RunPaths {
    RunPaths(
      relaxed: scratch.path("relaxed"), trajectory: scratch.path("trajectory"),
      summary: scratch.path("summary"))
  }

  private func structure(
    _ index: Int, _ scratch: Scratch, status: RelaxationStatus = .converged
  ) throws -> FinishedStructure {
    var spool = ByteSpool(destination: scratch.path("trajectory"), compression: .none)
    try spool.write { $0 += Array("t\(index) first\nt\(index) last\n".utf8) }
    try spool.seal()
    return FinishedStructure(
      index: index, status: status, steps: index, evaluations: index + 1,
      relaxed: Array("relaxed \(index)\n".utf8), trajectory: spool,
      summary: "{\"index\": \(index)}")
  }

  private func contents(_ scratch: Scratch) throws -> [String] {
    try ["relaxed", "trajectory", "summary"].map(scratch.text)
  }

  private func expected(_ count: Int) -> [String] {
    [
      (0..<count).map { "relaxed \($0)\n" }.joined(),
      (0..<count).map { "t\($0) first\nt\($0) last\n" }.joined(),
      (0..<count).map { "{\"index\": \($0)}\n" }.joined(),
    ]
  }

  @Test("whatever the order of finishing, the files are in input order", arguments: 0..<20)
  func order(seed: Int) throws {
    let scratch = try Scratch()
    var generator = SystemRandomNumberGenerator()
    let order = seed == 0 ? Array(0..<9) : Array(0..<9).shuffled(using: &generator)
    let output = try RunOutput(paths(scratch), start: .new, settings: settings)
    for index in order { try output.commit(try structure(index, scratch)) }
    try output.finish()
    #expect(try contents(scratch) == expected(9))
    #expect(try scratch.names == ["relaxed", "relaxed.journal", "summary", "trajectory"])
    #expect(output.tally[.converged] == 9)
    #expect(output.tally.steps == 36)
  }

  /// What a kill can leave: a journal cut anywhere; relaxed structures and trajectory at least as
  /// far as it says, perhaps with some of the next; of its last line perhaps nothing in the summary.
  @Test("a kill at any moment loses no finished structure")
  func killedAnywhere() throws {
    let order = [2, 0, 1, 4, 3]
    func read(_ scratch: Scratch, _ name: String) -> Data {
      (try? Data(contentsOf: URL(fileURLWithPath: scratch.path(name)))) ?? Data()
    }
    let whole = try Scratch()
    let output = try RunOutput(paths(whole), start: .new, settings: settings)
    var cases = 0
    for (survivors, index) in order.enumerated() {
      let before = (read(whole, "relaxed.journal"), read(whole, "relaxed.ahead"))
      try output.commit(try structure(index, whole))
      let after = (read(whole, "relaxed.journal"), read(whole, "relaxed.ahead"))
      // An emptied spool has been copied from; until then it was as before.
      let spool = after.1.count > before.1.count ? after.1 : before.1
      for cut in stride(from: before.0.count, through: after.0.count, by: 5) {
        let journal = after.0.prefix(cut)
        let done = String(decoding: journal, as: UTF8.self).split(separator: "\n")
          .count { $0.hasPrefix("done") && RunJournal.Entry(line: $0) != nil }
        for extra in 0...2 {
          let scratch = try Scratch()
          func write(_ text: some Sequence<UInt8>, _ name: String) throws {
            try Data(text).write(to: URL(fileURLWithPath: scratch.path(name)))
          }
          try write(journal, "relaxed.journal")
          try write(spool, "relaxed.ahead")
          for (k, name) in ["relaxed", "trajectory"].enumerated() {
            let more = expected(done + 1)[k].dropFirst(expected(done)[k].count)
            try write((expected(done)[k] + more.prefix(more.count * extra / 2)).utf8, name)
          }
          let last = expected(done)[2].dropFirst(expected(max(0, done - 1))[2].count)
          let summary = expected(max(0, done - 1))[2] + last.prefix(last.count * extra / 2)
          try write(summary.utf8, "summary")

          let resumed = try RunOutput(paths(scratch), start: .resuming, settings: settings)
          let finished = (0..<5).filter(resumed.isFinished)
          #expect(Set(order.prefix(survivors)).isSubset(of: finished))
          for index in 0..<5 where !resumed.isFinished(index) {
            try resumed.commit(try structure(index, scratch))
          }
          try resumed.finish()
          #expect(try contents(scratch) == expected(5), "survivors \(survivors), cut \(cut)")
          #expect(resumed.tally.structures == 5)
          cases += 1
        }
      }
    }
    #expect(cases > 100)
  }

  @Test("killed while it starts, a run can be resumed")
  func killedAtTheStart() throws {
    let head = RunJournal.head(settings)
    let names = ["relaxed", "trajectory", "summary"]
    for (cut, made) in (0..<head.count).map({ ($0, 0) }) + (0...3).map({ (head.count, $0) }) {
      let scratch = try Scratch()
      try Data(head.prefix(cut)).write(to: URL(fileURLWithPath: scratch.path("relaxed.journal")))
      for name in names.prefix(made) { try scratch.write("", to: name) }
      let output = try RunOutput(paths(scratch), start: .resuming, settings: settings)
      for index in 0..<2 { try output.commit(try structure(index, scratch)) }
      try output.finish()
      #expect(try contents(scratch) == expected(2))
      let again = try RunOutput(paths(scratch), start: .resuming, settings: settings)
      #expect(again.isFinished(1))
    }
  }

  @Test("an output that cannot be made takes the others with it")
  func halfMade() throws {
    let scratch = try Scratch()
    var paths = paths(scratch)
    paths.trajectory = scratch.path("nowhere/trajectory")
    #expect(throws: OutputError.self) {
      try RunOutput(paths, start: .new, settings: settings)
    }
    #expect(try scratch.names == [])
  }

  @Test("interrupted structures are shown, and started again by resuming")
  func interrupted() throws {
    let scratch = try Scratch()
    let output = try RunOutput(paths(scratch), start: .new, settings: settings)
    try output.commit(try structure(0, scratch))
    try output.commit(try structure(2, scratch))
    try output.commitInterrupted([
      try structure(3, scratch, status: .interrupted),
      try structure(1, scratch, status: .interrupted),
    ])
    try output.finish()
    #expect(try contents(scratch) == expected(4))
    let resumed = try RunOutput(paths(scratch), start: .resuming, settings: settings)
    #expect((0..<5).filter(resumed.isFinished) == [0, 2])
    for index in [1, 3, 4] { try resumed.commit(try structure(index, scratch)) }
    try resumed.finish()
    #expect(try contents(scratch) == expected(5))
    #expect(resumed.tally[.interrupted] == 0)
  }

  @Test("resuming a finished run changes nothing")
  func allDone() throws {
    let scratch = try Scratch()
    let output = try RunOutput(paths(scratch), start: .new, settings: settings)
    for index in 0..<3 { try output.commit(try structure(index, scratch)) }
    try output.finish()
    let before = try contents(scratch) + [scratch.text("relaxed.journal")]
    let again = try RunOutput(paths(scratch), start: .resuming, settings: settings)
    #expect((0..<3).allSatisfy(again.isFinished))
    #expect(again.tally == output.tally)
    try again.finish()
    #expect(try contents(scratch) + [scratch.text("relaxed.journal")] == before)
  }

  @Test("other settings are refused by name, and nothing is touched")
  func otherSettings() throws {
    let scratch = try Scratch()
    let output = try RunOutput(paths(scratch), start: .new, settings: settings)
    try output.commit(try structure(0, scratch))
    try output.finish()
    let before = try contents(scratch)
    #expect(throws: ResumeError.differentSetting(name: "fmax", began: "0.01", now: "0.05")) {
      try RunOutput(
        paths(scratch), start: .resuming, settings: [RunSetting("fmax", "0.05"), settings[1]])
    }
    #expect(try contents(scratch) == before)
  }

  @Test("what exists is replaced only when asked to, and a refusal leaves nothing behind")
  func existing() throws {
    for name in ["relaxed", "trajectory", "summary"] {
      let scratch = try Scratch()
      try scratch.write("precious", to: name)
      #expect(throws: OutputError.exists(scratch.path(name))) {
        try RunOutput(paths(scratch), start: .new, settings: settings)
      }
      #expect(try scratch.names == [name])
      #expect(try scratch.text(name) == "precious")
      let output = try RunOutput(paths(scratch), start: .overwriting, settings: settings)
      try output.commit(try structure(0, scratch))
      try output.finish()
      #expect(try contents(scratch) == expected(1))
    }
  }

  @Test("outputs of unknown origin are not resumed")
  func noJournal() throws {
    let scratch = try Scratch()
    try scratch.write("precious", to: "relaxed")
    #expect(throws: OutputError.exists(scratch.path("relaxed"))) {
      try RunOutput(paths(scratch), start: .resuming, settings: settings)
    }
    #expect(try scratch.text("relaxed") == "precious")
  }

  @Test("a file shorter than its journal says is not continued")
  func tampered() throws {
    for name in ["relaxed", "trajectory", "summary"] {
      let scratch = try Scratch()
      let output = try RunOutput(paths(scratch), start: .new, settings: settings)
      for index in 0..<3 { try output.commit(try structure(index, scratch)) }
      try output.finish()
      try scratch.write("x", to: name)
      #expect(throws: OutputError.self) {
        try RunOutput(paths(scratch), start: .resuming, settings: settings)
      }
      #expect(try scratch.text(name) == "x")
    }
  }

  @Test("a long trajectory goes through the disk and comes out whole")
  func spool() throws {
    let scratch = try Scratch()
    for name in ["t", "t.gz"] {
      var spool = ByteSpool(destination: scratch.path(name), compression: Compression(path: name))
      let line = Array("0123456789abcdef 0123456789abcdef\n".utf8)
      let lines = 3 * ByteSpool.memoryLimit / line.count
      for _ in 0..<lines { try spool.write { $0 += line } }
      try spool.seal()
      let file = try AppendFile.create(scratch.path(name), overwrite: false)
      try spool.drain(into: file)
      #expect(file.length == spool.count)
      #expect(name != "t" || file.length == lines * line.count)
      #expect(try scratch.names.filter { $0.contains(".part") }.isEmpty)
    }
  }
}
