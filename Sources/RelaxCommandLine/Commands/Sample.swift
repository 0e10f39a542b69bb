// SPDX-License-Identifier: MIT

import ArgumentParser
import Files
import Forces
import Networks
import RelaxNumerics
import Relaxation
import Reporting
import Sampling
import StructureFiles

struct Sample: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Make labelled frames to train on, from structures and a teacher.",
    // In full it is wider than a terminal.
    usage: "relax sample <input> --provider <provider> --output <output> [options]",
    discussion: """
      relax sample slabs.extxyz --provider emt-morse -o frames
      relax sample slabs.extxyz --provider emt-morse -o frames \\
        --rattled 0 --md-every 0

      Every structure is relaxed; some frames of its path are kept, first and last always. Rattled \
      copies of random frames follow, whose free atoms are displaced by a Gaussian, and frames of \
      molecular dynamics (velocity Verlet, constant energy) from the relaxed structure. All are \
      labelled by the teacher at the positions written, which have five decimals.

      The folder receives relaxations/, rattled/ and md/ as OC20 publishes such sets (N.extxyz.xz \
      of 5,000 frames with N.txt.xz of sid,frameN,reference_energy), and is2rs.extxyz.xz with initial \
      and relaxed structures. An entry reference_energy of the input is passed on. If the output \
      is named as a file (frames.traj, frames.db, frames.extxyz.xz), it receives all frames, each with \
      sid, fid and its set. Equal seeds give equal bytes, whatever threads.

      \(ExitStatus.help(
        "0 all structures gave frames, 3 some gave none, 75 stopped by SIGTERM, SIGUSR1 or "
          + "--time-limit, 130 interrupted (nothing is kept then)"))
      """)

  @Argument(help: "File of initial structures.", completion: .file())
  var input: String

  @Option(name: [.short, .long], help: "The teacher, as for `relax run` (repeatable: they add).")
  var provider: [String]

  @Option(
    name: [.short, .long], help: "Folder for the sets, or one file for all frames.",
    completion: .directory)
  var output: String

  @Option(help: ArgumentHelp("Frames kept of each relaxation, 2 or more.", .whole))
  var frames = 12

  @Option(help: ArgumentHelp("Rattled frames of each structure.", .whole))
  var rattled = 3

  @Option(help: ArgumentHelp("Deviations of rattled atoms (Å); drawn for each frame.", .range))
  var sigma = SigmaRange(0.02...0.25)

  @Option(
    help: ArgumentHelp(
      "Molecular dynamics from every Nth structure (1: all of them); 0 for none.", .whole))
  var mdEvery = 4

  @Option(help: ArgumentHelp("Temperature of the first velocities (K).", .number))
  var temperature = 900.0

  @Option(help: ArgumentHelp("Time step (fs).", .number))
  var timestep = 2.0

  @Option(help: ArgumentHelp("Steps of molecular dynamics.", .whole))
  var mdSteps = 100

  @Option(help: ArgumentHelp("Steps of it from frame to frame.", .whole))
  var mdKeep = 10

  @Option(
    help: ArgumentHelp(
      "Rattled and MD frames with a larger force component (eV/Å) are left out.", .number))
  var forceLimit = 50.0

  @Option(
    help: ArgumentHelp("Converged when every free atom feels less force than this (eV/Å).", .number)
  )
  var fmax = 0.01

  @Option(help: ArgumentHelp("Most displacements of a relaxation.", .whole))
  var steps = 200

  @Option(help: ArgumentHelp("Decides everything that is drawn.", .whole))
  var seed: UInt64 = 0

  @OptionGroup var reading: ReadingOptions

  @OptionGroup var threads: ThreadsOption

  @OptionGroup var stopping: TimeLimitOption

  @OptionGroup var part: ShardOption

  @OptionGroup var replacing: OverwriteOption

  @Flag(name: [.short, .long], help: "No progress and no table; only errors.")
  var quiet = false

  func validate() throws {
    for (name, value, least) in [
      ("frames", frames, 2), ("rattled", rattled, 0), ("md-every", mdEvery, 0),
      ("md-steps", mdSteps, 1), ("md-keep", mdKeep, 1), ("steps", steps, 0),
    ] where value < least {
      throw ValidationError("--\(name) \(value): \(least) or more are needed")
    }
    for (name, value, most) in [
      ("rattled", rattled, 10_000), ("steps", steps, 100_000), ("md-steps", mdSteps, 10_000_000),
      ("md-steps divided by --md-keep", mdSteps / mdKeep, 10_000),
    ] where value > most {
      throw ValidationError(
        "--\(name) \(value): at most \(most) are possible; frames of one structure are kept in memory"
      )
    }
    for (name, value) in [
      ("temperature", temperature), ("timestep", timestep), ("force-limit", forceLimit),
      ("fmax", fmax),
    ] where !(value > 0 && value.isFinite) {
      throw ValidationError("--\(name) \(value): the value must be positive")
    }
  }

  func run() throws {
    // Before a thread is started.
    let interruption = Interruption(limit: stopping.timeLimit)
    let shard = try part.resolved()
    Environment.announce(shard)
    let output = shard.path(of: self.output)
    let teacher = try ProviderCatalog.offered.provider(provider)
    let inputs = try InputFiles.files(in: [input])
    let files = Sampling.Output(named: output)
    if shard != nil && files.file != nil { try ShardOption.requireRoom(in: self.output) }
    var plan = OutputPlan(overwrite: replacing.overwrite)
    plan.reads(inputs)
    plan.reads(teacher.files, as: .model)
    if files.file != nil {
      plan.writes(output, "--output", StructureFormats.outputKind)
    } else {
      plan.writes(folder: output, names: files.names, "--output")
    }
    // Before anything is made: a signal from now on ends it in order.
    interruption.hear(keeping: "half a set may be left, which --overwrite replaces")
    let outputs = try plan.begin(endsAtSignals: false, unless: interruption)
    defer { outputs.end() }
    if !quiet { Console.warn(about: teacher) }
    let tally = try sample(inputs, teacher, to: files, shard, outputs, interruption)
    guard let tally else {
      let cause = interruption.cause ?? .interrupt
      throw CommandFailure(
        cause.status, "\(cause.words); nothing of it is kept, since half a set is of no use")
    }
    for warning in tally.warnings { Console.warn(warning.description) }
    try report(tally, outputs)
  }

  /// - Returns: nil if it was interrupted.
  private func sample(
    _ inputs: [String], _ teacher: any ForceProvider, to files: Sampling.Output, _ shard: Shard?,
    _ outputs: Outputs, _ interruption: Interruption
  ) throws -> Sampling.Tally? {
    var sampling = Sampling(FrameSampler(self.plan, provider: teacher))
    sampling.shard = shard
    sampling.threads = threads.threads ?? ThreadBudget.structuresAtOnce(with: teacher)
    let stamps = shard == nil ? [] : inputs.map { FileStamp($0) }
    // Without a file there is nothing that could be merged.
    let isFile = files.file.map { FilePlace($0).kind != .stream } ?? true
    let manifest =
      try isFile
      ? shard.map {
        try SamplingManifest(
          $0, of: files,
          settings: sampling.recordedSettings(reading.filters, reading.assumptions, of: stamps))
      } : nil
    let progress = CountProgress(
      quiet: quiet, "structures",
      of: reading.total(of: inputs, in: shard))
    defer { progress.end() }
    let tally = try sampling.run(
      reading.reader(of: inputs, shouldStop: { interruption.isRequested }), to: files,
      replacing: outputs.overwrite, manifest: manifest,
      shouldStop: { interruption.isRequested },
      report: { progress.receive($0.structures) })
    progress.end()
    if let tally, tally.structuresOfAll > 0 {
      try ShardOption.requireUnchanged(stamps)
      try manifest?.finish(tally)
    }
    return tally
  }

  private var plan: SamplingPlan {
    var plan = SamplingPlan()
    plan.relaxation = RelaxationSettings(fmax: fmax, maximumSteps: steps)
    (plan.pathFrames, plan.rattledFrames) = (frames, rattled)
    plan.deviations = sigma.deviations
    (plan.dynamicsInterval, plan.dynamicsSteps) = (mdEvery, mdSteps)
    (plan.temperature, plan.timestep) = (temperature, timestep)
    (plan.dynamicsFrameInterval, plan.largestForce) = (mdKeep, forceLimit)
    plan.seed = seed
    return plan
  }

  private func report(_ tally: Sampling.Tally, _ outputs: Outputs) throws {
    let report = SampleReport(tally)
    if !quiet { try Console.result(report.text) }
    if tally.structuresOfAll > 0 { outputs.announce(quiet: quiet) }
    if tally.structuresOfAll == 0 {
      throw CommandFailure(
        .badData,
        "\(input) holds no structure"
          + (reading.filters.isEmpty ? "" : " of which \(reading.filters.recorded) holds"))
    }
    try report.requireSuccess()
  }
}

/// Deviations from a lowest to a highest, in Å.
struct SigmaRange: ExpressibleByArgument, CustomStringConvertible {
  var deviations: ClosedRange<Double>

  init(_ deviations: ClosedRange<Double>) { self.deviations = deviations }

  init?(argument: String) {
    let ends = argument.split(separator: ":", omittingEmptySubsequences: false).map {
      Double($0)
    }
    guard ends.count == 2, let low = ends[0], let high = ends[1], low >= 0, low <= high,
      high.isFinite
    else { return nil }
    deviations = low...high
  }

  var description: String { "\(deviations.lowerBound):\(deviations.upperBound)" }
  var defaultValueDescription: String { description }
}
