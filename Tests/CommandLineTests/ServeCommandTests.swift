// SPDX-License-Identifier: MIT

import Foundation
import TestSupport
import Testing

/// `relax serve` and a server that says a few bytes.
@Suite("relax serve")
struct ServeCommandTests {
  private static let slab = """
    2
    sid=a Lattice="5 0 0 0 5 0 0 0 20" Properties=species:S:1:pos:R:3 pbc="T T T"
    Cu 0 0 0
    Cu 0.1 0.2 2.2

    """

  /// Runs it against a server that says `words` and hangs up after as many bytes of answers as `expected` has.
  private func serve(_ words: String, expecting expected: String = "") throws -> CommandLineRun {
    let scratch = try Scratch()
    try scratch.write(Self.slab, to: "in.xyz")
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: scratch.path("s").utf8) }
    #if os(Linux)
      let listener = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
    #else
      let listener = socket(AF_UNIX, SOCK_STREAM, 0)
    #endif
    defer { close(listener) }
    let bound = withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(listener, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
    #expect(bound == 0 && listen(listener, 1) == 0)
    Thread.detachNewThread {
      let client = accept(listener, nil, nil)
      defer { close(client) }
      let bytes = Array(words.utf8)
      _ = write(client, bytes, bytes.count)
      var answers: [UInt8] = []
      while answers.count < expected.utf8.count {
        var buffer = [UInt8](repeating: 0, count: 100)
        let count = read(client, &buffer, buffer.count)
        guard count > 0 else { break }
        answers += buffer[..<count]
      }
      #expect(String(decoding: answers, as: UTF8.self) == expected)
    }
    return try CommandLineRun(
      ["serve", "in.xyz", "-p", "emt", "--unix", scratch.path("s")], in: scratch.folder)
  }

  @Test("the end of the server's words is the end without an error, and nothing is printed")
  func ends() throws {
    for (words, answer) in [
      ("EXIT        ", ""), ("", ""), ("STATUS      ", "READY       "),
    ] {
      let run = try serve(words, expecting: answer)
      #expect(run.status == 0 && run.output.isEmpty && run.error.isEmpty, "\(run.error)")
    }
  }

  @Test(
    "what cannot be understood ends with 65 and a line",
    arguments: [
      ("STAT", "relax: the server: it closed the connection inside a message\n"),
      ("HELLO       ", "relax: the server: it says `HELLO`, which no driver understands\n"),
      (
        "GETFORCE    ",
        "relax: the server: it asks for forces (GETFORCE) before it gave positions\n"
      ),
    ])
  func faults(words: String, message: String) throws {
    let run = try serve(words)
    #expect(run.status == 65 && run.output.isEmpty)
    #expect(run.error == message)
  }

  @Test("a driver answers for one structure")
  func several() throws {
    let scratch = try Scratch()
    try scratch.write(Self.slab + Self.slab, to: "in.xyz")
    let run = try CommandLineRun(
      ["serve", "in.xyz", "-p", "emt", "--unix", "none"], in: scratch.folder)
    #expect(run.status == 65 && run.error.contains("--select"), "\(run.error)")
  }
}
