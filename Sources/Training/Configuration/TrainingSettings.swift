// SPDX-License-Identifier: MIT

import Networks
import RelaxNumerics

/// How a network is trained: everything but the network and the data.
public struct TrainingSettings: Hashable, Sendable {
  /// Steps of the optimizer.
  public var steps: Int
  /// Frames a step.
  public var batchSize = 16
  /// The learning rate of each step.
  public var schedule: LearningRateSchedule
  /// Whether each frame is turned about z by a random angle each time it is learned from.
  public var rotationAugmentation = true
  /// Weights of atoms in the loss.
  public var atomWeights = AtomWeights()
  /// What errors count in the loss.
  public var penalty = ForcePenalty.absolute
  /// What energies count in the loss; nil for what networks of the kind learn.
  public var energyWeight: Double?
  /// What forces count in the loss; nil likewise.
  public var forceWeight: Double?
  /// By what of the first validation set the best model is known.
  public var bestBy = Criterion.force
  /// Longest gradient that is followed as it is; longer ones are shortened to it.
  public var longestGradient: Double?
  /// Share of each weight, times the learning rate, that it loses at each step.
  public var weightDecay = 0.0
  /// Decay of the running average of the weights; with it, the average is evaluated and kept.
  public var averageDecay: Double?
  /// Batches over which the statistics of a judged or kept network are taken; 0 for the running ones.
  ///
  /// Averaged weights need their own: with running statistics, which are those of weights that move, an
  /// average may be many times worse than the weights in it.
  public var statisticsBatches = 0
  /// Decides first weights, data order and rotations.
  public var seed: UInt64 = 0
  /// Threads at work.
  public var threads: Int
  /// What is computed with, which no configuration says; weights depend on it in their last digits.
  public var kernels = KernelSet.preferred
  /// Steps from one evaluation on the validation sets to the next.
  public var evaluationInterval: Int
  /// Steps from one line of metrics to the next.
  public var reportInterval = 50
  /// Steps from one checkpoint to the next.
  public var checkpointInterval: Int
  /// Evaluations without a better result after which training ends; nil for never.
  public var patience: Int?
  /// Hours after which training ends; nil for never.
  public var hours: Double?

  /// By what models are compared.
  public enum Criterion: String, CaseIterable, Hashable, Sendable {
    /// The mean error of force components.
    case force
    /// The mean error of energies.
    case energy
    /// Both, by their weights in the loss.
    case loss
  }

  /// What energies and forces count for a network.
  public func lossWeights(for architecture: NetworkModel.Architecture) -> LossWeights {
    let usual = LossWeights.defaults(for: architecture)
    return LossWeights(energy: energyWeight ?? usual.energy, force: forceWeight ?? usual.force)
  }

  /// The paper's way of training, in `steps` steps: the learning rate is constant for half of them,
  /// then halved after every tenth.
  public init(steps: Int, threads: Int) {
    (self.steps, self.threads) = (steps, threads)
    schedule = LearningRateSchedule(
      initial: 5e-4, warmupSteps: 0, constantSteps: max(1, steps / 2),
      halvingInterval: max(1, steps / 10))
    evaluationInterval = max(1, steps / 20)
    checkpointInterval = evaluationInterval
  }

  /// Settings and their values, under their names in the configuration.
  var named: [(name: String, value: String)] {
    func text(_ value: (some Any)?) -> String { value.map { "\($0)" } ?? "none" }
    let huberDelta: Double? = if case .huber(let delta) = penalty { delta } else { nil }
    // Only where they are said, so that trainings on forces alone are recorded as ever.
    let ofEnergies: [(name: String, value: String)] = [
      ("energy_weight", energyWeight.map { "\($0)" }),
      ("force_weight", forceWeight.map { "\($0)" }),
      ("best_by", bestBy == .force ? nil : bestBy.rawValue),
    ].compactMap { name, value in value.map { (name, $0) } }
    return [
      ("steps", "\(steps)"), ("batch_size", "\(batchSize)"),
      ("learning_rate", "\(schedule.initial)"), ("warmup_steps", "\(schedule.warmupSteps)"),
      ("constant_steps", "\(schedule.constantSteps)"),
      ("halve_every", "\(schedule.halvingInterval)"),
      ("rotation_augmentation", "\(rotationAugmentation)"),
      ("fixed_atom_weight", "\(atomWeights.fixed)"),
      ("adsorbate_weight", "\(atomWeights.adsorbate)"),
      ("huber_delta", text(huberDelta)), ("clip_grad_norm", text(longestGradient)),
      ("weight_decay", "\(weightDecay)"), ("ema_decay", text(averageDecay)),
      ("statistics_batches", "\(statisticsBatches)"),
      ("seed", "\(seed)"), ("threads", "\(threads)"),
      ("eval_every", "\(evaluationInterval)"), ("report_every", "\(reportInterval)"),
      ("checkpoint_every", "\(checkpointInterval)"), ("patience", text(patience)),
      ("hours", text(hours)),
    ] + ofEnergies
  }

  /// The settings that a section of a configuration holds; what it leaves out has its default.
  init(
    _ section: inout ConfigurationSection, threads defaultThreads: Int
  ) throws(TrainingError) {
    let countless = 1...1_000_000_000
    let steps = try section.requireCount(
      "steps", countless, "how many steps of the optimizer to take")
    self.init(steps: steps, threads: defaultThreads)
    if let size = try section.count("batch_size", 1...65_536) { batchSize = size }
    if let rate = try section.number(
      "learning_rate", "a number above 0 and up to 1 is needed", { $0 > 0 && $0 <= 1 })
    {
      schedule.initial = rate
    }
    if let steps = try section.count("warmup_steps", 0...1_000_000_000) {
      schedule.warmupSteps = steps
    }
    if let steps = try section.count("constant_steps", countless) { schedule.constantSteps = steps }
    if let steps = try section.count("halve_every", countless) { schedule.halvingInterval = steps }
    if let isOn = try section.flag("rotation_augmentation") { rotationAugmentation = isOn }
    if let weight = try section.number(
      "fixed_atom_weight", "a number from 0 to 1 is needed", { (0...1).contains($0) })
    {
      atomWeights.fixed = weight
    }
    if let weight = try section.number(
      "adsorbate_weight", "a number above 0 and up to 1000 is needed", { $0 > 0 && $0 <= 1000 })
    {
      atomWeights.adsorbate = weight
    }
    if let delta = try section.number("huber_delta", "a number above 0 is needed", { $0 > 0 }) {
      penalty = .huber(below: delta)
    }
    func weight(_ key: String) throws(TrainingError) -> Double? {
      try section.number(key, "a number from 0 to 1e6 is needed", { $0 >= 0 && $0 <= 1e6 })
    }
    (energyWeight, forceWeight) = (try weight("energy_weight"), try weight("force_weight"))
    if let node = section.take("best_by") {
      guard let criterion = Criterion(rawValue: try section.text(node, "best_by")) else {
        throw section.refusal("best_by", node, "force, energy or loss is needed")
      }
      bestBy = criterion
    }
    longestGradient = try section.number(
      "clip_grad_norm", "a number above 0 is needed", { $0 > 0 })
    if let decay = try section.number(
      "weight_decay", "a number from 0 to 1 is needed", { (0...1).contains($0) })
    {
      weightDecay = decay
    }
    averageDecay = try section.number(
      "ema_decay", "a number above 0 and below 1 is needed", { $0 > 0 && $0 < 1 })
    statisticsBatches =
      try section.count("statistics_batches", 0...1_000_000) ?? (averageDecay == nil ? 0 : 50)
    if let number = try section.count("seed", 0...Int.max) { seed = UInt64(number) }
    if let count = try section.count("threads", 1...1024) { threads = count }
    if let steps = try section.count("eval_every", countless) {
      (evaluationInterval, checkpointInterval) = (steps, steps)
    }
    if let steps = try section.count("report_every", countless) { reportInterval = steps }
    if let steps = try section.count("checkpoint_every", countless) { checkpointInterval = steps }
    patience = try section.count("patience", countless)
    hours = try section.number("hours", "a number above 0 is needed", { $0 > 0 })
    try section.finish()
  }
}
