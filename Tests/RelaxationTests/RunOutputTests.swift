// SPDX-License-Identifier: MIT

import Files
import Foundation
import RelaxNumerics
import TestSupport
import Testing

@testable import Relaxation

@Suite("Outputs of a run")
struct RunOutputTests {
  private let sample = SampleRun()

  @Test("whatever the order of finishing, the files are in input order", arguments: 0..<20)
  func order(seed: UInt64) throws {
    let scratch = try Scratch()
    var generator = SeededGenerator(seed: seed)
    let order = seed == 0 ? Array(0..<9) : Array(0..<9).shuffled(using: &generator)
    let output = try sample.output(in: scratch)
    for index in order { try output.commit(try sample.structure(index, scratch)) }
    try output.finish()
    #expect(try sample.contents(scratch) == sample.expected(9))
    #expect(try scratch.names == ["relaxed", "summary", "trajectory"])
    #expect(try SampleRun.hidden(scratch) == [".relaxed.journal"])
    #expect(output.tally[.converged] == 9)
    #expect(output.tally.steps == 36)
  }

  @Test("nothing is made or replaced before there is a result")
  func lazy() throws {
    for start in [RunStart.new, .resuming, .overwriting] {
      let scratch = try Scratch()
      if case .overwriting = start { try scratch.write("old", to: "relaxed") }
      let before = try FileManager.default.contentsOfDirectory(atPath: scratch.folder)
      let output = try sample.output(in: scratch, start: start)
      try output.commitInterrupted([])
      try output.finish()
      #expect(try FileManager.default.contentsOfDirectory(atPath: scratch.folder) == before)
    }
  }

  @Test("an output that cannot be made takes the others with it")
  func halfMade() throws {
    let scratch = try Scratch()
    var paths = sample.paths(scratch)
    paths.trajectory = scratch.path("nowhere/trajectory")
    let output = try RunOutput(paths, start: .new, settings: sample.settings)
    #expect(throws: FileError.self) { try output.commit(try sample.structure(0, scratch)) }
    #expect(try FileManager.default.contentsOfDirectory(atPath: scratch.folder) == [])
  }

  @Test("interrupted structures are shown, and started again by resuming")
  func interrupted() throws {
    let scratch = try Scratch()
    let output = try sample.output(in: scratch)
    try output.commit(try sample.structure(0, scratch))
    try output.commit(try sample.structure(2, scratch))
    try output.commitInterrupted([
      try sample.structure(3, scratch, status: .interrupted),
      try sample.structure(1, scratch, status: .interrupted),
    ])
    try output.finish(isComplete: false, total: 5)
    #expect(try sample.contents(scratch) == sample.expected(4))
    let trace = try #require(RunTrace(of: sample.paths(scratch)))
    #expect(trace.finished == 2 && trace.total == 5 && !trace.isComplete)
    let resumed = try sample.output(in: scratch, start: .resuming)
    #expect((0..<5).filter(resumed.isFinished) == [0, 2])
    for index in [1, 3, 4] { try resumed.commit(try sample.structure(index, scratch)) }
    try resumed.finish()
    #expect(try sample.contents(scratch) == sample.expected(5))
    #expect(resumed.tally[.interrupted] == 0)
    #expect(try SampleRun.hidden(scratch) == [".relaxed.journal"])
  }

  @Test("resuming a finished run changes nothing")
  func allDone() throws {
    let scratch = try Scratch()
    let output = try sample.output(in: scratch)
    for index in 0..<3 {
      try output.commit(
        try sample.structure(index, scratch, status: index == 1 ? .failed : .converged))
    }
    try output.finish()
    let before = try sample.contents(scratch) + [scratch.text(".relaxed.journal")]
    let again = try sample.output(in: scratch, start: .resuming)
    #expect((0..<3).allSatisfy(again.isFinished))
    #expect(again.tally == output.tally)
    #expect(again.earlierTroubles == ["{\"index\": 1}"])
    try again.finish()
    #expect(try sample.contents(scratch) + [scratch.text(".relaxed.journal")] == before)
  }

  @Test("other settings are refused by name, and nothing is touched")
  func otherSettings() throws {
    let scratch = try Scratch()
    let output = try sample.output(in: scratch)
    try output.commit(try sample.structure(0, scratch))
    try output.finish()
    let before = try sample.contents(scratch)
    #expect(throws: DifferentSetting(what: "run", name: "fmax", began: "0.01", now: "0.05")) {
      try RunOutput(
        sample.paths(scratch), start: .resuming,
        settings: [RecordedSetting("fmax", "0.05"), sample.settings[1]])
    }
    #expect(try sample.contents(scratch) == before)
  }

  @Test("what exists is replaced only when asked to, and a refusal leaves nothing behind")
  func existing() throws {
    for name in ["relaxed", "trajectory", "summary"] {
      let scratch = try Scratch()
      try scratch.write("precious", to: name)
      #expect(throws: FileError.exists(scratch.path(name))) {
        try sample.output(in: scratch)
      }
      #expect(try scratch.names == [name])
      #expect(try scratch.text(name) == "precious")
      // Another name of the file keeps its content.
      try FileManager.default.linkItem(atPath: scratch.path(name), toPath: scratch.path("other"))
      let output = try sample.output(in: scratch, start: .overwriting)
      try output.commit(try sample.structure(0, scratch))
      try output.finish()
      #expect(try sample.contents(scratch) == sample.expected(1))
      #expect(try scratch.text("other") == "precious")
    }
  }

  @Test("what an interrupted run left is refused with the way to go on")
  func refusal() throws {
    let scratch = try Scratch()
    let output = try sample.output(in: scratch)
    for index in [0, 2] { try output.commit(try sample.structure(index, scratch)) }
    try output.finish(isComplete: false, total: 7)
    let error = #expect(throws: FileError.self) { try sample.output(in: scratch) }
    #expect(error?.kind == .exists)
    #expect(error?.message.contains("with 2 of 7 structures finished; pass --resume") == true)
  }

  @Test("the kernels that a run began with are told, and refused where there are none such")
  func kernels() throws {
    for (name, isKnown) in [("portable", true), ("sse", false)] {
      let scratch = try Scratch()
      let output = try RunOutput(
        sample.paths(scratch), start: .new, settings: [RecordedSetting("kernels", name)])
      try output.commit(try sample.structure(0, scratch))
      try output.finish()
      let paths = sample.paths(scratch)
      if isKnown {
        #expect(try RunTrace.kernels(of: paths) == .portable)
      } else {
        #expect(throws: KernelSetError.self) { try RunTrace.kernels(of: paths) }
      }
    }
  }

  @Test("outputs of unknown origin are not resumed")
  func noJournal() throws {
    let scratch = try Scratch()
    try scratch.write("precious", to: "relaxed")
    let error = #expect(throws: FileError.self) {
      try sample.output(in: scratch, start: .resuming)
    }
    #expect(error?.kind == .exists && error?.message.contains("pass --overwrite") == true)
    #expect(try scratch.text("relaxed") == "precious")
  }

  @Test("a journal whose outputs are gone is in nobody's way; one that is none stays")
  func orphans() throws {
    for start in [RunStart.new, .resuming] {
      let scratch = try Scratch()
      let output = try sample.output(in: scratch)
      for index in 0..<2 { try output.commit(try sample.structure(index, scratch)) }
      try output.finish()
      for name in try scratch.names { AppendFile.remove(scratch.path(name)) }
      let again = try sample.output(in: scratch, start: start)
      try again.commit(try sample.structure(0, scratch))
      try again.finish()
      #expect(try sample.contents(scratch) == sample.expected(1))
      // With one of them gone, there is no run to go on with.
      AppendFile.remove(scratch.path("relaxed"))
      let error = #expect(throws: FileError.self) {
        try sample.output(in: scratch, start: .resuming)
      }
      #expect(error?.message.contains("the file is gone") == true)
      #expect(try scratch.names == ["summary", "trajectory"])
    }
    let scratch = try Scratch()
    try scratch.write("mine", to: ".relaxed.journal")
    let output = try sample.output(in: scratch)
    let error = #expect(throws: FileError.self) {
      try output.commit(try sample.structure(0, scratch))
    }
    #expect(error?.message.contains("is in the way") == true)
    #expect(try scratch.text(".relaxed.journal") == "mine")
    #expect(try scratch.names == [])
  }

  @Test("files called like the run's own of earlier times are left alone")
  func foreignNames() throws {
    let scratch = try Scratch()
    let names = ["relaxed.ahead", "relaxed.journal", ".relaxed.ahead", "relaxed.part"]
    for name in names { try scratch.write("mine", to: name) }
    let output = try sample.output(in: scratch)
    for index in [3, 1, 2, 0] { try output.commit(try sample.structure(index, scratch)) }
    try output.finish()
    #expect(try sample.contents(scratch) == sample.expected(4))
    for name in names { #expect(try scratch.text(name) == "mine") }
  }

  @Test("a file that is deleted or replaced while it is written is said to be")
  func deleted() throws {
    for name in ["relaxed", "trajectory", "summary", ".relaxed.journal"] {
      for replaces in [false, true] {
        let scratch = try Scratch()
        let output = try sample.output(in: scratch)
        try output.commit(try sample.structure(0, scratch))
        AppendFile.remove(scratch.path(name))
        if replaces { try scratch.write("other", to: name) }
        try output.commit(try sample.structure(1, scratch))
        let error = #expect(throws: FileError.self) { try output.finish() }
        #expect(error?.message.contains("deleted or replaced") == true)
      }
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
      let file = try AppendFile.create(scratch.path(name))
      try spool.drain(into: file)
      #expect(file.length == spool.part.count)
      #expect(try file.checksum(offset: 0, count: file.length) == spool.part.checksum)
      #expect(name != "t" || file.length == lines * line.count)
      #expect(try SampleRun.hidden(scratch) == [])
    }
  }
}
