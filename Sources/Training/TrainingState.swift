// SPDX-License-Identifier: MIT

import Files
import Networks

/// Everything that decides how a training goes on: what a checkpoint holds.
///
/// Data order and rotations follow from the seed and the number of steps, so there is no other random
/// state.
struct TrainingState {
  /// Why a training ended.
  enum Ending: String, CaseIterable {
    /// All steps are taken.
    case steps
    /// Too many evaluations without a better result.
    case patience
    /// The time is over.
    case hours
  }

  /// A model that a training writes beside its checkpoint.
  enum WrittenModel: String, CaseIterable {
    /// The best one.
    case best
    /// The one at the end.
    case last
  }

  /// The best evaluation.
  struct Best: Hashable {
    var step: Int
    /// What it was the best by on the first validation set: eV/Å for forces, eV for energies.
    var error: Double
  }

  /// Steps taken so far.
  var step = 0
  /// Weights and running statistics.
  var parameters: Parameters
  /// The optimizer with its moments.
  var optimizer: Adam
  /// The running average of the weights, if there is one.
  var average: WeightAverage?
  /// The best evaluation, if there was one.
  var best: Best?
  /// Evaluations since then.
  var evaluationsSinceBest = 0
  /// Sum of the losses since the last line of metrics, in eV/Å.
  var lossSum = 0.0
  /// How many losses that are.
  var lossCount = 0
  /// Bytes of metrics that belong to the steps taken, and their checksum.
  var metricsLength = 0
  var metricsChecksum = Checksum()
  /// Checksums of the models as they were last written.
  var models: [WrittenModel: Checksum] = [:]
  /// Why it ended, if it did.
  var ending: Ending?

  /// The beginning, with the weights of `model`.
  init(_ model: NetworkModel, averages: Bool) {
    parameters = Parameters(model)
    optimizer = Adam(count: parameters.values.count)
    if averages { average = WeightAverage(of: parameters.values) }
  }

  /// The weights to be judged and kept: the averages, if there are some.
  var judgedParameters: Parameters {
    var judged = parameters
    if let average { judged.values = average.values }
    return judged
  }

  /// `model` with `parameters`, after the steps taken.
  func model(_ model: NetworkModel, _ parameters: Parameters) -> NetworkModel {
    var result = model
    parameters.store(in: &result)
    for name in result.counters.keys { result.counters[name, default: 0] += step }
    return result
  }
}

extension TrainingState {
  private static let format = "relax training checkpoint 2"

  /// The state as tensors under the names that they have in the model, and everything else as texts.
  func archive(settings: [RecordedSetting]) -> TensorArchive {
    var archive = TensorArchive(metadata: [
      ("format", TrainingState.format), ("settings", settings.json),
      ("loss_sum", "\(lossSum)"),
    ])
    if let best { archive.metadata.append(("best_error", "\(best.error)")) }
    archive.metadata.append(("metrics_checksum", metricsChecksum.text))
    for model in WrittenModel.allCases {
      if let sum = models[model] {
        archive.metadata.append(("\(model.rawValue)_model_checksum", sum.text))
      }
    }
    if let ending { archive.metadata.append(("ending", ending.rawValue)) }
    archive.counters = [
      "step": step, "optimizer_steps": optimizer.steps, "loss_count": lossCount,
      "evaluations_since_best": evaluationsSinceBest, "metrics_length": metricsLength,
    ]
    if let best { archive.counters["best_step"] = best.step }
    if let average { archive.counters["average_updates"] = average.updates }
    for group in groups {
      for place in group.places {
        archive.tensors[group.prefix + place.name] = Tensor(
          shape: place.shape, values: Array(self[keyPath: group.values][place.range]))
      }
    }
    archive.seal()
    return archive
  }

  /// Takes the state of a checkpoint.
  ///
  /// - Throws: `DifferentSetting` if it was begun with other settings;
  ///   `TrainingError.checkpoint` if it is none.
  mutating func restore(
    _ archive: TensorArchive, settings: [RecordedSetting], file: String
  ) throws {
    guard let format = archive.text("format"), format.hasPrefix("relax training checkpoint ") else {
      throw TrainingError.checkpoint(file: file, reason: "is not a checkpoint of relax train")
    }
    guard format == TrainingState.format else {
      throw TrainingError.checkpoint(
        file: file, reason: "was written by another version of relax, or is damaged")
    }
    guard archive.isSealed else {
      throw TrainingError.checkpoint(
        file: file, reason: "is damaged: its content does not have the checksum that stands in it")
    }
    try settings.requireEqual(
      to: [RecordedSetting](json: archive.text("settings") ?? ""), of: "training")
    func count(_ name: String) throws(TrainingError) -> Int {
      guard let value = archive.counters[name], value >= 0 else {
        throw TrainingError.checkpoint(file: file, reason: "has no `\(name)`")
      }
      return value
    }
    func sum(_ name: String) throws(TrainingError) -> Checksum? {
      guard let text = archive.text(name) else { return nil }
      guard let sum = Checksum(text: text) else {
        throw TrainingError.checkpoint(file: file, reason: "has no `\(name)`")
      }
      return sum
    }
    func number(_ name: String) throws(TrainingError) -> Double {
      guard let value = archive.text(name).flatMap(Double.init) else {
        throw TrainingError.checkpoint(file: file, reason: "has no `\(name)`")
      }
      return value
    }
    step = try count("step")
    optimizer.steps = try count("optimizer_steps")
    (lossSum, lossCount) = (try number("loss_sum"), try count("loss_count"))
    evaluationsSinceBest = try count("evaluations_since_best")
    metricsLength = try count("metrics_length")
    metricsChecksum = try sum("metrics_checksum") ?? Checksum()
    for model in WrittenModel.allCases {
      models[model] = try sum("\(model.rawValue)_model_checksum")
    }
    if archive.counters["best_step"] != nil {
      best = Best(step: try count("best_step"), error: try number("best_error"))
    }
    if average != nil { average?.updates = try count("average_updates") }
    ending = archive.text("ending").flatMap(Ending.init)
    for group in groups {
      for place in group.places {
        let name = group.prefix + place.name
        guard let tensor = archive.tensors[name], tensor.shape == place.shape else {
          throw TrainingError.checkpoint(file: file, reason: "has no `\(name)` of the right shape")
        }
        self[keyPath: group.values].replaceSubrange(place.range, with: tensor.values)
      }
    }
  }

  /// A kind of numbers that there is one of for each number of some tensors.
  private struct Group {
    var prefix: String
    var places: [Parameters.Place]
    var values: WritableKeyPath<TrainingState, [Float]>
  }

  private var groups: [Group] {
    let trained = parameters.trained
    var groups = [
      Group(prefix: "weight.", places: trained, values: \.parameters.values),
      Group(
        prefix: "statistic.", places: parameters.statistics, values: \.parameters.statisticValues),
      Group(prefix: "first_moment.", places: trained, values: \.optimizer.first),
      Group(prefix: "second_moment.", places: trained, values: \.optimizer.second),
    ]
    if average != nil {
      groups.append(
        Group(prefix: "average.", places: trained, values: \.averageValues))
    }
    return groups
  }

  private var averageValues: [Float] {
    get { average?.values ?? [] }
    set { average?.values = newValue }
  }
}
