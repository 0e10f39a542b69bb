// SPDX-License-Identifier: MIT

import Foundation
import RelaxNumerics
import TestSupport
import Testing

@Suite("Two processes at once", .timeLimit(.minutes(10)))
struct LockTests {
  /// Starts `first`, then at a random moment `second`, and waits for both.
  ///
  /// - Returns: status and words of each.
  private func race(
    _ first: [String], _ second: [String], in scratch: Scratch, delay: Double
  ) throws -> [(status: Int32, error: String)] {
    var processes: [(Process, String)] = []
    for (arguments, folder) in [(first, "one"), (second, "two")] {
      let place = scratch.path(folder)
      try FileManager.default.createDirectory(atPath: place, withIntermediateDirectories: true)
      processes.append((try CommandLineRun.start(arguments, in: place), place))
      if folder == "one" { Thread.sleep(forTimeInterval: delay) }
    }
    return try processes.map { process, place in
      process.waitUntilExit()
      let error = try String(contentsOfFile: place + "/.stderr", encoding: .utf8)
      return (process.terminationStatus, error)
    }
  }

  @Test("two runs on the same outputs: one is refused, and nothing is damaged", arguments: 0..<6)
  func runs(seed: UInt64) throws {
    var generator = SeededGenerator(seed: seed)
    let scratch = try Scratch()
    let slabs = try String(contentsOfFile: examples + "/slabs.extxyz", encoding: .utf8)
    try scratch.write(String(repeating: slabs, count: 4), to: "in.xyz")
    func arguments(_ name: String) -> [String] {
      [
        scratch.path("in.xyz"), "-p", "emt-morse", "-q", "--threads", "2", "--steps", "20", "-o",
        scratch.path(name + ".xyz"), "--trajectory", scratch.path(name + "-path.xyz"), "--summary",
        scratch.path(name + ".jsonl"),
      ]
    }
    let straight = try CommandLineRun(arguments("straight"), in: scratch.folder)
    let more = [[], ["--resume"], ["--overwrite"]][Int(seed % 3)]
    let ends = try race(
      arguments("x"), arguments("x") + more, in: scratch, delay: generator.uniform(0, 0.3))
    let refused = ends.filter { $0.status == 74 }
    // Where the first had ended, the second may go on or begin anew.
    #expect(refused.count == 1 || ends.allSatisfy { $0.status == straight.status })
    for end in refused {
      let isBusy = end.error.contains("another process (")
      #expect(isBusy || end.error.contains("the file exists"), "\(end.error)")
    }
    #expect(ends.contains { $0.status == straight.status })
    let last = try CommandLineRun(arguments("x") + ["--resume"], in: scratch.folder)
    #expect(last.status == straight.status)
    for name in [".xyz", "-path.xyz"] {
      #expect(try scratch.data("x" + name) == scratch.data("straight" + name))
    }
    #expect(try scratch.text("x.jsonl").split(separator: "\n").count == 48)
    let left = try FileManager.default.contentsOfDirectory(atPath: scratch.folder)
    #expect(!left.contains { $0.hasSuffix(".lock") || $0.hasSuffix(".ahead") })
  }

  @Test("a lock of a killed process is taken over, and a running one named")
  func killed() throws {
    let scratch = try Scratch()
    let slabs = try String(contentsOfFile: examples + "/slabs.extxyz", encoding: .utf8)
    try scratch.write(String(repeating: slabs, count: 100), to: "in.xyz")
    let arguments = ["in.xyz", "-p", "emt-morse", "--threads", "1", "-o", "x.xyz", "-q"]
    let process = try CommandLineRun.start(arguments, in: scratch.folder)
    for _ in 0..<1000 where !FileManager.default.fileExists(atPath: scratch.path("x.xyz")) {
      Thread.sleep(forTimeInterval: 0.01)
    }
    let other = try Scratch()
    for command in [
      ["run", scratch.path("in.xyz"), "-p", "emt", "--overwrite", "-o"],
      ["predict", scratch.path("in.xyz"), "-p", "emt", "--overwrite", "-o"],
      ["convert", scratch.path("in.xyz"), "--overwrite"],
    ] {
      let busy = try CommandLineRun(command + [scratch.path("x.xyz")], in: other.folder)
      #expect(busy.status == 74)
      #expect(
        busy.error
          == "relax: \(scratch.path("x.xyz")): another process (\(process.processIdentifier)) is "
          + "writing this file; wait for its end, or choose another name\n")
    }
    kill(process.processIdentifier, SIGKILL)
    process.waitUntilExit()
    let resumed = try CommandLineRun.start(arguments + ["--resume"], in: scratch.folder)
    Thread.sleep(forTimeInterval: 0.1)
    #expect(resumed.isRunning)
    kill(resumed.processIdentifier, SIGKILL)
    resumed.waitUntilExit()
  }

  @Test("two trainings in one folder: one is refused")
  func trainings() throws {
    let scratch = try Scratch()
    let labels = try CommandLineRun(
      ["predict", examples + "/slabs.extxyz", "-p", "emt-morse", "-o", "slabs.extxyz"],
      in: scratch.folder)
    #expect(labels.status == 0)
    try scratch.write(
      """
      model: {architecture: gns, hidden_channels: 4, num_interactions: 1}
      data: {train: slabs.extxyz}
      training: {steps: 60, batch_size: 1, threads: 1, checkpoint_every: 5}
      output: out

      """, to: "c.yaml")
    let arguments = ["train", scratch.path("c.yaml"), "-q", "-o", scratch.path("out")]
    for more in [[], ["--overwrite"], ["--resume"]] {
      let ends = try race(arguments, arguments + more, in: scratch, delay: 0.02)
      let refused = ends.filter { $0.status == 74 }
      #expect(refused.count == 1 || ends.allSatisfy { $0.status == 0 })
      #expect(ends.contains { $0.status == 0 }, "\(ends)")
      #expect(try CommandLineRun(arguments + ["--resume"], in: scratch.folder).status == 0)
      try FileManager.default.removeItem(atPath: scratch.path("out"))
    }
  }
}
