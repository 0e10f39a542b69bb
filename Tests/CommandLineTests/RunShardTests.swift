// SPDX-License-Identifier: MIT

import Files
import Foundation
import RelaxNumerics
import TestSupport
import Testing

@Suite("relax run in shards")
struct RunShardTests {
  private static let slabs = examples + "/slabs.extxyz"

  private func run(
    _ scratch: Scratch, _ ending: String, _ more: [String] = [], folder: String = "."
  ) throws -> CommandLineRun {
    try CommandLineRun(
      [
        "run", RunShardTests.slabs, "-p", "emt-morse", "--steps", "6", "-q", "-o",
        "\(folder)/r.\(ending)", "--trajectory", "\(folder)/t.\(ending)", "--summary",
        "\(folder)/s.jsonl",
      ] + more, in: scratch.folder, environment: ["SOURCE_DATE_EPOCH": "1700000000"])
  }

  private func merge(_ scratch: Scratch, _ output: String, _ more: [String] = []) throws
    -> CommandLineRun
  {
    try CommandLineRun(
      ["merge", output] + more, in: scratch.folder,
      environment: ["SOURCE_DATE_EPOCH": "1700000000"])
  }

  private func shards(
    _ scratch: Scratch, _ ending: String, _ numbers: [Int], of count: Int, _ more: [String] = []
  ) throws {
    for number in numbers {
      _ = try run(scratch, ending, ["--shard", "\(number)/\(count)"] + more)
    }
  }

  /// Lines of a summary without the seconds, which no two runs have alike.
  private func summary(_ scratch: Scratch, _ name: String) throws -> [String] {
    try scratch.text(name).split(separator: "\n").map { line in
      String(line.prefix(upTo: line.range(of: ", \"seconds\"")?.lowerBound ?? line.endIndex))
    }
  }

  @Test(
    "merged shards are the files and the code of one run",
    arguments: ["extxyz", "extxyz.gz", "traj", "db", "json"], [1, 3, 7, 40])
  func same(ending: String, count: Int) throws {
    let scratch = try Scratch()
    try FileManager.default.createDirectory(
      atPath: scratch.path("whole"), withIntermediateDirectories: true)
    let whole = try run(scratch, ending, folder: "whole")
    var random = SeededGenerator(seed: UInt64(count))
    try shards(scratch, ending, (1...count).shuffled(using: &random), of: count)
    let merged = try merge(scratch, "r.\(ending)", ["-q"])
    #expect(merged.status == whole.status, "\(merged.error)")
    for name in ["r", "t"] {
      #expect(
        try scratch.data("\(name).\(ending)") == scratch.data("whole/\(name).\(ending)"),
        "\(name).\(ending) of \(count)")
    }
    #expect(try summary(scratch, "s.jsonl") == summary(scratch, "whole/s.jsonl"))
    // The merged run is one that could go on, and is complete.
    let status = try CommandLineRun(["status", "r.\(ending)", "--json"], in: scratch.folder)
    #expect(status.output.contains("\"state\": \"finished\""))
    #expect(try run(scratch, ending, ["--resume"]).status == whole.status)
  }

  @Test("what does not make a whole is refused and named, and nothing is written")
  func refused() throws {
    let scratch = try Scratch()
    func expectRefusal(_ words: String..., code: Int32 = 65, _ more: [String] = []) throws {
      let refused = try merge(scratch, "r.extxyz", more)
      #expect(refused.status == code, "\(words)")
      for word in words { #expect(refused.error.contains(word), "\(word) in \(refused.error)") }
      for name in ["r.extxyz", "t.extxyz", "s.jsonl"] {
        #expect(!FileManager.default.fileExists(atPath: scratch.path(name)))
      }
    }
    try expectRefusal("there are no shards", code: 66)
    try shards(scratch, "extxyz", [1, 3], of: 4)
    try expectRefusal("shards 2/4, 4/4 are missing")
    // Begun otherwise.
    _ = try run(scratch, "extxyz", ["--shard", "2/4", "--fmax", "0.02"])
    try shards(scratch, "extxyz", [4], of: 4)
    try expectRefusal("r.2-of-4.extxyz", "fmax 0.02, there 0.01")
    _ = try run(scratch, "extxyz", ["--shard", "2/4", "--overwrite"])
    // One under the name of another.
    for name in [
      "r.3-of-4.extxyz", "t.3-of-4.extxyz", "s.3-of-4.jsonl", ".r.3-of-4.extxyz.journal",
    ] {
      let twin = name.replacingOccurrences(of: "3-of-4", with: "4-of-4")
      try scratch.write(Array(try scratch.data(name)), to: twin)
    }
    try expectRefusal("r.4-of-4.extxyz holds shard 3/4")
    _ = try run(scratch, "extxyz", ["--shard", "4/4", "--overwrite"])
    // A bit of another division.
    try shards(scratch, "extxyz", [1], of: 5)
    try expectRefusal("different divisions", "r.1-of-5.extxyz")
    for name in ["r.1-of-5.extxyz", ".r.1-of-5.extxyz.journal"] {
      try FileManager.default.removeItem(atPath: scratch.path(name))
    }
    // Damage, of either file, and a journal that is gone.
    for name in ["r.2-of-4.extxyz", "t.2-of-4.extxyz"] {
      let whole = Array(try scratch.data(name))
      var damaged = whole
      damaged[whole.count / 2] ^= 1
      try scratch.write(damaged, to: name)
      try expectRefusal(name, "changed or damaged")
      try scratch.write(whole, to: name)
    }
    let journal = Array(try scratch.data(".r.2-of-4.extxyz.journal"))
    try FileManager.default.removeItem(atPath: scratch.path(".r.2-of-4.extxyz.journal"))
    try expectRefusal("r.2-of-4.extxyz has no journal")
    try scratch.write(journal, to: ".r.2-of-4.extxyz.journal")
    #expect(try merge(scratch, "r.extxyz").status == 3)
    // A merge may be made again; what somebody has gone on with, or anything else, is not replaced unasked.
    #expect(try merge(scratch, "r.extxyz").status == 3)
    #expect(
      try run(scratch, "extxyz", ["--resume", "--retry", "step_limit", "--steps", "7"]).status == 3)
    let twice = try merge(scratch, "r.extxyz")
    #expect(twice.status == 74 && twice.error.contains("--overwrite"))
    #expect(try merge(scratch, "r.extxyz", ["--overwrite"]).status == 3)
  }

  @Test("--partial takes what is there, of shards that are not finished too, and says so")
  func partial() throws {
    let scratch = try Scratch()
    try FileManager.default.createDirectory(
      atPath: scratch.path("whole"), withIntermediateDirectories: true)
    _ = try run(scratch, "extxyz", folder: "whole")
    // One thread: with two, the cut journal might tell of a structure in a spool that is gone.
    try shards(scratch, "extxyz", [1, 3], of: 4, ["--threads", "1"])
    // As a kill leaves it: the journal's last lines are not there.
    let name = ".r.3-of-4.extxyz.journal"
    let lines = try scratch.text(name).split(separator: "\n", omittingEmptySubsequences: false)
    let last = try #require(lines.lastIndex { $0.hasPrefix("done") })
    try scratch.write(Array(lines[..<last].map { $0 + "\n" }.joined().utf8), to: name)
    #expect(try merge(scratch, "r.extxyz").status == 65)
    let merged = try merge(scratch, "r.extxyz", ["--partial"])
    #expect(merged.status == 3)
    #expect(merged.error.contains("shards 2/4, 4/4 are missing, shard 3/4 is not finished"))
    let wanted = [0, 2, 4, 6, 8].map { "\"index\": \($0)," }
    let found = try summary(scratch, "s.jsonl")
    #expect(found.count == wanted.count)
    for (line, index) in zip(found, wanted) { #expect(line.contains(index)) }
    // Nobody may go on with it as if it were the whole.
    let resumed = try run(scratch, "extxyz", ["--resume"])
    #expect(resumed.status == 64 && resumed.error.contains("shards some"), "\(resumed.error)")
    // The whole takes its place when it is there.
    try shards(scratch, "extxyz", [2, 3, 4], of: 4, ["--resume"])
    #expect(try merge(scratch, "r.extxyz").status == 3)
    #expect(try scratch.data("r.extxyz") == scratch.data("whole/r.extxyz"))
  }

  @Test("shards are merged in a copied folder too")
  func copied() throws {
    let scratch = try Scratch()
    for folder in ["here/out", "there"] {
      try FileManager.default.createDirectory(
        atPath: scratch.path(folder), withIntermediateDirectories: true)
    }
    let home = scratch.path("here")
    for number in 1...3 {
      _ = try CommandLineRun(
        [
          "run", RunShardTests.slabs, "-p", "emt-morse", "--steps", "6", "-q", "-o",
          "\(home)/out/r.extxyz", "--trajectory", "\(home)/t.extxyz", "--summary",
          "\(home)/out/s.jsonl", "--shard", "\(number)/3",
        ], in: scratch.folder)
    }
    try FileManager.default.moveItem(atPath: home, toPath: scratch.path("there/moved"))
    #expect(try merge(scratch, "there/moved/out/r.extxyz").status == 3)
    for name in ["out/r.extxyz", "t.extxyz", "out/s.jsonl"] {
      #expect(FileManager.default.fileExists(atPath: scratch.path("there/moved/" + name)))
    }
  }

  @Test("a shard that was stopped and went on, or was killed and went on, merges alike")
  func stopped() throws {
    let scratch = try Scratch()
    try FileManager.default.createDirectory(
      atPath: scratch.path("whole"), withIntermediateDirectories: true)
    _ = try run(scratch, "extxyz", folder: "whole")
    var random = SeededGenerator(seed: 4)
    for number in 1...3 {
      for signal in [SIGKILL, SIGTERM] {
        let process = try CommandLineRun.start(
          [
            "run", RunShardTests.slabs, "-p", "emt-morse", "--steps", "6", "-q", "-o",
            "./r.extxyz", "--trajectory", "./t.extxyz", "--summary", "./s.jsonl", "--shard",
            "\(number)/3", "--resume",
          ], in: scratch.folder)
        usleep(UInt32(random.next() % 60_000))
        kill(process.processIdentifier, signal)
        process.waitUntilExit()
      }
      _ = try run(scratch, "extxyz", ["--shard", "\(number)/3", "--resume"])
    }
    #expect(try merge(scratch, "r.extxyz").status == 3)
    for name in ["r.extxyz", "t.extxyz"] {
      #expect(try scratch.data(name) == scratch.data("whole/" + name))
    }
  }
}
