// SPDX-License-Identifier: MIT

import Files
import Foundation
import Networks
import RelaxNumerics
import Scoring
import StructureFiles
import TestSupport
import Testing

@testable import Training

@Suite("What a training sees and keeps")
struct TrainingRecordsTests {
  private func metrics(_ toy: ToyTraining, _ output: String) throws -> [TrainingMetrics] {
    try TrainingOutput(folder: toy.scratch.path(output)).readMetrics()
  }

  /// What `relax evaluate` says of a model on a file.
  private func forceError(_ model: String, _ toy: ToyTraining, _ file: String) throws -> Double {
    let provider = try NetworkProvider(
      try NetworkModel.read(toy.scratch.path(model)), specification: "model")
    let collection = try FrameCollection(path: toy.scratch.path(file))
    return try SplitJudge(FrameJudge(provider)).score(collection, name: "x").metrics.forceError
  }

  @Test("The best model is kept, and its error is what relax evaluate says")
  func best() throws {
    let toy = try ToyTraining()
    // Steps so long that later models are worse.
    toy.settings += ["learning_rate: 3.0e-2", "constant_steps: 60"]
    let outcome = try toy.run("x")
    let lines = try metrics(toy, "x")
    #expect(lines.map(\.step) == [10, 20, 30, 40, 50, 60])
    #expect(lines.allSatisfy { $0.validation.map(\.name) == ["val", "w"] })
    let smallest = try #require(lines.map { $0.validation[0].forceError }.min())
    let best = try #require(outcome.best)
    #expect(best.error == smallest)
    #expect(lines.first { $0.step == best.step }?.validation[0].forceError == smallest)
    // Forces are kept in single precision.
    #expect(abs(try forceError("x/model.safetensors", toy, "v.xyz") - smallest) < 1e-7)
    let last = try #require(lines.last)
    #expect(
      abs(try forceError("x/last.safetensors", toy, "v.xyz") - last.validation[0].forceError)
        < 1e-7)
    #expect(
      abs(try forceError("x/last.safetensors", toy, "b.xyz") - last.validation[1].forceError)
        < 1e-7)
  }

  @Test("Losses are means since the line before, learning rates those of the step")
  func lines() throws {
    let toy = try ToyTraining()
    toy.settings += ["report_every: 4", "learning_rate: 0.002"]
    toy.settings.removeAll { $0.hasPrefix("eval") }
    toy.settings.append("eval_every: 30")
    let losses = Guarded<[Double]>([])
    try toy.run(
      "x",
      report: { event in
        if case .step(_, let loss, _) = event { losses.withLock { $0.append(loss) } }
      })
    let all = losses.withLock { $0 }
    #expect(all.count == 60)
    var before = 0
    let lines = try metrics(toy, "x")
    for line in lines {
      let part = all[before..<line.step]
      #expect(abs(line.loss - part.reduce(0, +) / Double(part.count)) < 1e-15)
      before = line.step
      #expect(line.validation.isEmpty == (line.step != 30 && line.step != 60))
    }
    #expect(before == 60)
    #expect(lines[0].learningRate == 0.002 && lines.last?.learningRate == 0.002 / 32)
    let text = try toy.scratch.text("x/metrics.jsonl").split(separator: "\n")
    let first = try #require(
      JSONSerialization.jsonObject(with: Data(text[0].utf8)) as? [String: Any])
    #expect(Set(first.keys) == ["step", "loss", "learning_rate"])
    #expect(try toy.scratch.text("x/config.yaml") == toy.yaml)
  }

  @Test("Patience ends it when evaluations get no better")
  func patience() throws {
    let toy = try ToyTraining()
    toy.settings += ["learning_rate: 0.5", "constant_steps: 60", "patience: 2"]
    toy.settings[0] = "steps: 1000"
    let outcome = try toy.run("x")
    #expect(outcome.ending == .patience && outcome.steps < 1000)
    let errors = try metrics(toy, "x").map { $0.validation[0].forceError }
    let best = try #require(errors.firstIndex(of: errors.min() ?? .nan))
    #expect(errors.count == best + 3)
    #expect(try toy.run("x", .resuming).didNothing)
  }

  @Test("Time ends it, in order")
  func hours() throws {
    let toy = try ToyTraining()
    toy.settings[0] = "steps: 100000000"
    toy.settings += ["hours: 0.0001", "constant_steps: 10", "halve_every: 10"]
    toy.settings.removeAll { $0.hasPrefix("eval") }
    toy.settings.append("eval_every: 100000")
    let outcome = try toy.run("x")
    #expect(outcome.ending == .hours && outcome.steps > 1)
    #expect(try metrics(toy, "x").last?.step == outcome.steps)
    #expect(outcome.best?.step == outcome.steps)
    let timing = try #require(
      try TrainingOutput(folder: toy.scratch.path("x")).readTimings().last)
    #expect(timing.seconds >= 0.36 && timing.seconds < 20)
  }

  @Test("Without validation the last model is the model")
  func noValidation() throws {
    let toy = try ToyTraining()
    toy.data = ["train: a.xyz"]
    #expect(try toy.run("x").best == nil)
    #expect(
      try toy.scratch.data("x/model.safetensors") == toy.scratch.data("x/last.safetensors"))
  }

  @Test("Averaged weights are judged and kept")
  func averages() throws {
    let toy = try ToyTraining()
    toy.settings.append("ema_decay: 0.9")
    try toy.run("x")
    let archive = try TensorArchive(path: toy.scratch.path("x/checkpoint"))
    let last = try NetworkModel.read(toy.scratch.path("x/last.safetensors"))
    for place in Parameters(last).trained {
      #expect(last.tensors[place.name] == archive.tensors["average." + place.name])
      let weights = try #require(archive.tensors["weight." + place.name])
      if place.name == "lin.weight" { #expect(last.tensors[place.name] != weights) }
    }
  }

  @Test("A training can begin with the weights of another one")
  func fineTuning() throws {
    let toy = try ToyTraining()
    try toy.run("x")
    let before = try NetworkModel.read(toy.scratch.path("x/last.safetensors"))
    toy.model = "{from: x/last.safetensors}"
    toy.settings = ["steps: 1", "learning_rate: 1.0e-6"]
    try toy.run("y")
    let after = try NetworkModel.read(toy.scratch.path("y/last.safetensors"))
    #expect(before.architecture == after.architecture)
    for (a, b) in zip(Parameters(before).values, Parameters(after).values) {
      #expect(abs(a - b) <= 1.1e-6 + a.ulp)
    }
    #expect(Parameters(before).values != Parameters(after).values)
    #expect(before.counters.values.first == 60 && after.counters.values.first == 61)
  }

  @Test("Atoms, forces and weights arrive as the files hold them")
  func samples() throws {
    let toy = try ToyTraining()
    toy.data = ["train: {path: a.xyz}"]
    toy.settings = ["steps: 11", "batch_size: 1", "rotation_augmentation: false"]
    let seen = Guarded<[TrainingSample]>([])
    try toy.run(
      "x",
      prepare: { gradients in
        gradients.observe = { batch in seen.withLock { $0 += batch } }
      })
    let reader = try StructureReader(path: toy.scratch.path("a.xyz"))
    var samples = seen.withLock { $0 }
    while let frame = try reader.next() {
      let structure = try frame.structure()
      let index = try #require(
        samples.firstIndex { $0.structure.positions == structure.positions })
      let sample = samples.remove(at: index)
      #expect(sample.structure.cell == structure.cell)
      #expect(sample.structure.elements == structure.elements)
      #expect(sample.structure.freedoms == structure.freedoms)
      #expect(sample.weights == [0.05, 1, 1, 1])
      for (a, b) in zip(sample.forces, structure.forces ?? []) {
        #expect((a - b).length < 1e-7)
      }
    }
    #expect(samples.isEmpty)
  }

  @Test("Whole systems are held out, and nothing is in both")
  func holdout() throws {
    let toy = try ToyTraining()
    toy.data = ["train: a.xyz", "holdout: 0.34"]
    let configuration = try toy.configuration(output: "x")
    let model = try NetworkModel(untrained: .forceNet(ForceNetConfiguration()), seed: 0)
    let data = try TrainingData(configuration, knownElements: model.knownElements)
    let held = try #require(data.validation.first).frames
    #expect(data.validation.map(\.name) == ["holdout"])
    // Six systems of two frames, but for the last.
    #expect(held.count + data.frames.count == 11 && (3...4).contains(held.count))
    let systems = Set((0..<held.count).map(held.system))
    #expect(systems.count == 2)
    #expect(systems.isDisjoint(with: (0..<data.frames.count).map(data.frames.system)))
  }

  @Test("Limits take frames at equal distances, scales follow the data")
  func limits() throws {
    let toy = try ToyTraining()
    toy.data = ["train: {path: a.xyz, limit: 3}", "force_scale: auto"]
    let configuration = try toy.configuration(output: "x")
    let model = try NetworkModel(untrained: .forceNet(ForceNetConfiguration()), seed: 0)
    let data = try TrainingData(configuration, knownElements: model.knownElements)
    #expect((0..<3).map(data.frames.system) == ["s0", "s1", "s3"])
    // Uniform components within ±0.3.
    let scale = try #require(configuration.forceScale?.value(for: data.frames))
    #expect(abs(scale - 0.15) < 0.05)
    try toy.run("x")
    let trained = try NetworkModel.read(toy.scratch.path("x/model.safetensors"))
    #expect(trained.normalization.forceScale == scale)
  }

  @Test(
    "A folder of files is the same data as one file of all frames",
    arguments: ["", ", limit: 3", ", limit: 7", ", limit: 99"], [nil, "holdout: 0.3"])
  func folders(limit: String, holdout: String?) throws {
    let toy = try ToyTraining()
    let parts = [6, 1, 7].enumerated().map { ToyTraining.frames($1, seed: UInt64(20 + $0)) }
    try FileManager.default.createDirectory(
      atPath: toy.scratch.path("parts"), withIntermediateDirectories: true)
    for (number, part) in parts.enumerated() {
      try toy.scratch.write(part, to: "parts/\(number).xyz")
    }
    try toy.scratch.write(parts.joined(), to: "whole.xyz")
    let model = try NetworkModel(untrained: .forceNet(ForceNetConfiguration()), seed: 0)
    let data = try ["parts", "whole.xyz"].map { path in
      toy.data = ["train: [a.xyz, {path: \(path)\(limit)}]"] + (holdout.map { [$0] } ?? [])
      return try TrainingData(
        toy.configuration(output: "x"), knownElements: model.knownElements)
    }
    #expect(data[0].sets.map(\.count) == data[1].sets.map(\.count))
    #expect(data[0].validation.count == (holdout == nil ? 0 : 1))
    let stores = data.map { [$0.frames] + $0.validation.map(\.frames) }
    for (parts, whole) in zip(stores[0], stores[1]) {
      #expect(parts.count == whole.count && parts.count > 0)
      for frame in parts.indices {
        #expect(parts.structure(frame).positions == whole.structure(frame).positions)
        #expect(parts.forces(frame) == whole.forces(frame))
        #expect(parts.system(frame) == whole.system(frame))
      }
    }
  }

  @Test(
    "Data that cannot be learned from are refused with file and line, and nothing is made",
    arguments: [
      ("1\nProperties=species:S:1:pos:R:3\nCu 0 0 0\n", "n.xyz:1: frame 1 (n#0) has no forces"),
      (
        "1\nProperties=species:S:1:pos:R:3:forces:R:3\nCu 0 0 0 0 0 nan\n",
        "n.xyz:1: frame 1 (n#0) has a force that is not finite or too large for single precision, "
          + "on atom 1"
      ),
      (
        "1\nProperties=species:S:1:pos:R:3:forces:R:3\nCu 0 0 0 0 -4e38 0\n",
        "n.xyz:1: frame 1 (n#0) has a force that is not finite or too large for single precision, "
          + "on atom 1"
      ),
      (
        "1\nProperties=species:S:1:pos:R:3:forces:R:3\nKr 0 0 0 0 0 0\n",
        "n.xyz:1: frame 1 (n#0) holds Kr, which the network has no features for"
      ),
      ("2\n\nCu 0 0 0\n", ": the file ends inside frame 1, which announces 2 atoms but has 1"),
    ])
  func unusable(text: String, message: String) throws {
    let toy = try ToyTraining()
    try toy.scratch.write(text, to: "n.xyz")
    toy.data = ["train: [a.xyz, n.xyz]"]
    do {
      try toy.run("x")
      Issue.record("it was accepted")
    } catch {
      #expect("\(error)".contains(message), "\(error)")
    }
    #expect(!FileManager.default.fileExists(atPath: toy.scratch.path("x")))
  }
}
