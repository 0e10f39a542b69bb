// SPDX-License-Identifier: MIT

import Foundation
import TestSupport
import Testing

/// docs/public-checkpoints.md, with small checkpoints in the layout of the official trainer's.
@Suite("The page about public checkpoints") struct CheckpointPageTests {
  private static let page = URL(fileURLWithPath: examples).deletingLastPathComponent()
    .appendingPathComponent("docs/public-checkpoints.md")

  @Test(
    "its three commands go from a checkpoint to scores",
    arguments: ["schnet_trainer_normalised", "schnet_legacy_pickle_format"])
  func commands(checkpoint: String) throws {
    let scratch = try Scratch()
    let files = FileManager.default
    try files.copyItem(
      atPath: ReferenceData.path("checkpoints/\(checkpoint).pt"),
      toPath: scratch.path("schnet_all_large.pt"))
    try files.copyItem(atPath: examples + "/slabs.extxyz", toPath: scratch.path("slabs.extxyz"))
    try files.copyItem(atPath: examples + "/reference.extxyz", toPath: scratch.path("dft.extxyz"))
    let lines = try String(contentsOf: Self.page, encoding: .utf8).split(separator: "\n")
      .filter { $0.hasPrefix("relax ") }
    #expect(lines.count == 3)
    for line in lines {
      let run = try CommandLineRun(
        line.split(separator: " ").dropFirst().map(String.init), in: scratch.folder)
      // 3 says that some structure did not converge.
      #expect([0, 3].contains(run.status), "\(line): \(run.error)")
      if line.contains("score") { #expect(run.output.contains("ADwT")) }
    }
    let info = try CommandLineRun(["model", "info", "schnet.safetensors"], in: scratch.folder)
    // They were trained with no weight on energies.
    #expect(info.output.contains("none: they were not trained"))
  }

  @Test("a model that no provider can run is refused at import, by name")
  func refused() throws {
    let scratch = try Scratch()
    try scratch.write(
      #"{"model": "schnet", "config": {"use_pbc": false}}"#, to: "config.json")
    let state = ReferenceData.path("checkpoints/schnet_trainer_normalised.safetensors")
    let run = try CommandLineRun(
      ["model", "import", state, "--config", "config.json", "-o", "m"], in: scratch.folder)
    #expect(run.status == 65)
    #expect(run.error.contains("use_pbc of schnet is false"))
    #expect(!FileManager.default.fileExists(atPath: scratch.path("m")))
    try scratch.write(#"{"model": "gemnet_t", "config": {}}"#, to: "other.json")
    let other = try CommandLineRun(
      ["model", "import", state, "--config", "other.json", "-o", "m"], in: scratch.folder)
    #expect(other.status == 65 && other.error.contains("there is no network `gemnet_t`"))
  }
}
