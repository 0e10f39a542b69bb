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
    /// Commands that end by themselves say by their exit status why; the others are ended by the signal.
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
      #expect(process.terminationReason == .exit)
      #expect(process.terminationStatus == (signal == SIGINT ? 130 : 75))
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
    ], [SIGTERM, SIGINT, SIGUSR1])
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

  @Test(
    "what has not taken its name goes with the process",
    arguments: [SIGTERM, SIGINT, SIGUSR1, SIGHUP])
  func unfinished(signal: Int32) throws {
    let slabs = try String(contentsOfFile: examples + "/slabs.extxyz", encoding: .utf8)
    try endReader(
      Case(line: "convert pipe copy.xyz", endsItself: false), of: String(slabs.prefix(4000)),
      by: signal
    ) { $0.contains { $0.hasSuffix(".partial") } }
  }

  // MARK: - Stopping and going on

  @Test("a run that is stopped goes on with --resume and ends with the same bytes")
  func goesOn() throws {
    let scratch = try Scratch()
    let slabs = try String(contentsOfFile: examples + "/slabs.extxyz", encoding: .utf8)
    try scratch.write(String(repeating: slabs, count: 30), to: "in.xyz")
    let run = ["in.xyz", "-p", "emt-morse", "-q", "--threads", "1", "-o"]
    #expect(try CommandLineRun(run + ["whole.xyz"], in: scratch.folder).status == 0)
    for (signal, name) in [(SIGTERM, "SIGTERM"), (SIGUSR1, "SIGUSR1")] {
      let process = try CommandLineRun.start(run + ["\(name).xyz"], in: scratch.folder)
      try waitForFiles(scratch) { $0.contains("\(name).xyz") }
      end(process, by: signal)
      #expect(process.terminationReason == .exit && process.terminationStatus == 75)
      #expect(
        try scratch.text(".stderr")
          == "relax: stopped by \(name); what was finished is written, and the same command with --resume "
          + "goes on\n")
      #expect(
        try CommandLineRun(run + ["\(name).xyz", "--resume"], in: scratch.folder).status == 0)
      #expect(try scratch.text("\(name).xyz") == scratch.text("whole.xyz"))
    }
  }

  @Test("the time limit ends a structure that would never end")
  func limitInside() throws {
    let scratch = try Scratch()
    let run = try CommandLineRun(
      [
        examples + "/slabs.extxyz", "-p", "emt-morse", "--optimizer", "fire", "--fmax", "0",
        "--steps",
        "1000000000", "--time-limit", "1s",
      ], in: scratch.folder)
    #expect(run.status == 75)
    #expect(
      run.error.hasSuffix(
        "relax: stopped after --time-limit 1s; what was finished is written, and the same command with "
          + "--resume goes on\n"))
    #expect(run.output.contains("the run was stopped after --time-limit 1s"))
  }

  @Test("the time limit ends the wait for a pipe, too")
  func limitOfPipe() throws {
    let scratch = try Scratch()
    try #require(mkfifo(scratch.path("pipe"), 0o600) == 0)
    let run = try CommandLineRun(
      ["sample", "pipe", "-p", "emt", "-o", "set", "--time-limit", "1s"], in: scratch.folder)
    #expect(run.status == 75)
    #expect(
      run.error
        == "relax: stopped after --time-limit 1s; nothing of it is kept, since half a set is of "
        + "no use\n")
  }

  @Test(
    "what does not hear is cut off after some seconds, and at once by a second signal",
    arguments: [
      ([SIGTERM], 75, "stopped by SIGTERM, in work that cannot stop in time; "),
      ([SIGUSR1, SIGINT], 75, "stopped by SIGUSR1 at once; "),
      ([SIGINT, SIGINT], 130, "interrupted at once; "),
    ] as [([Int32], Int32, String)])
  func deaf(signals: [Int32], status: Int32, words: String) throws {
    let scratch = try Scratch()
    // Nobody reads the table: its writer waits for ever.
    try #require(mkfifo(scratch.path("pipe"), 0o600) == 0)
    let pipe = open(scratch.path("pipe"), O_RDWR | O_NONBLOCK)
    let filling = [UInt8](repeating: 0, count: 4096)
    while write(pipe, filling, filling.count) > 0 {}
    _ = fcntl(pipe, F_SETFL, 0)
    defer { close(pipe) }
    let process = try CommandLineRun.start(
      [examples + "/slabs.extxyz", "-p", "emt-morse"], in: scratch.folder,
      output: FileHandle(fileDescriptor: pipe, closeOnDealloc: false))
    try waitForFiles(scratch) { $0.contains("relaxed.extxyz") }
    for signal in signals {
      kill(process.processIdentifier, signal)
      // Not as an echo of the first.
      Thread.sleep(forTimeInterval: 0.5)
    }
    for _ in 0..<600 where process.isRunning { Thread.sleep(forTimeInterval: 0.1) }
    if process.isRunning { kill(process.processIdentifier, SIGKILL) }
    process.waitUntilExit()
    #expect(process.terminationReason == .exit && process.terminationStatus == status)
    let error = try scratch.text(".stderr")
    #expect(
      error.hasSuffix(
        "relax: \(words)what was finished is written, and the same command with --resume goes on\n"),
      "\(error)")
  }
}
