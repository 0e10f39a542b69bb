// SPDX-License-Identifier: MIT

import Files
import Networks
import StructureFiles
import Structures

/// Makes what computes the gradients of a network, for a model and its training.
public typealias GradientSourceMaker =
  @Sendable (NetworkModel, TrainingSettings) throws -> any GradientSource

/// A training from its configuration to its files.
///
/// Equal configurations, data and numbers of threads give equal models and metrics, whether the
/// training was interrupted, killed and resumed, or not; only `hours` makes them depend on the machine.
public struct TrainingRun {
  /// What to train, on what, and how.
  public var configuration: TrainingConfiguration
  /// Where gradients come from.
  public var makeGradients: GradientSourceMaker
  /// Asked after each step whether to write a checkpoint and end, and during evaluations, from any thread.
  public var shouldStop: @Sendable () -> Bool = { false }
  /// Told how it gets on; while data are read, from any thread.
  public var report: @Sendable (TrainingEvent) -> Void = { _ in }

  /// A training with gradients from `makeGradients`.
  public init(
    _ configuration: TrainingConfiguration, makeGradients: @escaping GradientSourceMaker
  ) {
    (self.configuration, self.makeGradients) = (configuration, makeGradients)
  }

  /// Trains until the end or an interruption.
  ///
  /// - Parameter claim: the right to write into the folder, if the caller has it already.
  /// - Throws: `TrainingError`; `DifferentSetting` for one that was begun otherwise; `FileError` and
  ///   `ModelFileError` for files. The last checkpoint stays then.
  public func run(
    _ start: TrainingStart, claim: OutputClaim? = nil
  ) throws -> TrainingOutcome {
    let output = TrainingOutput(folder: configuration.output)
    let ownClaim = try claim == nil ? OutputClaim(files: [], folders: [output.folder]) : nil
    defer { ownClaim?.release() }
    let settings = configuration.recorded
    var model = try initialModel()
    var state = TrainingState(model, averages: configuration.settings.averageDecay != nil)
    let continues = start == .resuming && FilePlace(output.checkpoint).exists
    if continues {
      let archive: TensorArchive
      do { archive = try TensorArchive(path: output.checkpoint) } catch {
        guard error.kind != .unreadable else { throw error }
        throw TrainingError.checkpoint(
          file: output.checkpoint, reason: "is damaged: \(error.message)")
      }
      try state.restore(archive, settings: settings, file: output.checkpoint)
      if let ending = state.ending {
        try output.requireModels(of: state)
        try output.requireMetrics(of: state)
        return TrainingOutcome(ending, state, output, didNothing: true)
      }
    } else if start != .overwriting {
      try output.requireNew(isResuming: start == .resuming)
    }
    let report = self.report
    let weights = configuration.settings.lossWeights(for: model.architecture)
    guard weights.energy > 0 || weights.force > 0 else {
      throw TrainingError.data(
        "training.energy_weight and training.force_weight are both 0: there is nothing to learn")
    }
    let learnsEnergies = weights.energy > 0
    let data = try TrainingData(
      configuration, knownElements: model.knownElements, learnsEnergies: learnsEnergies
    ) { report(.reading(frames: $0)) }
    for caution in data.cautions { report(.caution(caution)) }
    model.trainedElements = trainedElements(model, data.frames)
    guard weights.force > 0 || data.frames.hasEnergies else {
      throw TrainingError.data(
        "training.force_weight is 0, and no frame has an energy: there is nothing to learn")
    }
    if learnsEnergies {
      for caution in configuration.cautions(model, data) { report(.caution(caution)) }
    }
    try configuration.normalize(&model, for: data, learnsEnergies: learnsEnergies)
    if configuration.settings.bestBy == .energy,
      let first = data.validation.first, !(learnsEnergies && first.frames.hasEnergies)
    {
      throw TrainingError.data(
        "training.best_by is energy, but "
          + (learnsEnergies
            ? "no frame of \(first.name) has an energy" : "training.energy_weight is 0"))
    }
    let gradients: any GradientSource
    do {
      gradients = try makeGradients(model, configuration.settings)
    } catch {
      throw TrainingError.noGradient(step: nil, reason: "\(error)")
    }
    if !continues {
      try output.begin(state, settings, text: configuration.text)
    } else if state.step == 0 {
      // A kill may have come before it had begun in full.
      try output.clear(text: configuration.text)
    }
    report(.started(data, step: state.step))
    var trainer = try Trainer(
      model: model, data: data, gradients: gradients, state: state,
      settings: configuration.settings, output: output, identity: settings)
    let ending = try trainer.train(shouldStop: shouldStop, report: report)
    return TrainingOutcome(ending, trainer.state, output)
  }

  /// What a model has learned from at the end; nil where it is not known what it had learned before.
  private func trainedElements(_ model: NetworkModel, _ frames: FrameStore) -> Set<Element>? {
    switch configuration.start {
    case .untrained: frames.distinctElements
    case .model: model.trainedElements?.union(frames.distinctElements)
    }
  }

  private func initialModel() throws -> NetworkModel {
    switch configuration.start {
    case .model(let path, let angles):
      var model = try NetworkModel.read(path)
      if let angles {
        guard case .dimeNet(var network) = model.architecture else {
          throw TrainingError.data(
            "model.angles is of dimenetplusplus; \(path) holds a \(model.architecture.name)")
        }
        network.angles = angles
        model.architecture = .dimeNet(network)
        try model.requireComplete()
      }
      return model
    case .untrained(let architecture):
      var model = try NetworkModel(untrained: architecture, seed: configuration.settings.seed)
      // Unless the loss has energies.
      model.energyIsTrained = false
      return model
    }
  }
}

/// How a training gets on.
public enum TrainingEvent: Sendable {
  /// So many frames have been read.
  case reading(frames: Int)
  /// What somebody may not have meant.
  case caution(String)
  /// All data are there; training goes on after `step` steps.
  case started(TrainingData, step: Int)
  /// A step was taken.
  case step(Int, loss: Double, seconds: Double)
  /// A line of metrics was written.
  case metrics(TrainingMetrics, TrainingTiming)
}

/// How a training ended.
public struct TrainingOutcome: Sendable {
  /// Why it ended.
  public enum Ending: Hashable, Sendable {
    /// All steps are taken.
    case steps
    /// The evaluations got no better.
    case patience
    /// The time is over.
    case hours
    /// It was asked to stop, and can be resumed.
    case interrupted
  }

  /// Why it ended.
  public var ending: Ending
  /// Steps of the training when it ended, of all its runs.
  public var steps: Int
  /// Step of the best evaluation and what it was the best by on the first validation set, if there was one:
  /// eV/Å for forces, eV for energies.
  public var best: (step: Int, error: Double)?
  /// Where the results are.
  public var output: TrainingOutput
  /// Whether it had ended before.
  public var didNothing: Bool

  init(
    _ ending: TrainingState.Ending?, _ state: TrainingState, _ output: TrainingOutput,
    didNothing: Bool = false
  ) {
    self.ending =
      switch ending {
      case .steps: .steps
      case .patience: .patience
      case .hours: .hours
      case nil: .interrupted
      }
    steps = state.step
    best = state.best.map { ($0.step, $0.error) }
    (self.output, self.didNothing) = (output, didNothing)
  }
}
