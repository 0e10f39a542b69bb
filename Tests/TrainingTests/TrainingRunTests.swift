// SPDX-License-Identifier: MIT

import Files
import Foundation
import Networks
import RelaxNumerics
import TestSupport
import Testing

@testable import Training

@Suite("Trainings")
struct TrainingRunTests {
  @Test("The same seed gives the same bytes, another one gives others")
  func deterministic() throws {
    let toy = try ToyTraining()
    let outcome = try toy.run("x")
    #expect(outcome.ending == .steps && outcome.steps == 60 && !outcome.didNothing)
    try toy.run("y")
    let results = try toy.results("x")
    #expect(results.count == 4)
    #expect(try toy.results("y") == results)
    toy.settings[2] = "seed: 5"
    try toy.run("z")
    #expect(try toy.results("z")["last.safetensors"] != results["last.safetensors"])
  }

  @Test("Weights are what the plain recurrence gives on the same batches")
  func plainRecurrence() throws {
    let toy = try ToyTraining()
    toy.settings = ["steps: 9", "batch_size: 4", "seed: 2", "threads: 1", "learning_rate: 1.0e-2"]
    let batches = Guarded<[Double]>([])
    try toy.run(
      "x",
      prepare: { gradients in
        gradients.observe = { batch in
          #expect(batch.count == 4)
          batches.withLock { $0.append(ToyGradients.content(of: batch)) }
        }
      })
    let contents = batches.withLock { $0 }
    let last = try NetworkModel.read(toy.scratch.path("x/last.safetensors"))
    let start = try NetworkModel(untrained: last.architecture, seed: 2)
    let (first, final) = (Parameters(start), Parameters(last))
    let n = first.values.count
    // Constant for 4 steps, halved, then halved after each.
    let rates = [1, 1, 1, 1, 0.5, 0.25, 0.125, 0.0625, 0.03125].map { $0 * 1e-2 }
    for i in stride(from: 0, to: n, by: 7) {
      var (x, m, v) = (Double(first.values[i]), 0.0, 0.0)
      for (t, s) in contents.enumerated() {
        let g = (x - s * cos(Double(i))) / Double(n)
        m = 0.9 * m + 0.1 * g
        v = 0.999 * v + 0.001 * g * g
        let (a, b) = (1 - pow(0.9, Double(t + 1)), 1 - pow(0.999, Double(t + 1)))
        x -= rates[t] * (m / a) / ((v / b).squareRoot() + 1e-8)
      }
      #expect(abs(Double(final.values[i]) - x) < 2e-6)
    }
    #expect(!last.energyIsTrained)
    #expect(last.counters.values.allSatisfy { $0 == 9 })
  }

  @Test("What is kept has the statistics of the batches that come next")
  func keptStatistics() throws {
    let toy = try ToyTraining()
    let batches = Guarded<[Double]>([])
    toy.settings = ["steps: 7", "batch_size: 3", "seed: 4", "threads: 2", "eval_every: 7"]
    func statistics(_ output: String, _ more: [String]) throws -> [Float] {
      toy.settings += more
      try toy.run(output) { gradients in
        gradients.observe = { batch in
          batches.withLock { $0.append(ToyGradients.content(of: batch)) }
        }
      }
      let last = try NetworkModel.read(toy.scratch.path("\(output)/last.safetensors"))
      return Parameters(last).statisticValues
    }
    let running = try statistics("running", [])
    toy.settings[0] = "steps: 12"
    batches.withLock { $0 = [] }
    _ = try statistics("longer", [])
    // What the batches after the seventh hold, the loop being the same.
    let contents = batches.withLock { $0 }
    toy.settings[0] = "steps: 7"
    let taken = try statistics("taken", ["statistics_batches: 5"])
    let mean = contents[7..<12].reduce(0) { $0 + abs($1) } / 5
    #expect(!taken.isEmpty && taken.allSatisfy { abs(Double($0) - mean) < 1e-5 })
    #expect(running != taken)
    let best = try NetworkModel.read(toy.scratch.path("taken/model.safetensors"))
    #expect(Parameters(best).statisticValues == taken)
  }

  @Test(
    "Killed anywhere and resumed, it ends with the same bytes", arguments: [1, 2, 9, 10, 11, 59])
  func killed(after steps: Int) throws {
    let toy = try ToyTraining()
    toy.settings += ["ema_decay: 0.9", "clip_grad_norm: 0.01", "report_every: 4"]
    try toy.run("whole")
    #expect(throws: TrainingError.noGradient(step: steps, reason: "killed")) {
      try toy.run("killed", prepare: { $0.killAt = steps })
    }
    // What a kill leaves half written.
    let metrics = toy.scratch.path("killed/metrics.jsonl")
    let handle = try FileHandle(forWritingTo: URL(fileURLWithPath: metrics))
    try handle.seekToEnd()
    try handle.write(contentsOf: Data("{\"step\": 9".utf8))
    try handle.close()
    try toy.scratch.write("half", to: "killed/.checkpoint.0a1b2c3d.partial")
    let outcome = try toy.run("killed", .resuming)
    #expect(outcome.steps == 60)
    let files = try FileManager.default.contentsOfDirectory(atPath: toy.scratch.path("killed"))
    #expect(!files.contains { $0.hasPrefix(".") })
    #expect(try toy.results("killed") == toy.results("whole"))
    let lines = try TrainingOutput(folder: toy.scratch.path("killed")).readTimings().map(\.step)
    #expect(lines == [4, 8, 10, 12, 16, 20, 24, 28, 30, 32, 36, 40, 44, 48, 50, 52, 56, 60])
  }

  @Test("Interrupted again and again, it ends with the same bytes")
  func interrupted() throws {
    let toy = try ToyTraining()
    try toy.run("whole")
    var outcome = try toy.run("x", stopAfter: 7)
    #expect(outcome.ending == .interrupted && outcome.steps == 7)
    var times = 1
    while outcome.ending == .interrupted {
      outcome = try toy.run("x", .resuming, stopAfter: 13)
      times += 1
    }
    #expect(times == 6)
    #expect(try toy.results("x") == toy.results("whole"))
  }

  @Test("Resuming what is done changes nothing")
  func allDone() throws {
    let toy = try ToyTraining()
    try toy.run("x")
    let folder = toy.scratch.path("x")
    func state() throws -> [String: Data] {
      var state: [String: Data] = [:]
      for name in try FileManager.default.contentsOfDirectory(atPath: folder) {
        state[name] = try toy.scratch.data("x/\(name)")
      }
      return state
    }
    let before = try state()
    let outcome = try toy.run("x", .resuming, prepare: { $0.killAt = 1 })
    #expect(outcome.didNothing && outcome.steps == 60 && outcome.ending == .steps)
    #expect(try state() == before)
  }

  @Test(
    "Other settings or data are refused, naming them",
    arguments: [
      ("learning_rate: 1.0e-3", "training.learning_rate 0.0005, now it is 0.001"),
      ("steps: 61", "training.steps 60, now it is 61"),
      ("threads: 1", "training.threads 2, now it is 1"),
      ("seed: 9", "training.seed 4, now it is 9"),
      ("rotation_augmentation: false", "training.rotation_augmentation true, now it is false"),
    ])
  func otherSettings(line: String, message: String) throws {
    let toy = try ToyTraining()
    try toy.run("x", stopAfter: 20)
    let before = try toy.results("x")
    let key = line.prefix { $0 != ":" }
    toy.settings.removeAll { $0.hasPrefix(key) }
    toy.settings.append(line)
    do {
      try toy.run("x", .resuming)
      Issue.record("it was resumed")
    } catch {
      #expect("\(error)" == "cannot resume: the training began with \(message)")
    }
    #expect(try toy.results("x") == before)
  }

  @Test("Changed data are refused by the name of their file", arguments: ["b.xyz", "v.xyz"])
  func otherData(file: String) throws {
    let toy = try ToyTraining()
    try toy.run("x", stopAfter: 20)
    let text = try toy.scratch.text(file)
    try toy.scratch.write(text.replacing("pbc=\"T T F\"", with: "pbc=\"T T T\""), to: file)
    do {
      try toy.run("x", .resuming)
      Issue.record("it was resumed")
    } catch {
      #expect("\(error)".contains(", file 1 \(file), \(text.utf8.count) bytes, checksum "))
    }
    try toy.scratch.write(text, to: file)
    #expect(try toy.run("x", .resuming).steps == 60)
  }

  @Test("A folder with results is not touched unless it is said so")
  func existing() throws {
    let toy = try ToyTraining()
    try toy.run("x", stopAfter: 20)
    let before = try toy.results("x")
    #expect(throws: TrainingError.exists(folder: toy.scratch.path("x"))) { try toy.run("x") }
    #expect(try toy.results("x") == before)
    try toy.run("x", .overwriting)
    try toy.run("y", .resuming)
    #expect(try toy.results("x") == toy.results("y"))
  }

  @Test("NaN ends it with the last good checkpoint, from which it can go on")
  func notANumber() throws {
    let toy = try ToyTraining()
    try toy.run("whole")
    do {
      try toy.run("x", prepare: { $0.notANumberAt = 27 })
      Issue.record("it went on")
    } catch {
      #expect(
        "\(error)".hasPrefix(
          "step 27: the loss is not finite; the checkpoint of step 20 is the last good one\n"))
    }
    let archive = try TensorArchive(path: toy.scratch.path("x/checkpoint"))
    #expect(archive.counters["step"] == 20)
    #expect(try toy.run("x", .resuming).steps == 60)
    #expect(try toy.results("x") == toy.results("whole"))
  }

  @Test("What a training has written before is noticed if it was damaged or is gone")
  func damagedResults() throws {
    let toy = try ToyTraining()
    try toy.run("x", stopAfter: 20)
    let metrics = Array(try toy.scratch.data("x/metrics.jsonl"))
    for place in [0, metrics.count / 2, metrics.count - 2] {
      var flipped = metrics
      flipped[place] ^= 4
      try toy.scratch.write(flipped, to: "x/metrics.jsonl")
      #expect(throws: TrainingError.self) { try toy.run("x", .resuming) }
    }
    try toy.scratch.write(metrics, to: "x/metrics.jsonl")
    try toy.run("x", .resuming)
    for name in ["model.safetensors", "last.safetensors", "metrics.jsonl"] {
      let whole = Array(try toy.scratch.data("x/" + name))
      var flipped = whole
      flipped[whole.count / 2] ^= 1
      for content in [flipped, Array(whole.dropLast()), nil] {
        try FileManager.default.removeItem(atPath: toy.scratch.path("x/" + name))
        if let content { try toy.scratch.write(content, to: "x/" + name) }
        #expect(throws: (any Error).self, "\(name)") { try toy.run("x", .resuming) }
        if content == nil { try toy.scratch.write(whole, to: "x/" + name) }
      }
      #expect(try toy.run("x", .resuming).didNothing)
    }
  }

  @Test("A damaged checkpoint is refused, byte by byte")
  func damaged() throws {
    let toy = try ToyTraining()
    try toy.run("x", stopAfter: 20)
    let whole = Array(try toy.scratch.data("x/checkpoint"))
    for count in [0, 7, 100, whole.count / 2, whole.count - 1] {
      try toy.scratch.write(Array(whole.prefix(count)), to: "x/checkpoint")
      do {
        try toy.run("x", .resuming)
        Issue.record("\(count) bytes were accepted")
      } catch TrainingError.checkpoint(let file, _) {
        #expect(file == toy.scratch.path("x/checkpoint"))
      }
    }
    // One flipped bit anywhere.
    var generator = SeededGenerator(seed: 4)
    for place in [9, 60, whole.count - 1]
      + (0..<60).map({ _ in Int.random(in: 0..<whole.count, using: &generator) })
    {
      var flipped = whole
      flipped[place] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
      try toy.scratch.write(flipped, to: "x/checkpoint")
      #expect(throws: (any Error).self, "byte \(place)") { try toy.run("x", .resuming) }
    }
    // A model is no checkpoint.
    let model = try toy.scratch.data("x/model.safetensors")
    try toy.scratch.write(Array(model), to: "x/checkpoint")
    #expect(throws: TrainingError.self) { try toy.run("x", .resuming) }
  }
}
