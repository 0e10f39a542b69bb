// SPDX-License-Identifier: MIT

import Foundation
import TestSupport
import Testing

/// What commands do when they are asked to end.
@Suite("Signals")
struct SignalTests {
  /// A command and how it ends.
  struct Case: Sendable, CustomTestStringConvertible {
    var line: String
    /// Exit status 130 for commands that end by themselves; else the signal ends them.
    var endsItself: Bool
    var testDescription: String { line }
  }

  /// Whoever runs the tests may have them ignore these, as `nohup` does, and what they start would too.
  init() { for number in [SIGINT, SIGHUP] { signal(number, SIG_DFL) } }

  /// Starts a command in a new folder with a pipe that somebody could write to.
  ///
  /// It may read `text`, and is ended by `signal` once `isThere` holds for the files in the folder. Nothing but
  /// the pipe may be left.
  private func endReader(
    _ test: Case, of text: String = "", by signal: Int32, once isThere: ([String]) -> Bool
  ) throws {
    let scratch = try Scratch()
    try #require(mkfifo(scratch.path("pipe"), 0o600) == 0)
    let writer = open(scratch.path("pipe"), O_RDWR)
    defer { close(writer) }
    let bytes = Array(text.utf8)
    #expect(write(writer, bytes, bytes.count) == bytes.count)
    let process = try CommandLineRun.start(
      test.line.split(separator: " ").map(String.init), in: scratch.folder)
    try waitForFiles(scratch, isThere)
    end(process, by: signal)
    expect(test, process, signal)
    let names = try FileManager.default.contentsOfDirectory(atPath: scratch.folder)
    #expect(names.filter { !$0.hasPrefix(".std") } == ["pipe"])
  }

  /// Ends `process` by `signal`, or, if it does not listen, for good.
  private func end(_ process: Process, by signal: Int32) {
    kill(process.processIdentifier, signal)
    for _ in 0..<600 where process.isRunning { Thread.sleep(forTimeInterval: 0.1) }
    if process.isRunning { kill(process.processIdentifier, SIGKILL) }
    process.waitUntilExit()
  }

  private func expect(_ test: Case, _ process: Process, _ signal: Int32) {
    if test.endsItself {
      #expect(process.terminationReason == .exit && process.terminationStatus == 130)
    } else {
      #expect(
        process.terminationReason == .uncaughtSignal && process.terminationStatus == signal)
    }
  }

  private func waitForFiles(_ scratch: Scratch, _ isThere: ([String]) -> Bool) throws {
    for _ in 0..<3000 {
      if isThere(try FileManager.default.subpathsOfDirectory(atPath: scratch.folder)) { return }
      Thread.sleep(forTimeInterval: 0.01)
    }
    Issue.record("it has not begun")
  }

  @Test(
    "commands that wait for a pipe hear them, and leave nothing",
    arguments: [
      Case(line: "run pipe -p emt -q", endsItself: true),
      Case(line: "sample pipe -p emt -q -o set", endsItself: true),
      Case(line: "predict pipe -p emt -q -o labels.xyz", endsItself: false),
      Case(line: "convert pipe copy.xyz", endsItself: false),
    ], [SIGTERM, SIGINT])
  func pipes(test: Case, signal: Int32) throws {
    try endReader(test, by: signal) { $0.contains { $0.hasSuffix(".lock") } }
  }

  @Test(
    "one long structure does not keep a sampling from hearing them",
    arguments: ["--rattled 10000", "--rattled 0 --md-every 1 --md-steps 10000000 --md-keep 10000"])
  func sampling(options: String) throws {
    let scratch = try Scratch()
    let test = Case(
      line: "sample \(examples)/slabs.extxyz -p emt-morse -q -o set --threads 1 " + options,
      endsItself: true)
    let process = try CommandLineRun.start(
      test.line.split(separator: " ").map(String.init), in: scratch.folder)
    try waitForFiles(scratch) { $0.contains("set/.lock") }
    end(process, by: SIGTERM)
    expect(test, process, SIGTERM)
    // Neither half a set nor the folder that was made for it.
    #expect(!FileManager.default.fileExists(atPath: scratch.path("set")))
  }

  @Test("what has not taken its name goes with the process", arguments: [SIGTERM, SIGINT, SIGHUP])
  func unfinished(signal: Int32) throws {
    let slabs = try String(contentsOfFile: examples + "/slabs.extxyz", encoding: .utf8)
    try endReader(
      Case(line: "convert pipe copy.xyz", endsItself: false), of: String(slabs.prefix(4000)),
      by: signal
    ) { $0.contains { $0.hasSuffix(".partial") } }
  }
}
