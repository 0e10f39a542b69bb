// SPDX-License-Identifier: MIT

import Files
import Forces
import Networks
import StructureFiles
import Structures

/// The loop: batches, gradients, steps, evaluations, checkpoints.
struct Trainer {
  private(set) var state: TrainingState
  private let model: NetworkModel
  private let data: TrainingData
  private let gradients: any GradientSource
  private let settings: TrainingSettings
  private let output: TrainingOutput
  private let identity: [RecordedSetting]
  private let lossWeights: LossWeights

  private let metrics: AppendFile
  private let timings: AppendFile
  private var order: DataOrder
  private var gradient: [Float]
  private var clock: TrainingClock
  /// Steps at the last checkpoint.
  private var savedStep: Int
  /// When it is time for another, however few the steps are.
  private var saveTime: ContinuousClock.Instant

  init(
    model: NetworkModel, data: TrainingData, gradients: any GradientSource, state: TrainingState,
    settings: TrainingSettings, output: TrainingOutput, identity: [RecordedSetting]
  ) throws {
    (self.model, self.data, self.gradients) = (model, data, gradients)
    (self.state, self.settings) = (state, settings)
    (self.output, self.identity) = (output, identity)
    lossWeights = settings.lossWeights(for: model.architecture)
    (metrics, timings) = try output.openLogs(at: state)
    order = DataOrder(sets: data.sets, seed: settings.seed)
    gradient = Array(repeating: 0, count: state.parameters.values.count)
    clock = TrainingClock(before: try output.readTimings().last?.seconds ?? 0)
    savedStep = state.step
    saveTime = .now + Trainer.longestUnsaved
  }

  /// Time after which a checkpoint is written whatever the settings say: a step may take too long to be
  /// waited for when the process must end.
  private static let longestUnsaved = Duration.seconds(60)
  /// A checkpoint is not written again before this many times what it took.
  private static let savingRest = 50

  /// Trains until the end.
  ///
  /// A stop gives up an evaluation; the checkpoint that was written before it goes on with its step.
  ///
  /// - Returns: why it ended; nil if it was interrupted.
  mutating func train(
    shouldStop: @escaping @Sendable () -> Bool, report: (TrainingEvent) -> Void
  ) throws -> TrainingState.Ending? {
    let cancellation = Cancellation(shouldStop)
    while true {
      if shouldStop() {
        if savedStep != state.step { try save() }
        return nil
      }
      if savedStep != state.step && (nextIsJudged || ContinuousClock.now >= saveTime) {
        try save()
      }
      let loss = try step()
      report(.step(state.step, loss: loss, seconds: clock.total))
      if state.step == settings.steps {
        state.ending = .steps
      } else if let hours = settings.hours, clock.total >= hours * 3600 {
        state.ending = .hours
      }
      do { try keepRecords(cancellation, report) } catch ForceError.cancelled {
        // The step will be taken again.
        state.step = savedStep
        return nil
      }
      if let ending = state.ending {
        try output.requireModels(of: state)
        return ending
      }
    }
  }

  // MARK: - A step

  /// Takes one step of the optimizer, and gives the loss before it in eV/Å.
  private mutating func step() throws -> Double {
    clock.startLearning()
    defer { clock.stopLearning() }
    let loss: Double
    do {
      loss = try gradients.evaluate(
        batch(after: state.step), &state.parameters, gradient: &gradient)
    } catch {
      throw TrainingError.noGradient(step: state.step + 1, reason: "\(error)")
    }
    try requireFinite(loss, .loss)
    // Where an activation overflows, the loss may still be a number.
    try requireFinite(GradientNorm.length(state.parameters.statisticValues), .statistics)
    let length = GradientNorm.length(gradient)
    try requireFinite(length, .gradient)
    if let limit = settings.longestGradient {
      GradientNorm.clip(&gradient, length: length, to: limit)
    }
    state.optimizer.step(
      &state.parameters.values, gradient: gradient,
      learningRate: settings.schedule.rate(after: state.step), weightDecay: settings.weightDecay)
    if let decay = settings.averageDecay {
      state.average?.update(state.parameters.values, decay: decay)
    }
    state.step += 1
    state.lossSum += loss
    state.lossCount += 1
    return loss
  }

  /// The frames of a step, `step` of them being taken before it, as they are learned from.
  private mutating func batch(after step: Int) -> [TrainingSample] {
    let start = step * settings.batchSize
    let places = start..<start + settings.batchSize
    return zip(places, order.frames(at: places)).map { place, frame in
      let sample = data.frames.sample(frame, weights: settings.atomWeights)
      guard settings.rotationAugmentation else { return sample }
      var generator = RandomPurpose.rotation.generator(seed: settings.seed, stream: place)
      return sample.turned(by: SurfaceRotation(&generator))
    }
  }

  private func requireFinite(
    _ number: Double, _ quantity: TrainingError.Quantity
  ) throws(TrainingError) {
    guard number.isFinite else {
      throw .notFinite(quantity, step: state.step + 1, checkpointStep: savedStep)
    }
  }

  // MARK: - Records

  /// Evaluates, writes metrics, models and the checkpoint, as far as it is time for them.
  ///
  /// Everything is on its way to the disk before the checkpoint says so.
  private mutating func keepRecords(
    _ cancellation: Cancellation, _ report: (TrainingEvent) -> Void
  ) throws {
    func isTime(_ interval: Int) -> Bool { state.step.isMultiple(of: interval) }
    let isEnd = state.ending != nil
    var errors: [TrainingMetrics.Validation] = []
    if !data.validation.isEmpty && (isEnd || isTime(settings.evaluationInterval)) {
      errors = try evaluate(cancellation)
    }
    if isEnd || !errors.isEmpty || isTime(settings.reportInterval) {
      let line = TrainingMetrics(
        step: state.step, loss: state.lossSum / Double(state.lossCount),
        learningRate: settings.schedule.rate(after: state.step - 1), validation: errors)
      (state.lossSum, state.lossCount) = (0, 0)
      let text = Array("\(line.json.text(.oneLine))\n".utf8)
      try metrics.append(text)
      state.metricsLength = metrics.length
      state.metricsChecksum.update(text)
      let timing = clock.timing(step: state.step, batchSize: settings.batchSize)
      try timings.append(Array("\(timing.json.text(.oneLine))\n".utf8))
      report(.metrics(line, timing))
    }
    // Patience may have ended it just now. A new best model and its checkpoint belong together.
    let isBest = state.best?.step == state.step
    if state.ending != nil || isBest || isTime(settings.checkpointInterval) { try save() }
  }

  /// Whether an evaluation follows the next step, unless it ends the training before its time.
  private var nextIsJudged: Bool {
    let next = state.step + 1
    return !data.validation.isEmpty
      && (next == settings.steps || next.isMultiple(of: settings.evaluationInterval))
  }

  /// Judges the model on all validation sets, and keeps it if it is the best.
  private mutating func evaluate(
    _ cancellation: Cancellation
  ) throws -> [TrainingMetrics.Validation] {
    let judged = try judgedModel(cancellation)
    var options = NetworkProvider.Options()
    // What it does on elements that it has not seen is part of what is measured.
    options.takesUntrainedElements = true
    options.kernels = settings.kernels
    let provider = try NetworkProvider(
      judged, specification: "the network in training", options: options)
    let errors = try data.validation.map { set in
      let found = try set.errors(
        of: provider, withEnergies: lossWeights.energy > 0, threads: settings.threads,
        cancellation: cancellation)
      return TrainingMetrics.Validation(set, found)
    }
    guard let first = errors.first else { return errors }
    let error = criterion(first)
    if error.isFinite && error < state.best?.error ?? .infinity {
      state.best = TrainingState.Best(step: state.step, error: error)
      state.evaluationsSinceBest = 0
      try write(judged, .best)
    } else {
      state.evaluationsSinceBest += 1
      if let patience = settings.patience, state.evaluationsSinceBest >= patience,
        state.ending == nil
      {
        state.ending = .patience
      }
    }
    return errors
  }

  /// What of an evaluation decides whether it is the best.
  private func criterion(_ found: TrainingMetrics.Validation) -> Double {
    switch settings.bestBy {
    case .force: found.forceError
    case .energy: found.energyError ?? .nan
    case .loss:
      lossWeights.force * found.forceError + lossWeights.energy * (found.energyError ?? 0)
    }
  }

  /// The network to be judged and kept, with statistics over the batches that come next.
  private mutating func judgedModel(
    _ cancellation: Cancellation = .never
  ) throws -> NetworkModel {
    var parameters = state.judgedParameters
    if !parameters.statisticValues.isEmpty {
      for number in 0..<settings.statisticsBatches {
        try cancellation.check()
        try gradients.moveStatistics(
          towards: batch(after: state.step + number), share: 1 / Float(number + 1), &parameters)
      }
    }
    return state.model(model, parameters)
  }

  /// Writes the checkpoint, and before it the models that belong to it.
  private mutating func save() throws {
    let begin = ContinuousClock.now
    if data.validation.isEmpty || state.ending != nil {
      let present = try judgedModel()
      if data.validation.isEmpty { try write(present, .best) }
      if state.ending != nil { try write(present, .last) }
    }
    try metrics.synchronize()
    try output.write(state, identity)
    savedStep = state.step
    let end = ContinuousClock.now
    saveTime = end + max(Trainer.longestUnsaved, (end - begin) * Trainer.savingRest)
  }

  private mutating func write(
    _ model: NetworkModel, _ written: TrainingState.WrittenModel
  ) throws {
    let path = output.path(of: written)
    try model.write(path, overwrite: true)
    state.models[written] = Checksum.ofFile(path)?.checksum
  }
}

/// Keeps the times of a training.
struct TrainingClock {
  private let clock = ContinuousClock()
  private let begin: ContinuousClock.Instant
  private let before: Double
  private var learning = Duration.zero
  private var learnedSteps = 0
  private var started: ContinuousClock.Instant?

  /// A clock that starts after `before` seconds of earlier runs.
  init(before: Double) {
    self.before = before
    begin = clock.now
  }

  /// Seconds of work, all runs together.
  var total: Double { before + (clock.now - begin) / .seconds(1) }

  mutating func startLearning() { started = clock.now }

  mutating func stopLearning() {
    guard let started else { return }
    learning += clock.now - started
    learnedSteps += 1
  }

  /// The times of a line of metrics; the next line counts from here.
  mutating func timing(step: Int, batchSize: Int) -> TrainingTiming {
    let seconds = max(learning / .seconds(1), 1e-9)
    defer { (learning, learnedSteps) = (.zero, 0) }
    return TrainingTiming(
      step: step, seconds: total, framesPerSecond: Double(learnedSteps * batchSize) / seconds)
  }
}
