// SPDX-License-Identifier: MIT

import Files
import Foundation
import TestSupport
import Testing

/// What is said of runs from outside, and what a run that goes on may do otherwise.
@Suite("Campaigns")
struct CampaignTests {
  private static let slabs = examples + "/slabs.extxyz"

  private func run(_ scratch: Scratch, _ more: [String]) throws -> CommandLineRun {
    try CommandLineRun(
      ["run", CampaignTests.slabs, "-p", "emt-morse", "-q", "-o", "r.extxyz"] + more,
      in: scratch.folder)
  }

  private func status(_ scratch: Scratch, _ output: String = "r.extxyz") throws -> JSONText {
    let run = try CommandLineRun(["status", output, "--json", "-"], in: scratch.folder)
    #expect(run.status == 0, "\(run.error)")
    return try JSONText(parsing: run.output)
  }

  @Test("status tells of finished, stopped and sharded runs, and of none")
  func states() throws {
    let scratch = try Scratch()
    let none = try CommandLineRun(["status", "r.extxyz"], in: scratch.folder)
    #expect(none.status == 66 && none.error.contains("no run of relax"))
    // One thread: lines of the journal have one order then.
    _ = try run(scratch, ["--steps", "60", "--threads", "1"])
    let finished = try status(scratch)
    #expect(finished["state"] == "finished" && finished["total"] == 12 && finished["done"] == 12)
    guard case .integer(let converged)? = finished["converged"],
      case .integer(let failed)? = finished["failed"]
    else { throw FileError(.content, file: "status", "no counts") }
    #expect(converged + failed == 12 && converged > 0 && failed > 0)
    #expect(finished["seconds_left"]?.number == 0 && finished["shards"] == .array([]))
    // The journal without its last line: as a kill leaves it.
    let journal = try scratch.text(".r.extxyz.journal")
    let lines = journal.split(separator: "\n", omittingEmptySubsequences: false)
    let fifth = lines.indices.filter { lines[$0].hasPrefix("done") }[4]
    let kept = lines[...fifth].map { $0 + "\n" }.joined()
    try scratch.write(Array(kept.utf8), to: ".r.extxyz.journal")
    let killed = try status(scratch)
    #expect(killed["state"] == "stopped" && killed["done"] == 5)
    #expect(killed["rate"] == .null && killed["seconds_left"] == .null)
    // Nothing was touched by looking.
    #expect(try scratch.text(".r.extxyz.journal") == kept)
  }

  @Test("status names shards that were not begun, and adds up the others")
  func shards() throws {
    let scratch = try Scratch()
    for number in [1, 2, 4] { _ = try run(scratch, ["--steps", "3", "--shard", "\(number)/5"]) }
    let found = try status(scratch)
    #expect(found["state"] == "stopped" && found["total"] == 12 && found["done"] == 8)
    guard case .array(let shards)? = found["shards"] else {
      throw FileError(.content, file: "status", "no shards")
    }
    #expect(
      shards.map { $0["state"] } == ["finished", "finished", "not begun", "finished", "not begun"])
    #expect(shards.map { $0["shard"] } == ["1/5", "2/5", "3/5", "4/5", "5/5"])
    let text = try CommandLineRun(["status", "r.extxyz"], in: scratch.folder).output
    #expect(text.contains("shards not begun: 3/5, 5/5"))
    #expect(text.contains("3 of 5 shards are finished"))
  }

  @Test("status tells that a run is running, and when it will be done")
  func running() throws {
    let scratch = try Scratch()
    let process = try CommandLineRun.start(
      [
        "run", CampaignTests.slabs, "-p",
        "forcenet:model=\(examples)/forcenet-emt-mini.safetensors", "-q", "-o", "r.extxyz",
        "--fmax", "0", "--steps", "100000",
      ], in: scratch.folder)
    defer {
      kill(process.processIdentifier, SIGKILL)
      process.waitUntilExit()
    }
    var state: JSONText?
    for _ in 0..<600 where state == nil {
      let run = try CommandLineRun(["status", "r.extxyz", "--json"], in: scratch.folder)
      if run.status == 0 { state = try JSONText(parsing: run.output)["state"] }
      Thread.sleep(forTimeInterval: 0.05)
    }
    #expect(state == "running")
  }

  // MARK: - Further tries

  @Test("--retry takes other settings, which stand with each structure")
  func retry() throws {
    let scratch = try Scratch()
    #expect(try run(scratch, ["--steps", "200", "--overwrite"]).status == 0)
    let whole = try scratch.text("r.extxyz")
    let more = ["--summary", "s.jsonl"]
    try FileManager.default.removeItem(atPath: scratch.path("r.extxyz"))
    try FileManager.default.removeItem(atPath: scratch.path(".r.extxyz.journal"))
    #expect(try run(scratch, more + ["--steps", "60"]).status == 3)
    let first = try scratch.text("s.jsonl").split(separator: "\n")
    let refused = try run(scratch, more + ["--resume", "--steps", "200"])
    #expect(refused.status == 64 && refused.error.contains("--retry step_limit"))
    let retry = more + ["--resume", "--retry", "step_limit", "--steps", "200"]
    #expect(try run(scratch, retry).status == 0)
    let second = try scratch.text("s.jsonl").split(separator: "\n")
    for (before, after) in zip(first, second) {
      if before.contains("\"converged\"") {
        #expect(after == before)
      } else {
        #expect(after.hasSuffix("\"settings\": {\"steps\": 200}}"))
      }
    }
    // The structures are those of a run that had them from the beginning, but for what is noted with them.
    let noted = try scratch.text("r.extxyz")
    #expect(
      noted.contains(" relax_settings=\"steps=200\"") || noted.contains(" relax_settings=steps=200")
    )
    let bare = noted.replacingOccurrences(of: " relax_settings=\"steps=200\"", with: "")
      .replacingOccurrences(of: " relax_settings=steps=200", with: "")
    #expect(bare == whole)
    // The same command again finds nothing to do, and the run goes on under its new settings.
    #expect(try run(scratch, retry).status == 0)
    #expect(try scratch.text("r.extxyz") == noted)
    #expect(try run(scratch, more + ["--resume", "--steps", "200"]).status == 0)
    let other = try run(
      scratch, ["--resume", "--retry", "step_limit", "--steps", "200", "-p", "lj"] + more)
    #expect(other.status == 64 && other.error.contains("provider"))
  }

  @Test("what reached the new limit is not tried again under the same settings")
  func retriedOnce() throws {
    let scratch = try Scratch()
    #expect(try run(scratch, ["--steps", "5"]).status == 3)
    let retry = ["--resume", "--retry", "step_limit", "--steps", "8"]
    #expect(try run(scratch, retry).status == 3)
    let journal = try scratch.text(".r.extxyz.journal")
    #expect(try run(scratch, retry).status == 3)
    #expect(try scratch.text(".r.extxyz.journal") == journal)
    #expect(
      try run(scratch, ["--resume", "--retry", "step_limit", "--steps", "200"]).status == 0)
  }

  // MARK: - Plans

  @Test("plan measures, and gives a line to submit that takes the run's options along")
  func plan() throws {
    let scratch = try Scratch()
    let run = try CommandLineRun(
      [
        "plan", CampaignTests.slabs, "-p", "emt-morse", "--minutes", "0.0001", "--threads", "1",
        "--steps", "30", "-o", "my relaxed.extxyz", "--sample", "5", "--json", "-",
      ], in: scratch.folder)
    #expect(run.status == 0, "\(run.error)")
    let plan = try JSONText(parsing: run.output)
    #expect(plan["structures"] == 12 && plan["sampled"] == 5 && plan["threads"] == 1)
    guard case .array(let words)? = plan["command"], case .integer(let shards)? = plan["shards"]
    else { throw FileError(.content, file: "plan", "no command") }
    #expect((1...12).contains(shards))
    let run2 =
      [
        .string(CampaignTests.slabs), "-p", "emt-morse", "--steps", "30", "-o",
        "my relaxed.extxyz",
      ] as [JSONText]
    #expect(Array(words.suffix(7)) == run2)
    #expect(words.contains(.string("--array=1-\(shards)")))
    let text = try CommandLineRun(
      ["plan", CampaignTests.slabs, "-p", "emt-morse", "--steps", "2", "-o", "my relaxed.extxyz"],
      in: scratch.folder)
    #expect(text.output.contains("-o 'my relaxed.extxyz'"))
    #expect(try scratch.names == [])
    let piped = try CommandLineRun(["plan", "-", "-p", "emt"], in: scratch.folder)
    #expect(piped.status == 64)
  }
}
