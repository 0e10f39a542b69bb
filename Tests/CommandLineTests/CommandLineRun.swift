// SPDX-License-Identifier: MIT

import Foundation

/// Runs the built `relax` as a user does.
struct CommandLineRun {
  var status: Int32
  var output: String
  var error: String

  /// The executable beside the test bundle.
  static let executable: String = {
    let bundle =
      CommandLine.arguments.first { $0.contains(".xctest") }
      ?? (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
    var folder = URL(fileURLWithPath: bundle)
    while folder.path != "/" {
      folder.deleteLastPathComponent()
      let candidate = folder.appendingPathComponent("relax").path
      if FileManager.default.isExecutableFile(atPath: candidate) { return candidate }
    }
    return "relax"
  }()

  /// Runs `relax` with `arguments` in `folder`, reading from the file `input`, and waits for its end.
  init(
    _ arguments: [String], in folder: String, environment: [String: String] = [:],
    input: String? = nil
  ) throws {
    let process = try CommandLineRun.start(
      arguments, in: folder, environment: environment, input: input)
    process.waitUntilExit()
    status = process.terminationStatus
    output = try CommandLineRun.read(folder + "/.stdout")
    error = try CommandLineRun.read(folder + "/.stderr")
  }

  /// Starts `relax` with its streams going to files in `folder`, or its standard output to `output`.
  static func start(
    _ arguments: [String], in folder: String, environment: [String: String] = [:],
    input: String? = nil, output: FileHandle? = nil
  ) throws -> Process {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: executable)
    process.arguments = arguments
    process.currentDirectoryURL = URL(fileURLWithPath: folder)
    process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
    for (name, isError) in [(".stdout", false), (".stderr", true)] {
      try Data().write(to: URL(fileURLWithPath: folder + "/" + name))
      let handle = try FileHandle(forWritingTo: URL(fileURLWithPath: folder + "/" + name))
      if isError { process.standardError = handle } else { process.standardOutput = handle }
    }
    if let output { process.standardOutput = output }
    process.standardInput =
      try input.map { try FileHandle(forReadingFrom: URL(fileURLWithPath: folder + "/" + $0)) }
      ?? FileHandle.nullDevice
    try process.run()
    return process
  }

  private static func read(_ path: String) throws -> String {
    String(decoding: try Data(contentsOf: URL(fileURLWithPath: path)), as: UTF8.self)
  }
}

/// Where the package's examples are.
let examples = URL(fileURLWithPath: #filePath)
  .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
  .appendingPathComponent("examples").path
