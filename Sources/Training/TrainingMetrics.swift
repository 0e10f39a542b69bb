// SPDX-License-Identifier: MIT

import Files
import StructureFiles

/// How well a training goes at one of its steps: a line of `metrics.jsonl`.
public struct TrainingMetrics: Hashable, Sendable {
  /// The error on one validation set.
  public struct Validation: Hashable, Sendable {
    /// Name of the set.
    public var name: String
    /// Mean absolute error of forces over free atoms and components in eV/Å; NaN if a force is.
    public var forceError: Double
    /// Mean absolute error of energies in eV; nil where none are learned or none are there.
    public var energyError: Double?
  }

  /// Steps of the training until then, of all its runs.
  public var step: Int
  /// Mean loss since the line before: eV/Å for forces alone, see ``LossWeights``.
  public var loss: Double
  /// Learning rate of the last step.
  public var learningRate: Double
  /// Errors on the validation sets; empty if there was no evaluation at this step.
  public var validation: [Validation]

  init(step: Int, loss: Double, learningRate: Double, validation: [Validation]) {
    (self.step, self.loss, self.learningRate) = (step, loss, learningRate)
    self.validation = validation
  }

  /// The line, without a line break.
  public var json: JSONText {
    var members: [JSONText.Member] = [
      JSONText.Member("step", .integer(step)), JSONText.Member("loss", .number(loss)),
      JSONText.Member("learning_rate", .number(learningRate)),
    ]
    if !validation.isEmpty {
      members.append(
        JSONText.Member(
          "validation",
          .object(validation.map { JSONText.Member($0.name, .number($0.forceError)) })))
    }
    let energies = validation.compactMap { set in
      set.energyError.map { JSONText.Member(set.name, .number($0)) }
    }
    if !energies.isEmpty {
      members.append(JSONText.Member("validation_energy", .object(energies)))
    }
    return .object(members)
  }

  /// What a line says; nil for anything else.
  public init?(line: some StringProtocol) {
    guard let json = try? JSONText(parsing: String(line)), case .integer(let step)? = json["step"],
      let loss = json["loss"]?.real, let rate = json["learning_rate"]?.real
    else { return nil }
    (self.step, self.loss, learningRate, validation) = (step, loss, rate, [])
    if case .object(let members)? = json["validation"] {
      validation = members.map {
        Validation(
          name: $0.key, forceError: $0.value.real ?? .nan,
          energyError: json["validation_energy"]?[$0.key].map { $0.real ?? .nan })
      }
    }
  }
}

/// When a step was reached and how fast: a line of `timings.jsonl`.
///
/// Times differ from run to run, so they are kept apart from everything that does not.
public struct TrainingTiming: Hashable, Sendable {
  /// Steps of the training until then, of all its runs.
  public var step: Int
  /// Seconds of work until then, evaluations included, all runs together.
  public var seconds: Double
  /// Frames learned from a second since the line before, evaluations left out.
  public var framesPerSecond: Double

  init(step: Int, seconds: Double, framesPerSecond: Double) {
    (self.step, self.seconds, self.framesPerSecond) = (step, seconds, framesPerSecond)
  }

  /// The line, without a line break.
  public var json: JSONText {
    [
      "step": .integer(step), "seconds": .number((seconds * 1000).rounded() / 1000),
      "frames_per_second": .number((framesPerSecond * 10).rounded() / 10),
    ]
  }

  /// What a line says; nil for anything else.
  public init?(line: some StringProtocol) {
    guard let json = try? JSONText(parsing: String(line)), case .integer(let step)? = json["step"],
      let seconds = json["seconds"]?.real, let rate = json["frames_per_second"]?.real
    else { return nil }
    (self.step, self.seconds, framesPerSecond) = (step, seconds, rate)
  }
}

extension JSONText {
  /// The number that it is, whole or not.
  fileprivate var real: Double? {
    switch self {
    case .integer(let value): Double(value)
    case .number(let value): value
    default: nil
    }
  }
}
