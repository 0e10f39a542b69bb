// SPDX-License-Identifier: MIT

import Foundation
import TestSupport
import Testing

/// A command that must be refused, and what its user gets.
struct WrongCommand: Sendable, CustomTestStringConvertible {
  /// Separated by blanks.
  var arguments: String
  /// Replaced in the suite's configuration, by `new`; nothing if empty.
  var old = ""
  var new = ""
  var status: Int32
  /// The first line of standard error: the whole of it where the words are ours.
  var message: String?
  /// What the first line must name where the words are those of the argument parser, which may change.
  var mentions: [String] = []
  var environment: [String: String] = [:]

  var testDescription: String { new.isEmpty ? arguments : "\(arguments) \(new)" }

  init(
    arguments: String, old: String = "", new: String = "", status: Int32, message: String,
    environment: [String: String] = [:]
  ) {
    (self.arguments, self.old, self.new) = (arguments, old, new)
    (self.status, self.message, self.environment) = (status, message, environment)
  }

  init(arguments: String, status: Int32 = 64, mentions: [String]) {
    (self.arguments, self.status, self.mentions) = (arguments, status, mentions)
  }

  /// Runs it in the scratch folder: it ends as it must, prints nothing but why, in a line unless the
  /// usage follows, and leaves nothing behind, hidden files included.
  func check(in scratch: Scratch) throws {
    func files() throws -> Set<String> {
      Set(try FileManager.default.subpathsOfDirectory(atPath: scratch.folder))
        .subtracting([".stdout", ".stderr"])
    }
    let before = try files()
    let run = try CommandLineRun(
      arguments.split(separator: " ").map(String.init), in: scratch.folder,
      environment: environment)
    let lines = run.error.split(separator: "\n").map(String.init)
    #expect(run.status == status)
    if let message { #expect(lines.first == message) }
    for part in mentions { #expect(lines.first?.contains(part) == true, "\(lines)") }
    if status != 64 { #expect(lines.count == 1, "\(lines)") }
    #expect(run.output == "")
    #expect(try files() == before, "a refused command leaves nothing behind")
  }
}
