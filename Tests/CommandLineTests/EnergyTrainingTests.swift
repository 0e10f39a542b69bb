// SPDX-License-Identifier: MIT

import Foundation
import TestSupport
import Testing

/// What `relax train` makes of energies, as a user sees it.
@Suite("Training on energies, from the command line") struct EnergyTrainingTests {
  /// A folder with the example's frames and reference energies of `reference` eV.
  private static func frames(_ scratch: Scratch, _ folder: String, reference: String) throws {
    let files = FileManager.default
    try files.createDirectory(
      atPath: scratch.path(folder), withIntermediateDirectories: true)
    let frames = try String(
      contentsOfFile: examples + "/na-on-al100.extxyz", encoding: .utf8)
    try scratch.write(frames, to: folder + "/0.extxyz")
    let count = frames.split(separator: "\n").filter { $0.hasPrefix("Lattice") }.count
    try scratch.write(
      (0..<count).map { "na-on-al100,frame\($0),\(reference)\n" }.joined(), to: folder + "/0.txt")
  }

  /// Trains a tiny SchNet into folder `output`.
  private static func train(
    _ scratch: Scratch, _ output: String, on folder: String, from model: String? = nil,
    data: String = "", training: String = ""
  ) throws -> CommandLineRun {
    let network =
      model.map { "{from: \($0)}" }
      ?? "{architecture: schnet, hidden_channels: 4, num_filters: 4, num_interactions: 1, "
      + "num_gaussians: 5, cutoff: 4.0}"
    try scratch.write(
      """
      model: \(network)
      data: {train: [\(folder)], validation: {frames: \(folder)}\(data)}
      training: {steps: 2, batch_size: 2, threads: 1\(training)}
      output: \(output)

      """, to: output + ".yaml")
    return try CommandLineRun(["train", output + ".yaml"], in: scratch.folder)
  }

  private static func info(_ scratch: Scratch, _ output: String) throws -> String {
    try CommandLineRun(["model", "info", output + "/model.safetensors"], in: scratch.folder)
      .output
  }

  @Test(
    "energies are adsorption energies where references are given, and 0 is none",
    arguments: [("-3.5", "adsorption energies"), ("0.0", "total energies")])
  func references(_ reference: String, _ words: String) throws {
    let scratch = try Scratch()
    try Self.frames(scratch, "frames", reference: reference)
    let run = try Self.train(scratch, "run", on: "frames")
    #expect(run.status == 0, "\(run.error)")
    #expect(run.error.contains("energy MAE frames"))
    #expect(try Self.info(scratch, "run").contains(words))
  }

  @Test("a model that goes on with energies of another kind is warned of")
  func kinds() throws {
    let scratch = try Scratch()
    try Self.frames(scratch, "adsorption", reference: "-3.5")
    try Self.frames(scratch, "total", reference: "0.0")
    #expect(try Self.train(scratch, "first", on: "adsorption").status == 0)
    let model = "first/model.safetensors"
    func isWarned(_ run: CommandLineRun) -> Bool {
      run.error.contains("warning: ")
        && run.error.contains("\(model) learned adsorption energies, these are total ones")
    }
    let second = try Self.train(scratch, "second", on: "total", from: model)
    #expect(second.status == 0 && isWarned(second), "\(second.error)")
    let third = try Self.train(
      scratch, "third", on: "total", from: model, data: ", energy_shift: auto")
    #expect(third.status == 0 && !third.error.contains("warning"), "\(third.error)")
    let fourth = try Self.train(scratch, "fourth", on: "adsorption", from: model)
    #expect(fourth.status == 0 && !fourth.error.contains("warning"), "\(fourth.error)")
  }

  @Test("a model that was trained on forces alone is warned of, but where energies count nothing")
  func forcesAlone() throws {
    let scratch = try Scratch()
    try Self.frames(scratch, "frames", reference: "0.0")
    let first = try Self.train(scratch, "first", on: "frames", training: ", energy_weight: 0")
    #expect(first.status == 0 && !first.error.contains("warning"), "\(first.error)")
    let model = "first/model.safetensors"
    let second = try Self.train(scratch, "second", on: "frames", from: model)
    #expect(second.status == 0, "\(second.error)")
    #expect(second.error.contains("\(model) was not trained on energies"), "\(second.error)")
    let third = try Self.train(
      scratch, "third", on: "frames", from: model, training: ", energy_weight: 0")
    #expect(third.status == 0 && !third.error.contains("warning"), "\(third.error)")
  }

  @Test("nothing to learn is an error: no energies, and no weight on forces")
  func nothing() throws {
    let scratch = try Scratch()
    try scratch.write(
      """
      2
      Lattice="4 0 0 0 4 0 0 0 4" Properties=species:S:1:pos:R:3:forces:R:3 pbc="T T T"
      Na 0 0 0 0.1 0 0
      Na 2 2 2 -0.1 0 0

      """, to: "frames.extxyz")
    let run = try Self.train(
      scratch, "run", on: "frames.extxyz", training: ", force_weight: 0")
    #expect(run.status == 65 && run.error.contains("there is nothing to learn"), "\(run.error)")
  }

  @Test("a checkpoint in a model's place is named, with what makes a model of it")
  func checkpoint() throws {
    let scratch = try Scratch()
    for name in ["schnet_trainer_normalised", "schnet_legacy_pickle_format"] {
      let run = try CommandLineRun(
        ["model", "info", ReferenceData.path("checkpoints/\(name).pt")], in: scratch.folder)
      #expect(run.status == 65 && run.error.contains("`relax model import`"), "\(run.error)")
    }
  }
}
