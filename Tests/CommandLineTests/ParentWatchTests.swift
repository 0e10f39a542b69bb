// SPDX-License-Identifier: MIT

import Foundation
import TestSupport
import Testing

/// What commands do when the program that started them is gone.
@Suite("The end of a parent")
struct ParentWatchTests {
  /// Starts a command that waits for a pipe, or computes, with another pipe for its standard input, which it watches;
  /// closes that once `isThere` holds for the files in its folder.
  private func end(_ line: String, once isThere: ([String]) -> Bool) throws -> Process {
    let scratch = try Scratch()
    for name in ["pipe", "life"] { try #require(mkfifo(scratch.path(name), 0o600) == 0) }
    // Programs that other tests start must not inherit them.
    let other = open(scratch.path("pipe"), O_RDWR | O_CLOEXEC)
    let life = open(scratch.path("life"), O_RDWR | O_CLOEXEC)
    defer { close(other) }
    let process = try CommandLineRun.start(
      line.split(separator: " ").map(String.init), in: scratch.folder,
      environment: ["RELAX_PARENT_FD": "0"], input: "life")
    for _ in 0..<3000 {
      if isThere(try FileManager.default.subpathsOfDirectory(atPath: scratch.folder)) { break }
      Thread.sleep(forTimeInterval: 0.01)
    }
    #expect(process.isRunning)
    close(life)
    for _ in 0..<600 where process.isRunning { Thread.sleep(forTimeInterval: 0.1) }
    if process.isRunning { kill(process.processIdentifier, SIGKILL) }
    process.waitUntilExit()
    return process
  }

  @Test("ends a command that waits, as SIGTERM does")
  func waiting() throws {
    let run = try end("run pipe -p emt -q") { $0.contains { $0.hasSuffix(".lock") } }
    #expect(run.terminationReason == .exit && run.terminationStatus == 75)
    let predict = try end("predict pipe -p emt -q -o a.xyz") {
      $0.contains { $0.hasSuffix(".lock") }
    }
    #expect(
      predict.terminationReason == .uncaughtSignal && predict.terminationStatus == SIGTERM)
  }

  @Test("ends a structure that would never end")
  func computing() throws {
    let run = try end(
      "\(examples)/slabs.extxyz -p emt-morse -q --optimizer fire --fmax 0 --steps 1000000000"
    ) { $0.contains { $0.hasSuffix(".journal") } }
    #expect(run.terminationReason == .exit && run.terminationStatus == 75)
  }

  @Test("a command whose parent lives ends by itself", arguments: ["0"])
  func living(number: String) throws {
    let scratch = try Scratch()
    try #require(mkfifo(scratch.path("life"), 0o600) == 0)
    let life = open(scratch.path("life"), O_RDWR | O_CLOEXEC)
    defer { close(life) }
    let run = try CommandLineRun(
      ["info", examples + "/slabs.extxyz"], in: scratch.folder,
      environment: ["RELAX_PARENT_FD": number], input: "life")
    #expect(run.status == 0 && run.error.isEmpty)
  }

  @Test("what is no open descriptor is refused", arguments: ["x", "-1", "987654"])
  func refuses(text: String) throws {
    let run = try CommandLineRun(
      ["info", examples + "/slabs.extxyz"], in: NSTemporaryDirectory(),
      environment: ["RELAX_PARENT_FD": text])
    #expect(run.status == 64)
    #expect(
      run.error
        == "relax: RELAX_PARENT_FD=\(text): the number of an open descriptor is needed, the "
        + "reading end of a pipe from the program that starts relax\n")
  }
}
