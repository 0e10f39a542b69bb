// SPDX-License-Identifier: MIT

import Foundation
import Networks
import RelaxNumerics
import Structures
import TestSupport

@testable import Training

/// A linear model with a gradient in closed form, over the parameters of a network.
///
/// With the number s = mean over the batch of what its samples hold, the loss is
/// Σ (θᵢ − s cᵢ)² / 2n, and so its derivatives are (θᵢ − s cᵢ)/n. What comes out depends on every
/// sample, its rotation and the order of all steps.
final class ToyGradients: GradientSource {
  /// Asked for the loss so far.
  var calls = 0
  /// Stops everything at this call, as a kill does: nothing is tidied up.
  var killAt: Int?
  /// Gives NaN at this call.
  var notANumberAt: Int?
  /// Sees each batch.
  var observe: ([TrainingSample]) -> Void = { _ in }

  struct Killed: Error, CustomStringConvertible { let description = "killed" }

  func evaluate(
    _ batch: [TrainingSample], _ parameters: inout Parameters, gradient: inout [Float]
  ) throws -> Double {
    calls += 1
    if calls == killAt { throw Killed() }
    observe(batch)
    let s = ToyGradients.content(of: batch)
    let n = parameters.values.count
    var loss = 0.0
    for i in 0..<n {
      let difference = Double(parameters.values[i]) - s * cos(Double(i))
      gradient[i] = Float(difference / Double(n))
      loss += difference * difference / Double(2 * n)
    }
    for i in parameters.statisticValues.indices {
      parameters.statisticValues[i] = 0.9 * parameters.statisticValues[i] + 0.1 * Float(abs(s))
    }
    return calls == notANumberAt ? .nan : loss
  }

  func moveStatistics(
    towards batch: [TrainingSample], share: Float, _ parameters: inout Parameters
  ) {
    let s = Float(abs(ToyGradients.content(of: batch)))
    for i in parameters.statisticValues.indices {
      parameters.statisticValues[i] += share * (s - parameters.statisticValues[i])
    }
  }

  static func content(of batch: [TrainingSample]) -> Double {
    batch.reduce(0.0) { sum, sample in
      zip(sample.structure.positions, sample.forces).enumerated().reduce(sum) { sum, atom in
        let (position, force) = atom.element
        return sum + sample.weights[atom.offset] * (0.1 * position.x + force.x - 0.3 * force.y)
      }
    } / Double(batch.count)
  }
}

/// A folder with frames and a configuration, and trainings in it.
final class ToyTraining {
  let scratch: Scratch
  /// Lines of the section `training`.
  var settings = ["steps: 60", "batch_size: 3", "seed: 4", "threads: 2", "eval_every: 10"]
  /// Lines of the section `data`.
  var data = ["train: [a.xyz, {path: b.xyz, weight: 0.5}]", "validation: {val: v.xyz, w: b.xyz}"]
  var model = """
    {architecture: forcenet, hidden_channels: 4, decoder_hidden_channels: 3, num_interactions: 1, \
    num_freqs: 2}
    """

  init() throws {
    scratch = try Scratch()
    try scratch.write(ToyTraining.frames(11, seed: 1), to: "a.xyz")
    try scratch.write(ToyTraining.frames(8, seed: 2), to: "b.xyz")
    try scratch.write(ToyTraining.frames(5, seed: 3), to: "v.xyz")
  }

  /// Frames of three atoms over a fixed one.
  static func frames(_ count: Int, seed: UInt64, element: String = "Cu") -> String {
    var generator = SeededGenerator(seed: seed)
    var text = ""
    for frame in 0..<count {
      text += """
        4
        sid=s\(frame / 2) Lattice="5 0 0 1 5 0 0 0 20" pbc="T T F" \
        Properties=species:S:1:pos:R:3:move_mask:L:1:forces:R:3

        """
      for atom in 0..<4 {
        let numbers = (0..<6).map { _ in generator.uniform(-0.3, 0.3) }
        text += "\(atom == 3 ? "O" : element) \(numbers[0]) \(numbers[1]) \(2.2 * Double(atom)) "
        text += "\(atom == 0 ? "F" : "T") \(numbers[3]) \(numbers[4]) \(numbers[5])\n"
      }
    }
    return text
  }

  var yaml: String {
    "model: \(model)\ndata:\n" + data.map { "  \($0)\n" }.joined() + "training:\n"
      + settings.map { "  \($0)\n" }.joined() + "output: out\n"
  }

  func configuration(output: String) throws -> TrainingConfiguration {
    var configuration = try TrainingConfiguration(yaml: yaml, file: scratch.path("c.yaml"))
    configuration.output = scratch.path(output)
    return configuration
  }

  /// Trains into the folder `output`.
  @discardableResult
  func run(
    _ output: String, _ start: TrainingStart = .new, stopAfter: Int? = nil,
    prepare: @escaping (ToyGradients) -> Void = { _ in },
    report: @escaping @Sendable (TrainingEvent) -> Void = { _ in }
  ) throws -> TrainingOutcome {
    let gradients = ToyGradients()
    prepare(gradients)
    let source = Unchecked(gradients)
    var run = TrainingRun(try configuration(output: output)) { _, _ in source.value }
    run.report = report
    run.shouldStop = { stopAfter.map { source.value.calls >= $0 } ?? false }
    // Norms of gradients are sums whose order is the kernels'.
    return try run.run(start)
  }

  /// The bytes of all results that may not depend on how they came about.
  func results(_ output: String) throws -> [String: Data] {
    var results: [String: Data] = [:]
    for name in ["model.safetensors", "last.safetensors", "metrics.jsonl", "checkpoint"] {
      results[name] = try? scratch.data("\(output)/\(name)")
    }
    return results
  }
}

/// One thread at a time uses what is in it.
private struct Unchecked: @unchecked Sendable {
  let value: ToyGradients
  init(_ value: ToyGradients) { self.value = value }
}
