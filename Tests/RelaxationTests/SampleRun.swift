// SPDX-License-Identifier: MIT

import Files
import Foundation
import TestSupport

@testable import Relaxation

/// A run of structures whose outputs are a few words each, for tests of what becomes of files.
struct SampleRun {
  let settings = [RecordedSetting("fmax", "0.01"), RecordedSetting("input", "a.xyz\t10\nbytes\\")]
  static let names = ["relaxed", "trajectory", "summary"]

  func paths(_ scratch: Scratch) -> RunPaths {
    RunPaths(
      relaxed: scratch.path("relaxed"), trajectory: scratch.path("trajectory"),
      summary: scratch.path("summary"))
  }

  func output(
    in scratch: Scratch, start: RunStart = .new, syncs: Duration = RunOutput.syncInterval
  ) throws -> RunOutput {
    try RunOutput(paths(scratch), start: start, settings: settings, syncInterval: syncs)
  }

  func structure(
    _ index: Int, _ scratch: Scratch, status: RelaxationStatus = .converged
  ) throws -> FinishedStructure {
    var spool = ByteSpool(destination: scratch.path("trajectory"), compression: .none)
    try spool.write { $0 += Array("t\(index) first\nt\(index) last\n".utf8) }
    try spool.seal()
    return FinishedStructure(
      index: index, status: status, steps: index, evaluations: index + 1,
      relaxed: Array("relaxed \(index)\n".utf8), trajectory: spool,
      summary: "{\"index\": \(index)}")
  }

  func contents(_ scratch: Scratch) throws -> [String] {
    try SampleRun.names.map(scratch.text)
  }

  func expected(_ count: Int) -> [String] {
    [
      (0..<count).map { "relaxed \($0)\n" }.joined(),
      (0..<count).map { "t\($0) first\nt\($0) last\n" }.joined(),
      (0..<count).map { "{\"index\": \($0)}\n" }.joined(),
    ]
  }

  /// Names in the folder that begin with a point.
  static func hidden(_ scratch: Scratch) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: scratch.folder)
      .filter { $0.hasPrefix(".") }.sorted()
  }

  /// All files of a run as they are now, by name.
  static func files(_ scratch: Scratch) throws -> [String: [UInt8]] {
    var files: [String: [UInt8]] = [:]
    for name in try FileManager.default.contentsOfDirectory(atPath: scratch.folder) {
      files[name] = Array(try scratch.data(name))
    }
    return files
  }
}
