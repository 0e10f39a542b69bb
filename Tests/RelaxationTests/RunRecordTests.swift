// SPDX-License-Identifier: MIT

import Files
import TestSupport
import Testing

@testable import Relaxation

@Suite("what a run has left of itself")
struct RunRecordTests {
  private static let origin = RunOrigin(
    version: "1.2", date: "2026-11-30 12:00:00 UTC", machine: "a\tb", command: "relax 'x\ny'")

  @Test("who began it, its settings and what became of each structure, in the order of the input")
  func record() throws {
    let scratch = try Scratch()
    let paths = RunPaths(relaxed: scratch.path("r.extxyz"))
    let settings = [RecordedSetting("provider", "emt"), RecordedSetting("select", "none")]
    let output = try RunOutput(paths, start: .new, settings: settings, origin: Self.origin)
    // The second finishes first.
    for index in [1, 0] { try output.commit(Self.finished(index)) }
    try output.finish()
    let record = try #require(try RunRecord(of: paths.relaxed))
    #expect(record.origin == Self.origin)
    #expect(record.isComplete && record.sessions == 1)
    #expect(record.setting("provider") == "emt" && record.setting("select") == nil)
    #expect(record.structures.map(\.index) == [0, 1])
    #expect(record.structures.map(\.reason) == ["because 0", "because 1"])
    // A run that goes on keeps who began it.
    let later = RunOrigin(version: "2", date: "", machine: "", command: "")
    let again = try RunOutput(paths, start: .resuming, settings: settings, origin: later)
    try again.commit(Self.finished(2))
    try again.finish()
    let second = try #require(try RunRecord(of: paths.relaxed))
    #expect(second.origin == Self.origin && second.sessions == 2 && second.structures.count == 3)
  }

  @Test("a file without a journal has no record")
  func nothing() throws {
    let scratch = try Scratch()
    try scratch.write("", to: "r.extxyz")
    #expect(try RunRecord(of: scratch.path("r.extxyz")) == nil)
  }

  @Test("lines of a summary are read back, and what is none is named by its line")
  func lines() throws {
    let scratch = try Scratch()
    try scratch.write(Self.summary(0) + "\n\n" + Self.summary(1) + "\n", to: "s.jsonl")
    #expect(try SummaryRecord.all(of: scratch.path("s.jsonl")).map(\.id) == ["s0", "s1"])
    try scratch.write(Self.summary(0) + "\n{\"id\": \"a\"}\n", to: "bad.jsonl")
    let error = #expect(throws: FileError.self) {
      try SummaryRecord.all(of: scratch.path("bad.jsonl"))
    }
    #expect(error?.line == 2)
  }

  private static func summary(_ index: Int) -> String {
    "{\"id\": \"s\(index)\", \"index\": \(index), \"status\": \"step_limit\", \"reason\": \"because \(index)\", "
      + "\"steps\": 3, \"evaluations\": 4, \"energy\": null, \"fmax\": 0.5, \"seconds\": 0.25}"
  }

  private static func finished(_ index: Int) -> FinishedStructure {
    FinishedStructure(
      index: index, status: .stepLimit, steps: 3, evaluations: 4, relaxed: Array("\(index)\n".utf8),
      trajectory: nil, summary: summary(index), source: nil)
  }
}
