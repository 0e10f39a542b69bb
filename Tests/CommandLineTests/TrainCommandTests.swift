// SPDX-License-Identifier: MIT

import Foundation
import TestSupport
import Testing

@Suite("relax train")
struct TrainCommandTests {
  /// The example slabs with the forces of emt-morse, and a configuration to learn them.
  private func prepared(steps: Int, model: String = TrainCommandTests.small) throws -> Scratch {
    let scratch = try Scratch()
    let run = try CommandLineRun(
      ["predict", examples + "/slabs.extxyz", "-p", "emt-morse", "-o", "slabs.extxyz"],
      in: scratch.folder)
    #expect(run.status == 0)
    try scratch.write(
      """
      model: \(model)
      data:
        train: [slabs.extxyz]
        validation: {slabs: {path: slabs.extxyz, limit: 4}}
      training:
        steps: \(steps)
        batch_size: 2
        learning_rate: 2.0e-3
        seed: 3
        threads: 2
        eval_every: 20
        report_every: 5
      output: out

      """, to: "c.yaml")
    return scratch
  }

  private static let small =
    "{architecture: forcenet, hidden_channels: 8, decoder_hidden_channels: 8, num_interactions: 1}"
  private static let schNet =
    "{architecture: schnet, hidden_channels: 12, num_filters: 8, num_interactions: 2, num_gaussians: 20}"
  private static let dimeNet =
    "{architecture: dimenetplusplus, hidden_channels: 8, out_emb_channels: 8, int_emb_size: 4, "
    + "basis_emb_size: 2, num_blocks: 1, cutoff: 4, angles: full}"

  private func results(_ scratch: Scratch, _ folder: String) throws -> [Data] {
    try ["model.safetensors", "last.safetensors", "metrics.jsonl", "checkpoint", "config.yaml"]
      .map { try scratch.data(folder + "/" + $0) }
  }

  private func train(_ arguments: String, _ scratch: Scratch) throws -> CommandLineRun {
    try CommandLineRun(
      ["train", "c.yaml"] + arguments.split(separator: " ").map(String.init), in: scratch.folder)
  }

  /// Waits until `count` lines of metrics are there.
  private func wait(for count: Int, _ scratch: Scratch, _ folder: String) throws {
    for _ in 0..<6000 {
      if let text = try? scratch.text(folder + "/metrics.jsonl"),
        text.split(separator: "\n").count >= count
      {
        return
      }
      Thread.sleep(forTimeInterval: 0.01)
    }
    Issue.record("no \(count) lines of metrics")
  }

  private struct Line: Decodable {
    var step: Int
    var loss: Double
    var validation: [String: Double]?
    var validation_energy: [String: Double]?
    var validation_zero: [String: Double]?
    var validation_median: [String: Double]?
    var validation_by_element: [String: [String: Double]]?
  }

  @Test(
    "a network learns, and its best model is what relax evaluate says",
    arguments: [
      small, "{architecture: gns, hidden_channels: 8, num_interactions: 1}",
      schNet, dimeNet,
    ])
  func learns(model: String) throws {
    let scratch = try prepared(steps: 200, model: model)
    let run = try train("", scratch)
    #expect(run.status == 0)
    #expect(run.output.hasPrefix("trained for 200 steps\nbest force MAE "))
    let lines = try scratch.text("out/metrics.jsonl").split(separator: "\n").map {
      try JSONDecoder().decode(Line.self, from: Data($0.utf8))
    }
    #expect(lines.map(\.step) == Array(stride(from: 5, through: 200, by: 5)))
    let early = lines.prefix(4).reduce(0) { $0 + $1.loss }
    let late = lines.suffix(4).reduce(0) { $0 + $1.loss }
    #expect(late < 0.85 * early)
    let errors = lines.compactMap { $0.validation?["slabs"] }
    let best = try #require(errors.min())
    let page = try scratch.text("out/report.html")
    #expect(page.contains("Force MAE on slabs") && page.contains("batch_size: 2"))
    // The four frames of the validation set: 0, 3, 6 and 9.
    let names = ["gns", "forcenet", "schnet", "dimenetplusplus"]
    let name = try #require(names.first { model.contains($0) })
    let evaluation = try CommandLineRun(
      [
        "evaluate", "slabs.extxyz", "-p", "\(name):model=out/model.safetensors", "--limit", "4",
        "--json", "-",
      ], in: scratch.folder)
    #expect(evaluation.status == 0)
    let json = try #require(
      JSONSerialization.jsonObject(with: Data(evaluation.output.utf8)) as? [String: Any])
    let split = try #require((json["splits"] as? [[String: Any]])?.first)
    #expect(abs(try #require(split["force_mae"] as? Double) - best) < 1e-7)
    let judged = try #require(lines.last { $0.validation != nil })
    for (found, name) in [
      (judged.validation_zero, "baseline_zero_force_mae"),
      (judged.validation_median, "baseline_median_force_mae"),
    ] {
      let expected = try #require(split[name] as? Double)
      #expect(abs(try #require(found?["slabs"]) - expected) < 1e-6)
    }
    let byElement = try #require(judged.validation_by_element?["slabs"])
    let overall = try #require(judged.validation?["slabs"])
    let (least, most) = (byElement.values.min() ?? .nan, byElement.values.max() ?? .nan)
    #expect(least <= overall && overall <= most && byElement.count > 1)
    let energies = lines.compactMap { $0.validation_energy?["slabs"] }
    guard ["schnet", "dimenetplusplus"].contains(name) else {
      #expect(energies.isEmpty)
      return
    }
    // Energies are learned beside forces, less an energy an atom of each element.
    let ofBest = try #require(zip(errors, energies).min { $0.0 < $1.0 }?.1)
    #expect(abs(try #require(split["energy_mae"] as? Double) - ofBest) < 1e-6)
    #expect(energies.count == errors.count && ofBest < energies[0])
    let info = try CommandLineRun(
      ["model", "info", "out/model.safetensors"], in: scratch.folder)
    #expect(info.output.contains("an energy an atom of each element"))
  }

  @Test("energies of ForceNet are learned where they are asked for")
  func energiesOfForceNet() throws {
    let scratch = try prepared(steps: 120)
    let text = try scratch.text("c.yaml")
    try scratch.write(
      text.replacing("  seed: 3", with: "  energy_weight: 0.1\n  best_by: energy\n  seed: 3"),
      to: "c.yaml")
    let run = try train("", scratch)
    #expect(run.status == 0)
    #expect(run.output.hasPrefix("trained for 120 steps\nbest energy MAE "))
    let energies = try scratch.text("out/metrics.jsonl").split(separator: "\n").compactMap {
      try JSONDecoder().decode(Line.self, from: Data($0.utf8)).validation_energy?["slabs"]
    }
    #expect(energies.count == 6 && energies[5] < energies[0])
    let found = try CommandLineRun(
      [
        "evaluate", "slabs.extxyz", "-p", "forcenet:model=out/model.safetensors,turns=1", "--limit",
        "4",
        "--json", "-",
      ], in: scratch.folder)
    let json = try #require(
      JSONSerialization.jsonObject(with: Data(found.output.utf8)) as? [String: Any])
    let split = try #require((json["splits"] as? [[String: Any]])?.first)
    let best = try #require(energies.min())
    #expect(abs(try #require(split["energy_mae"] as? Double) - best) < 1e-6)
  }

  @Test("a model knows what it was trained on, also after it was trained further")
  func trainedElements() throws {
    let scratch = try prepared(steps: 2)
    #expect(try train("", scratch).status == 0)
    let model = "forcenet:model=out/model.safetensors"
    try scratch.write(
      """
      2
      Properties=species:S:1:pos:R:3:forces:R:3 sid=zinc pbc="F F F"
      Zn 0 0 0 0 0 0.1
      O 0 0 2 0 0 -0.1

      """, to: "zinc.xyz")
    let refused = try CommandLineRun(
      ["zinc.xyz", "-p", model, "--steps", "1"], in: scratch.folder)
    #expect(
      refused.status == 3 && refused.output.contains("was not trained on Zn, only on H C N O Al"))
    let taken = try CommandLineRun(
      ["zinc.xyz", "-p", model + ",elements=any", "--steps", "1", "--overwrite"],
      in: scratch.folder)
    #expect(taken.output.contains("step_limit") || taken.output.contains("converged"))

    try scratch.write(
      """
      model: {from: out/model.safetensors}
      data: {train: zinc.xyz}
      training: {steps: 1, batch_size: 1, threads: 1}
      output: finer

      """, to: "c.yaml")
    #expect(try train("", scratch).status == 0)
    let known = try CommandLineRun(
      ["zinc.xyz", "-p", "forcenet:model=finer/model.safetensors", "--steps", "1", "--overwrite"],
      in: scratch.folder)
    #expect(!known.output.contains("not trained"))
    let info = try CommandLineRun(
      ["model", "info", "finer/model.safetensors"], in: scratch.folder)
    #expect(info.output.contains("trained on") && info.output.contains(" Cu Zn"))
  }

  @Test(
    "killed with -9 and resumed, it ends with the same bytes", arguments: [small, schNet, dimeNet])
  func killed(model: String) throws {
    let scratch = try prepared(steps: 300, model: model)
    #expect(try train("-o whole -q", scratch).status == 0)
    for lines in [1, 5, 9] {
      let start = lines == 1 ? [] : ["--resume"]
      let process = try CommandLineRun.start(
        ["train", "c.yaml", "-o", "killed", "-q"] + start, in: scratch.folder)
      try wait(for: lines, scratch, "killed")
      #expect(process.isRunning, "it must not be done before the kill")
      kill(process.processIdentifier, SIGKILL)
      process.waitUntilExit()
    }
    let resumed = try train("-o killed --resume", scratch)
    #expect(resumed.status == 0)
    #expect(try results(scratch, "killed") == results(scratch, "whole"))
    let left = try FileManager.default.contentsOfDirectory(atPath: scratch.path("killed"))
    let again = try train("-o killed --resume", scratch)
    #expect(again.status == 0)
    #expect(again.output.hasPrefix("all done before, after 300 steps\n"))
    #expect(try results(scratch, "killed") == results(scratch, "whole"))
    #expect(try FileManager.default.contentsOfDirectory(atPath: scratch.path("killed")) == left)
  }

  @Test(
    "a signal leaves a checkpoint to go on from, whatever thread it comes to",
    arguments: [
      (SIGINT, 130, "interrupted"), (SIGTERM, 75, "stopped by SIGTERM"),
      (SIGUSR1, 75, "stopped by SIGUSR1"),
    ] as [(Int32, Int32, String)])
  func interrupted(signal: Int32, status: Int32, words: String) throws {
    let scratch = try prepared(steps: 300)
    #expect(try train("-o whole -q", scratch).status == 0)
    let process = try CommandLineRun.start(
      ["train", "c.yaml", "-o", "stopped"], in: scratch.folder)
    try wait(for: 3, scratch, "stopped")
    kill(process.processIdentifier, signal)
    process.waitUntilExit()
    #expect(process.terminationReason == .exit && process.terminationStatus == status)
    let error = try scratch.text(".stderr")
    #expect(error.contains("relax: \(words); ") && error.contains("--resume goes on"))
    #expect(try train("-o stopped --resume -q", scratch).status == 0)
    #expect(try results(scratch, "stopped") == results(scratch, "whole"))
  }

  @Test("other settings are refused by name, and results kept")
  func refused() throws {
    let scratch = try prepared(steps: 20)
    #expect(try train("-q", scratch).status == 0)
    let before = try results(scratch, "out")
    let text = try scratch.text("c.yaml")
    try scratch.write(text.replacing("seed: 3", with: "seed: 4"), to: "c.yaml")
    let run = try train("--resume", scratch)
    #expect(run.status == 64)
    #expect(
      run.error
        == "relax: cannot resume: the training began with training.seed 3, now it is 4\n")
    #expect(try results(scratch, "out") == before)
    #expect(try train("-q --overwrite", scratch).status == 0)
    #expect(try results(scratch, "out") != before)
  }

  @Test("more steps, and results without a checkpoint, are refused with the way out")
  func wayOut() throws {
    let scratch = try prepared(steps: 20)
    #expect(try train("-q", scratch).status == 0)
    let text = try scratch.text("c.yaml")
    try scratch.write(text.replacing("steps: 20", with: "steps: 30"), to: "c.yaml")
    let more = try train("--resume", scratch)
    #expect(more.status == 64)
    #expect(more.error.contains("begin a new one with `model: {from: out/last.safetensors}`"))
    // The folder's own copy of the configuration may be given to go on, but not to begin.
    try scratch.write(text, to: "c.yaml")
    try FileManager.default.removeItem(atPath: scratch.path("out/checkpoint"))
    for arguments in ["-q --resume", "-q"] {
      let lost = try train(arguments, scratch)
      #expect(lost.status == 74 && lost.error.contains("out has no checkpoint"))
      #expect(!lost.error.contains("--resume"), "it was given, or is of no use")
    }
  }

  @Test("a training that was begun with --overwrite and killed at once goes on")
  func overwritingKilled() throws {
    let scratch = try prepared(steps: 40)
    #expect(try train("-q -o whole", scratch).status == 0)
    try scratch.write(
      try scratch.text("c.yaml").replacing("seed: 3", with: "seed: 4"), to: "d.yaml")
    let before = try CommandLineRun(
      ["train", "d.yaml", "-q", "-o", "out"], in: scratch.folder)
    #expect(before.status == 0)
    let old = try results(scratch, "out")
    let process = try CommandLineRun.start(
      ["train", "c.yaml", "-q", "-o", "out", "--overwrite"], in: scratch.folder)
    // Killed at the first sign that something changes.
    for _ in 0..<5000 {
      if (try? scratch.data("out/checkpoint")) != old[3] { break }
      Thread.sleep(forTimeInterval: 0.001)
    }
    kill(process.processIdentifier, SIGKILL)
    process.waitUntilExit()
    #expect(try train("-q -o out --resume", scratch).status == 0)
    #expect(try results(scratch, "out") == results(scratch, "whole"))
  }

  @Test("a gradient that is no number ends it with a message and the last good checkpoint")
  func notANumber() throws {
    let scratch = try prepared(steps: 40)
    let text = try scratch.text("c.yaml")
    // A unit of forces whose derivatives no single precision can hold.
    try scratch.write(
      text.replacing("data:", with: "data:\n  force_scale: 1.0e+60"), to: "c.yaml")
    let run = try train("", scratch)
    #expect(run.status == 3)
    #expect(
      run.error.contains("not finite; the checkpoint of step 0 is the last good one\n"))
    #expect(try scratch.names.contains("out"))
    #expect(FileManager.default.fileExists(atPath: scratch.path("out/checkpoint")))
  }

  @Test("an output that cannot be a folder is refused before any work")
  func noFolder() throws {
    let scratch = try prepared(steps: 20)
    let run = try train("-o c.yaml/out", scratch)
    #expect(run.status == 74)
    #expect(
      run.error.split(separator: "\n").last
        == "relax: c.yaml/out: the folder cannot be made: not a directory")
  }
}
