// SPDX-License-Identifier: MIT

import ArgumentParser
import Files
import Networks
import RelaxNumerics
import Reporting
import StructureFiles
import Training

struct Train: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Train a network on labelled structures.",
    // In full it is wider than a terminal.
    usage: "relax train <config> [--output <output>] [--resume] [options]",
    discussion: """
      relax train config.yaml
      relax train config.yaml --resume

      A configuration says what to train, on what, and how:

      model:                           # or {from: MODEL.safetensors}: its weights
        architecture: forcenet         # or another, see below; the released
        hidden_channels: 128           # constructor's arguments follow
      data:                            # paths are relative to the configuration
        train: [s2ef_train, {path: rattled, weight: 0.5, limit: 5000}]
                 # of a set also select: natoms<100 and unconverged: true
        validation: {val_id: s2ef_val_id, val_ood: {path: val_ood, limit: 200}}
        holdout: 0.1                   # share of the systems of `train` to judge by
        force_scale: auto              # unit of force: eV/Å, or that of the data
        energy_shift: auto             # fitted, or eV taken off a structure's energy
        energy_scale: auto             # unit of energy, or so many eV
        energies: adsorption           # or total (what N.txt says)
      training:
        steps: 20000                   # the only one without a default
        batch_size: 16                 # (16)
        learning_rate: 5.0e-4          # (5e-4) for constant_steps (half of all),
        halve_every: 2000              # then halved after each (a tenth of all)
        warmup_steps: 0                # (0)
        rotation_augmentation: true    # (true) turn frames about z at random
        fixed_atom_weight: 0.05        # (0.05) in the loss; free atoms have 1
        adsorbate_weight: 1            # (1) in the loss, of free atoms tagged 2
        energy_weight: 1               # of energies in the loss (see below)
        force_weight: 30               # of forces
        best_by: force                 # (force) or energy, loss: what is best
        huber_delta: 0.03              # eV/Å: below, squares count (none: L1)
        clip_grad_norm: 10             # (none)
        weight_decay: 0.01             # of AdamW (0, which is Adam)
        ema_decay: 0.999               # judge and keep averaged weights (none)
        statistics_batches: 50         # of batch normalisations (see below)
        seed: 1                        # (0)
        threads: 2                     # (all)
        eval_every: 1000               # (a twentieth of all); also report_every (50)
        checkpoint_every: 1000         # (as eval_every)
        patience: 10                   # end after so many without a better one
        hours: 8                       # end after this time
      output: runs/forcenet

      Architectures: \(NetworkModel.Architecture.names.joined(separator: ", ")).

      Forces of schnet and dimenetplusplus are derivatives of an energy, and they learn both: the loss \
      is energy_weight times the mean error of energies (eV) plus force_weight times that of forces \
      (eV/Å), 1 and 30 unless you say otherwise; frames without an energy train forces alone. \
      forcenet and gns learn forces (weights 0 and 1); with an energy_weight forcenet learns its \
      energies too. Energies are less an energy an atom of each element (energy_shift: auto), by \
      least squares over the training frames, in units of the deviation that is left (energy_scale: \
      auto); a model that is gone on from keeps its own. They are adsorption energies where N.txt \
      gives reference energies other than 0. `angles: full` under model makes forces of dimenetplusplus the true \
      gradient of its energy; `released` leaves out how angles change, as the published weights do.

      In brackets stand defaults. Batch normalisations get their statistics from so many batches \
      (default: 50 with ema_decay; else 0, which means running statistics as released).

      The first validation set decides which model is the best, by its mean force error. The folder receives \
      model.safetensors (the best), last.safetensors, checkpoint, metrics.jsonl, timings.jsonl, \
      config.yaml and report.html. A training that was interrupted or killed goes on with --resume \
      and ends with the same bytes of models and metrics; equal seeds and thread counts give equal \
      bytes.

      \(ExitStatus.help(
        "0 trained, 3 a loss or gradient is not finite, 75 stopped by SIGTERM, SIGUSR1 or "
          + "--time-limit (--resume goes on), 130 interrupted"))
      """)

  @Argument(help: "What to train, on what, and how (YAML).", completion: .file())
  var config: String

  @Option(name: [.short, .long], help: "Folder of the results, instead of the configuration's.")
  var output: String?

  @Flag(help: "Go on with a training that was interrupted or killed.")
  var resume = false

  @OptionGroup var stopping: TimeLimitOption

  @OptionGroup var replacing: OverwriteOption

  @Flag(name: [.short, .long], help: "No progress and no table; only errors.")
  var quiet = false

  func validate() throws {
    if resume && replacing.overwrite {
      throw ValidationError("--resume keeps the results and --overwrite replaces them: choose one")
    }
  }

  /// Where gradients come from.
  private static let makeGradients: GradientSourceMaker = { model, settings in
    try NetworkGradients(
      model, penalty: settings.penalty, weights: settings.lossWeights(for: model.architecture),
      threads: settings.threads, kernels: settings.kernels)
  }

  func run() throws {
    // Before a thread is started.
    let interruption = Interruption(limit: stopping.timeLimit)
    var configuration = try TrainingConfiguration(path: config)
    if let output { configuration.output = output }
    let files = TrainingOutput(folder: configuration.output)
    var plan = OutputPlan(overwrite: replacing.overwrite)
    try declareInputs(of: configuration, in: &plan)
    let continues = resume && FilePlace(files.checkpoint).exists
    // A training that goes on does not write its configuration again, which may be the one it is given.
    plan.reads(continues ? [] : [config], as: .configuration)
    plan.writes(
      folder: files.folder,
      names: files.all.map { String($0.dropFirst(files.folder.count + 1)) }, "--output", .resume)
    // Before anything is made: a signal from now on ends it in order.
    interruption.hear(
      keeping: "the last checkpoint is kept, and the same command with --resume goes on")
    let outputs = try plan.begin(endsAtSignals: false, unless: interruption)
    defer { outputs.end() }
    let progress = TrainingProgress(quiet: quiet, settings: configuration.settings)
    var run = TrainingRun(configuration, makeGradients: Train.makeGradients)
    run.shouldStop = { interruption.isRequested }
    run.report = { progress.receive($0) }
    let outcome: TrainingOutcome
    do {
      outcome = try run.run(
        resume ? .resuming : replacing.overwrite ? .overwriting : .new, claim: outputs.claim)
    } catch {
      progress.end()
      throw explained(error, files)
    }
    progress.end()
    try report(outcome, configuration, outputs, interruption.cause)
  }

  /// Declares the files that are read.
  private func declareInputs(
    of configuration: TrainingConfiguration, in plan: inout OutputPlan
  ) throws {
    var inputs: [String] = []
    if case .model(let path, _) = configuration.start {
      try InputFiles.requireReadable([path])
      plan.reads([path], as: .model)
    }
    for source in configuration.train + configuration.validation {
      inputs += try FrameCollection(path: source.path).files
    }
    try InputFiles.requireReadable(inputs)
    plan.reads(inputs)
  }

  /// A failure to write leaves a training that can go on, and says so.
  private func explained(_ error: any Error, _ files: TrainingOutput) -> any Error {
    // Refusals of what was there before are other errors.
    if error is TrainingError { return error }
    if let difference = error as? DifferentSetting, difference.name == "kernels" {
      return CommandFailure(
        .usage,
        "\(difference)\nset RELAX_KERNELS=\(difference.began) to go on, where the processor has them"
      )
    }
    if let difference = error as? DifferentSetting, difference.name == "training.steps" {
      return CommandFailure(
        .usage,
        "\(difference)\na training keeps its settings, on which the learning rate depends; to go on with "
          + "its weights, begin a new one with `model: {from: \(files.lastModel)}`")
    }
    guard let failure = CommandFailure(explaining: error), failure.code == .cannotWrite,
      FilePlace(files.checkpoint).exists
    else { return error }
    return CommandFailure(
      .cannotWrite,
      "\(failure.message)\nthe last checkpoint is kept; the same command with --resume goes on")
  }

  private func report(
    _ outcome: TrainingOutcome, _ configuration: TrainingConfiguration, _ outputs: Outputs,
    _ cause: Interruption.Cause?
  ) throws {
    let files = outcome.output
    if !outcome.didNothing {
      let name = "Training in \(files.folder)"
      var run = try TrainingPage.run(files, name: name)
      (run.configuration, run.schedule) = (configuration.text, configuration.settings.schedule)
      // It is this process that is about to end.
      run.state = ""
      let page = TrainingReport(title: name, runs: [run])
      try outputs.write(page.html(), to: files.report, replacing: true)
    }
    if outcome.ending == .interrupted {
      let cause = cause ?? .interrupt
      throw CommandFailure(
        cause.status,
        "\(cause.words); \(outcome.steps) of \(configuration.settings.steps) steps are done, and the same "
          + "command with --resume goes on")
    }
    guard !quiet else { return }
    try Console.result(summary(outcome, configuration.settings.bestBy))
    outputs.announce()
  }

  private func summary(
    _ outcome: TrainingOutcome, _ criterion: TrainingSettings.Criterion
  ) -> String {
    var lines: [String] = []
    let why =
      switch outcome.ending {
      case .steps, .interrupted: ""
      case .patience: ": the last evaluations were no better"
      case .hours: ": the time is over"
      }
    lines.append(
      outcome.didNothing
        ? "all done before, after \(outcome.steps) steps\(why)"
        : "trained for \(outcome.steps) steps\(why)")
    if let best = outcome.best {
      let (what, unit) =
        switch criterion {
        case .force: ("force MAE", " eV/Å")
        case .energy: ("energy MAE", " eV")
        case .loss: ("loss", "")
        }
      lines.append("best \(what) \(Decimals.fixed(best.error, 5))\(unit) at step \(best.step)")
    }
    lines.append("model: \(outcome.output.model)")
    return lines.map { $0 + "\n" }.joined()
  }
}
