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
    /// The error of forces by symbols of elements, in their alphabetical order; empty in lines of earlier versions.
    public var byElement: [ElementError] = []
    /// The error of forces by the classes of ``ForceBreakdown/sizes``, nil where no true force is in one; empty
    /// likewise.
    public var bySize: [Double?] = []
    /// What no force would come to; nil likewise.
    public var zeroError: Double?
    /// What the median force along each axis would come to; nil likewise.
    public var medianError: Double?
  }

  /// Mean absolute error of forces on atoms of one element.
  public struct ElementError: Hashable, Sendable {
    /// Its symbol.
    public var symbol: String
    /// In eV/Å.
    public var error: Double
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
    members += breakdowns
    return .object(members)
  }

  /// Where errors lie, and what constants would come to, by set; no members where none of it is known.
  private var breakdowns: [JSONText.Member] {
    func member(_ name: String, _ value: (Validation) -> JSONText?) -> [JSONText.Member] {
      let known = validation.compactMap { set in value(set).map { JSONText.Member(set.name, $0) } }
      return known.isEmpty ? [] : [JSONText.Member(name, .object(known))]
    }
    return member("validation_by_element") { set in
      set.byElement.isEmpty
        ? nil : .object(set.byElement.map { JSONText.Member($0.symbol, .number($0.error)) })
    }
      + member("validation_by_size") { set in
        set.bySize.isEmpty ? nil : .array(set.bySize.map { JSONText($0) })
      }
      + member("validation_zero") { $0.zeroError.map { .number($0) } }
      + member("validation_median") { $0.medianError.map { .number($0) } }
  }

  /// What a line says; nil for anything else.
  public init?(line: some StringProtocol) {
    guard let json = try? JSONText(parsing: String(line)), case .integer(let step)? = json["step"],
      let loss = json["loss"]?.real, let rate = json["learning_rate"]?.real
    else { return nil }
    (self.step, self.loss, learningRate, validation) = (step, loss, rate, [])
    if case .object(let members)? = json["validation"] {
      validation = members.map { member in
        var set = Validation(
          name: member.key, forceError: member.value.real ?? .nan,
          energyError: json["validation_energy"]?[member.key].map { $0.real ?? .nan })
        if case .object(let elements)? = json["validation_by_element"]?[member.key] {
          set.byElement = elements.map {
            ElementError(symbol: $0.key, error: $0.value.real ?? .nan)
          }
        }
        if case .array(let sizes)? = json["validation_by_size"]?[member.key] {
          set.bySize = sizes.map(\.real)
        }
        set.zeroError = json["validation_zero"]?[member.key]?.real
        set.medianError = json["validation_median"]?[member.key]?.real
        return set
      }
    }
  }
}

extension TrainingMetrics.Validation {
  /// The errors `found` on `set`.
  init(_ set: ValidationSet, _ found: ValidationSet.Errors) {
    self.init(name: set.name, forceError: found.force, energyError: found.energy)
    byElement = found.breakdown.elements.compactMap { element, sum in
      sum.mean.map { TrainingMetrics.ElementError(symbol: element.symbol, error: $0) }
    }.sorted { $0.symbol < $1.symbol }
    bySize = found.breakdown.classes.map(\.mean)
    let constants = set.baselines
    (zeroError, medianError) = (
      constants.zeroError.isFinite ? constants.zeroError : nil,
      constants.medianError.isFinite ? constants.medianError : nil
    )
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
