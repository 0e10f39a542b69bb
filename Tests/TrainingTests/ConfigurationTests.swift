// SPDX-License-Identifier: MIT

import Networks
import Testing

@testable import Training

@Suite("Configurations")
struct ConfigurationTests {
  private func read(_ text: String) throws -> TrainingConfiguration {
    try TrainingConfiguration(yaml: text, file: "some/where/c.yaml", threads: 7)
  }

  static let small = """
    model:
      architecture: forcenet
    data:
      train: frames.xyz
    training:
      steps: 100
    output: out
    """

  @Test("What is left out has the paper's value")
  func defaults() throws {
    let c = try read(ConfigurationTests.small)
    guard case .untrained(.forceNet(let network)) = c.start else {
      Issue.record("\(c.start)")
      return
    }
    #expect(network == ForceNetConfiguration())
    #expect(c.train.map(\.path) == ["some/where/frames.xyz"] && c.train[0].weight == 1)
    #expect(c.validation.isEmpty && c.holdout == nil && c.forceScale == nil)
    #expect(c.output == "some/where/out")
    let settings = c.settings
    #expect(settings == TrainingSettings(steps: 100, threads: 7))
    #expect(settings.batchSize == 16 && settings.schedule.initial == 5e-4)
    #expect(settings.rotationAugmentation && settings.atomWeights == AtomWeights())
    #expect(settings.longestGradient == nil && settings.averageDecay == nil)
    #expect(settings.patience == nil && settings.hours == nil && settings.seed == 0)
    #expect(settings.evaluationInterval == 5)
  }

  @Test("Everything can be said, as the issue says it")
  func everything() throws {
    let c = try read(
      """
      # a comment
      model:
        architecture: forcenet
        hidden_channels: 128
        decoder_hidden_channels: 96
        num_interactions: 3
        basis: sphallmul
        activation_str: swish
      data:
        train: [s2ef_train, {path: /abs/s2ef_rattled, weight: 0.5, limit: 10}]
        validation: {val_id: s2ef_val_id, "ood": {path: b, limit: 3}}
        holdout: 0.25
        force_scale: auto
      training:
        steps: 20000
        batch_size: 8
        learning_rate: 1.0e-3
        warmup_steps: 10
        constant_steps: 15000
        halve_every: 100
        rotation_augmentation: false
        fixed_atom_weight: 0
        adsorbate_weight: 4
        huber_delta: 0.03
        clip_grad_norm: 2.5
        weight_decay: 0.01
        ema_decay: 0.999
        statistics_batches: 7
        seed: 1
        threads: 2
        eval_every: 500
        report_every: 20
        checkpoint_every: 250
        patience: 4
        hours: 1.5
      output: /runs/x
      """)
    guard case .untrained(.forceNet(let network)) = c.start else {
      Issue.record("\(c.start)")
      return
    }
    #expect(network.hiddenChannels == 128 && network.decoderChannels == 96)
    #expect(network.interactions == 3 && network.basis == Basis(name: "sphallmul"))
    #expect(c.train.map(\.path) == ["some/where/s2ef_train", "/abs/s2ef_rattled"])
    #expect(c.train.map(\.weight) == [1, 0.5] && c.train.map(\.limit) == [nil, 10])
    #expect(c.validation.map(\.name) == ["val_id", "ood"])
    #expect(c.validation.map(\.path) == ["some/where/s2ef_val_id", "some/where/b"])
    #expect(c.validation[1].limit == 3)
    #expect(c.holdout == 0.25 && c.forceScale == .fromData && c.output == "/runs/x")
    let s = c.settings
    #expect(s.steps == 20000 && s.batchSize == 8 && s.seed == 1 && s.threads == 2)
    #expect(
      s.schedule
        == LearningRateSchedule(
          initial: 1e-3, warmupSteps: 10, constantSteps: 15000, halvingInterval: 100))
    #expect(!s.rotationAugmentation && s.atomWeights.fixed == 0 && s.atomWeights.adsorbate == 4)
    #expect(
      s.penalty == .huber(below: 0.03) && s.longestGradient == 2.5 && s.averageDecay == 0.999
        && s.weightDecay == 0.01
        && s.statisticsBatches == 7)
    #expect(s.evaluationInterval == 500 && s.reportInterval == 20 && s.checkpointInterval == 250)
    #expect(s.patience == 4 && s.hours == 1.5)
  }

  @Test("Energies: what is said, and what networks learn without")
  func energies() throws {
    let usual = try read(ConfigurationTests.small)
    #expect(usual.energyShift == nil && usual.energyScale == nil && usual.energies == nil)
    let schNet = NetworkModel.Architecture.schNet(SchNetConfiguration())
    let forceNet = NetworkModel.Architecture.forceNet(ForceNetConfiguration())
    #expect(usual.settings.lossWeights(for: schNet) == LossWeights(energy: 1, force: 30))
    #expect(usual.settings.lossWeights(for: forceNet) == LossWeights(energy: 0, force: 1))
    #expect(usual.settings.bestBy == .force)
    // What is recorded of a training on forces alone is what always was.
    #expect(!usual.recorded.contains { $0.name.contains("energ") || $0.name.contains("best_by") })
    let text = ConfigurationTests.small
      .replacing("architecture: forcenet", with: "from: m\n  angles: full")
      .replacing(
        "train: frames.xyz",
        with: "train: a\n  energy_shift: -0.75\n  energy_scale: auto\n  energies: total"
      ).replacing(
        "steps: 100",
        with: "steps: 100\n  energy_weight: 0\n  force_weight: 1e-12\n  best_by: loss")
    let said = try read(text)
    guard case .model("some/where/m", .full) = said.start else {
      Issue.record("\(said.start)")
      return
    }
    #expect(said.energyShift == .value(-0.75) && said.energyScale == .fromData)
    #expect(said.energies == .total && said.settings.bestBy == .loss)
    #expect(said.settings.lossWeights(for: schNet) == LossWeights(energy: 0, force: 1e-12))
    let names = said.recorded.map(\.name)
    for name in [
      "model.angles", "data.energy_shift", "data.energy_scale", "data.energies",
      "training.energy_weight", "training.force_weight", "training.best_by",
    ] { #expect(names.contains(name), "\(name)") }
  }

  @Test("Averaged weights get statistics of their own unless it is said otherwise")
  func statisticsOfAverages() throws {
    func batches(_ line: String) throws -> Int {
      try read(ConfigurationTests.small.replacing("steps: 100", with: "steps: 100\n  \(line)"))
        .settings.statisticsBatches
    }
    #expect(try batches("seed: 1") == 0)
    #expect(try batches("ema_decay: 0.9") == 50)
    #expect(try batches("ema_decay: 0.9\n  statistics_batches: 0") == 0)
    #expect(try batches("statistics_batches: 9") == 9)
  }

  @Test("A model can be gone on from, and names stand for sizes")
  func starts() throws {
    let from = try read(
      ConfigurationTests.small.replacing("architecture: forcenet", with: "from: m.safetensors"))
    guard case .model("some/where/m.safetensors", nil) = from.start else {
      Issue.record("\(from.start)")
      return
    }
    let large = try read(
      ConfigurationTests.small.replacing(
        "architecture: forcenet", with: "architecture: forcenet-large\n  num_interactions: 2"))
    guard case .untrained(.forceNet(let network)) = large.start else {
      Issue.record("\(large.start)")
      return
    }
    #expect(network.hiddenChannels == 768 && network.interactions == 2)
  }

  struct Case: Sendable, CustomTestStringConvertible {
    var old: String
    var new: String
    var message: String
    var testDescription: String { new }
    init(_ old: String, _ new: String, _ message: String) {
      (self.old, self.new, self.message) = (old, new, message)
    }
  }

  static let mistakes: [Case] = [
    Case(
      "steps: 100", "steps: 100\n  learning_rat: 1",
      ":7: there is no key training.learning_rat; did you mean `learning_rate`? Possible are "),
    Case(
      "output: out", "output: out\noptimizer: adam", ":8: there is no key optimizer; possible are"),
    Case("  train: frames.xyz", "  trian: frames.xyz", ":4: data.train is missing: "),
    Case(
      "architecture: forcenet", "architecture: forcenet\n  basis: foo",
      ":3: basis of forcenet is \"foo\": possible are "),
    Case(
      "architecture: forcenet", "architecture: forcenet\n  hidden_chanels: 8",
      ":3: forcenet has no argument `hidden_chanels`; did you mean `hidden_channels`? Possible "),
    Case(
      "architecture: forcenet", "architecture: painn",
      ":2: model.architecture is `painn`: possible are forcenet, forcenet-large, gns, schnet, "),
    Case(
      "architecture: forcenet", "from: a\n  angles: half",
      ":3: model.angles is `half`: released or full is needed"),
    Case(
      "train: frames.xyz", "train: a\n  energy_shift: mean",
      ":5: data.energy_shift is `mean`: an energy in eV, or auto, is needed"),
    Case(
      "train: frames.xyz", "train: a\n  energy_scale: 0",
      ":5: data.energy_scale is `0`: an energy in eV above 0, or auto, is needed"),
    Case(
      "train: frames.xyz", "train: a\n  energies: free",
      ":5: data.energies is `free`: adsorption or total is needed"),
    Case(
      "steps: 100", "steps: 100\n  force_weight: -1",
      ":7: training.force_weight is `-1`: a number from 0 to 1e6 is needed"),
    Case(
      "steps: 100", "steps: 100\n  best_by: adwt",
      ":7: training.best_by is `adwt`: force, energy or loss is needed"),
    Case(
      "architecture: forcenet", "from: a\n  hidden_channels: 5",
      ":3: there is no key model.hidden_channels"),
    Case("  architecture: forcenet", "  name: forcenet", ":2: model.architecture is missing"),
    Case("steps: 100", "steps: 0", ":6: training.steps is `0`: whole numbers from 1 to 1000000000"),
    Case("steps: 100", "steps: 1.5", ":6: training.steps is `1.5`: whole numbers from 1"),
    Case("steps: 100", "steps: '100'", ":6: training.steps is `100`: whole numbers from 1"),
    Case("steps: 100", "seed: 1", ":6: training.steps is missing: "),
    Case(
      "steps: 100", "steps: 100\n  learning_rate: -1",
      ":7: training.learning_rate is `-1`: a number above 0 and up to 1 is needed"),
    Case(
      "steps: 100", "steps: 100\n  learning_rate: .nan", ":7: training.learning_rate is `.nan`: "),
    Case("steps: 100", "steps: 100\n  learning_rate: nan", ":7: training.learning_rate is `nan`: "),
    Case(
      "steps: 100", "steps: 100\n  rotation_augmentation: yes",
      ":7: training.rotation_augmentation is `yes`: true or false is needed"),
    Case(
      "steps: 100", "steps: 100\n  fixed_atom_weight: 1.1",
      ":7: training.fixed_atom_weight is `1.1`: a number from 0 to 1 is needed"),
    Case("steps: 100", "steps: 100\n  ema_decay: 1", ":7: training.ema_decay is `1`: "),
    Case("steps: 100", "steps: 100\n  threads: 0", ":7: training.threads is `0`: "),
    Case("steps: 100", "steps: 100\n  hours: 0", ":7: training.hours is `0`: "),
    Case("steps: 100", "steps: 100\n  steps: 5", ": the same key twice: steps"),
    Case(
      "steps: 100",
      "steps: 100\n  ? [a]\n  : 1\n  ? [a]\n  : 2\n  ? {b: 1}\n  : 1\n  ? {b: 1}\n  : 1",
      ": a key that is no text stands there twice"),
    Case("steps: 100", "steps: [1", ": this is not YAML: "),
    Case("train: frames.xyz", "train: []", ":4: data.train is a list: it is empty"),
    Case(
      "train: frames.xyz", "train: [{path: a, wieght: 2}]",
      ":4: there is no key data.train.wieght; did you mean `weight`?"),
    Case("train: frames.xyz", "train: [{weight: 2}]", ":4: data.train.path is missing"),
    Case(
      "train: frames.xyz", "train: [{path: a, weight: 0}]",
      ":4: data.train.weight is `0`: a number above 0 and up to 1000 is needed"),
    Case(
      "train: frames.xyz", "train: a\n  validation: {x: {path: b, weight: 2}}",
      ":5: there is no key data.validation.x.weight"),
    Case(
      "train: frames.xyz", "train: a\n  validation: b",
      ":5: data.validation is `b`; keys with values below it are needed"),
    Case("train: frames.xyz", "train: a\n  holdout: 1", ":5: data.holdout is `1`: "),
    Case("train: frames.xyz", "train: a\n  force_scale: big", ":5: data.force_scale is `big`: "),
    Case(
      "train: frames.xyz", "train: &a [x]\n  validation: *a",
      ":4: names for parts of the file (`&name`) are not taken"),
    Case("steps: 100", "\"ste\\nps\": 100", ":6: keys are short words"),
    Case("steps: 100", "steps: |\n    1\n    2", ":6: training.steps is `1\\n2"),
    Case("output: out", "output: out\n\u{7}", ": this is not YAML: "),
    Case("output: out", "", ": output is missing: the folder for the results"),
    Case("training:\n  steps: 100", "training: 5", ":5: training is `5`; keys with values"),
  ]

  @Test("Every mistake is named with its line and what is possible", arguments: mistakes)
  func mistake(_ wrong: Case) throws {
    let text = ConfigurationTests.small.replacing(wrong.old, with: wrong.new)
    try #require(text != ConfigurationTests.small)
    do {
      _ = try read(text)
      Issue.record("it was accepted")
    } catch {
      let message = "\(error)"
      #expect(message.contains(wrong.message), "\(message)")
      #expect(message.hasPrefix("some/where/c.yaml"))
      #expect(!message.contains("\n"))
    }
  }

  /// Nested lists, and names for lists of names: a few bytes that could stand for all memory.
  @Test(
    "A short text never takes long",
    arguments: [
      String(repeating: "[", count: 500_000), String(repeating: "- ", count: 200_000),
      String(repeating: "{a: ", count: 100_000), String(repeating: "? ", count: 100_000),
      (0..<40).map { "k\($0): &n\($0) [*n\(max(0, $0 - 1)), *n\(max(0, $0 - 1))]\n" }.joined(),
      String(repeating: "x", count: 1 << 20), "a: " + String(repeating: "\u{300}", count: 100_000),
    ])
  func bounds(text: String) throws {
    let error = #expect(throws: TrainingError.self) { try read(text) }
    #expect(("\(error.map { "\($0)" } ?? "")").utf8.count < 1000)
  }

  @Test(
    "Files that are no configuration are refused", arguments: ["", "# nothing", "5", "- a", "{"])
  func other(text: String) {
    #expect(throws: TrainingError.self) { try read(text) }
  }
}
