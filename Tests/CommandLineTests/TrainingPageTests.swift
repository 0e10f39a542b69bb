// SPDX-License-Identifier: MIT

import Foundation
import TestSupport
import Testing

/// docs/training.md, followed by the letter but for the number of steps.
@Suite("The page about training") struct TrainingPageTests {
  private static let page = URL(fileURLWithPath: examples).deletingLastPathComponent()
    .appendingPathComponent("docs/training.md").path

  /// The blocks of shell commands, in order.
  private static func blocks() throws -> [String] {
    var blocks: [String] = []
    var isInside = false
    for line in try String(contentsOfFile: page, encoding: .utf8).components(separatedBy: "\n") {
      if line.hasPrefix("```") {
        isInside = line == "```sh"
        if isInside { blocks.append("") }
      } else if isInside {
        blocks[blocks.count - 1] += line + "\n"
      }
    }
    return blocks
  }

  @Test("every command on it works, and ten frames with a new element are learned")
  func commands() throws {
    let scratch = try Scratch()
    try FileManager.default.createSymbolicLink(
      atPath: scratch.path("examples"), withDestinationPath: examples)
    let blocks = try Self.blocks()
    #expect(blocks.count == 5)
    var script = """
      set -eu
      # 3 says that some structure did not converge, which may happen.
      relax() { '\(CommandLineRun.executable)' "$@" || [ $? -eq 3 ]; }

      """
    for block in blocks {
      script += block.replacing("steps: 400", with: "steps: 30").replacing(
        "threads: 2", with: "threads: 1")
    }
    try scratch.write(script, to: "page.sh")
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/bin/sh")
    process.arguments = ["page.sh"]
    process.currentDirectoryURL = URL(fileURLWithPath: scratch.folder)
    let pipe = Pipe()
    (process.standardOutput, process.standardError) = (pipe, pipe)
    try process.run()
    let output = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    #expect(process.terminationStatus == 0, "\(output)")
    #expect(output.contains("0.1055   0.0806"), "the baselines that the page names")
    #expect(output.contains("ADwT"))
    for run in ["run-na", "run-na-tuned"] {
      let info = try CommandLineRun(
        ["model", "info", "\(run)/model.safetensors"], in: scratch.folder)
      #expect(info.output.contains(" Na "), "\(run)")
    }
  }
}
