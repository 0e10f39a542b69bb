// SPDX-License-Identifier: MIT

import ArgumentParser
import Files
import Forces
import RelaxNumerics
import Relaxation
import StructureFiles

struct Run: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Relax structures: move the free atoms until the forces on them vanish.",
    discussion: """
      relax slabs.extxyz --provider emt-morse
      relax is2rs.extxyz.xz --select role=initial --provider emt-morse \\
        --trajectory path.extxyz --summary summary.jsonl --threads 2
      relax slabs.extxyz --provider lj:sigma=2.338,epsilon=0.4093,cutoff=6 \\
        --scheme ocp2021
      relax slabs.extxyz --provider forcenet:model=forcenet.safetensors \\
        --scheme robust

      Every structure ends with a status: converged, step_limit, stalled (with --scheme robust), \
      diverged, invalid (never evaluated), failed or interrupted; the reason is in the summary and \
      in the final table.

      An interrupted or killed run goes on with --resume and ends with the same files; so does one \
      that a power failure ended, at the price of what was finished in the last seconds. What is \
      finished stands in a hidden journal beside the relaxed structures, .NAME.journal; without it \
      there is no going on. It may be deleted when the run is complete.

      \(ExitStatus.help(
        "0 all converged, 3 some did not converge or failed, 65 some input could not be read "
          + "(the rest is relaxed), 75 stopped by SIGTERM, SIGUSR1 or --time-limit (--resume "
          + "goes on), 130 interrupted"))
      """)

  @Argument(
    help: """
      Files of structures, or folders of them: extended XYZ, POSCAR, vasprun.xml, OUTCAR, ASE's .traj, \
      .db and .json, OC20's .lmdb and .aselmdb, CIF; .gz and .xz too.
      """,
    completion: .file())
  var inputs: [String]

  @OptionGroup var method: MethodOptions

  @OptionGroup var threads: ThreadsOption

  @OptionGroup var memory: MemoryLimitOption

  @Option(
    name: [.short, .long],
    help: "Relaxed structures: .extxyz, .xyz (also .gz, .xz), .traj, .db, .json, .cif, .vasp.",
    completion: .file())
  var output = "relaxed.extxyz"

  @Option(help: "Geometries on the way, all frames of a structure together.", completion: .file())
  var trajectory: String?

  @Option(
    help: ArgumentHelp(
      "What the trajectory holds; the first and the last frame always (default: all).", .frames),
    completion: .list(["all", "ends", "every:"]))
  var frames: FrameSelection?

  @Option(help: "One line of JSON a structure: status, reason, steps, energy, fmax, seconds.")
  var summary: String?

  @Option(
    help:
      "A line a step as ASE writes it, with the id in front, to this file or standard output (-).")
  var log: String?

  @OptionGroup var reading: ReadingOptions

  @OptionGroup var part: ShardOption

  @Flag(help: "Go on with a run that was interrupted or killed.")
  var resume = false

  @Option(
    help: ArgumentHelp(
      "With --resume: take up again what ended so (repeatable): failed, for example.",
      valueName: "status"))
  var retry: [RelaxationStatus] = []

  @Flag(
    help: """
      Force each finished structure onto the disk before it counts; else a power failure costs those of \
      the last ten seconds.
      """)
  var durable = false

  @OptionGroup var stopping: TimeLimitOption

  @OptionGroup var replacing: OverwriteOption

  @Flag(name: [.short, .long], help: "No progress and no table; only errors.")
  var quiet = false

  @Option(help: "Write the outcome as JSON to this file, or to standard output (-).")
  var json: String?

  func validate() throws {
    if frames != nil && trajectory == nil {
      throw ValidationError("--frames says what a trajectory holds: give --trajectory FILE, too")
    }
    if !retry.isEmpty && !resume {
      throw ValidationError("--retry takes up structures of a run that goes on: give --resume, too")
    }
    if resume && replacing.overwrite {
      throw ValidationError("--resume keeps the outputs and --overwrite replaces them: choose one")
    }
  }

  func run() throws {
    // Before a thread is started.
    let interruption = Interruption(limit: stopping.timeLimit)
    let inputs = try InputFiles.files(in: inputs)
    let shard = try part.resolved()
    Environment.announce(shard)
    let engine = try makeEngine(inputs, shard)
    let budget = ThreadBudget(engine)
    if let warning = budget.warning, !quiet { Console.warn(warning) }
    if !quiet { Console.warn(about: engine.provider) }
    let whole = RunPaths(relaxed: output, trajectory: trajectory, summary: summary)
    let paths = whole.paths(of: shard)
    let (json, log) = (shard.path(of: json), shard.path(of: log))
    var plan = OutputPlan(overwrite: replacing.overwrite)
    plan.reads(inputs)
    plan.reads(engine.provider.files, as: .model)
    plan.writes(paths.relaxed, "--output", StructureFormats.outputKind, .resume)
    plan.writes(paths.trajectory, "--trajectory", StructureFormats.outputKind, .resume)
    plan.writes(paths.summary, "--summary", .jsonLines, .resume)
    plan.writes(paths.journal, "the journal of --output", nil, .resume)
    plan.writes(log, "--log", .log, .resume)
    // What the run itself has written is brought up to date.
    let hasBegun = paths.journal.map { FilePlace($0).exists } ?? false
    let continuesJSON = resume && hasBegun && RunReport.wrote(json, to: paths)
    plan.writes(json, "--json", .json, continuesJSON ? .resume : .replace)
    // Before anything is made: a signal from now on ends it in order.
    interruption.hear(keeping: RunReport.kept)
    let outputs = try plan.begin(endsAtSignals: false, unless: interruption)
    defer { outputs.end() }
    let progress = RunProgress(quiet: quiet, sharesTerminal: log == "-")
    let steps = try stepLog(log)
    let clock = ContinuousClock()
    let begin = clock.now
    let outcome: Engine.Outcome
    do {
      outcome = try engine.run(
        to: whole,
        start: start,
        described: [RecordedSetting("scheme", method.scheme.rawValue)],
        origin: .ofProcess, claim: outputs.claim,
        shouldStop: { interruption.isRequested },
        report: { event in
          if case .stepped(let id, _, let step) = event { steps?.write(id: id, step) }
          progress.receive(event)
        })
      try steps?.requireWritten()
    } catch {
      progress.end()
      throw Run.explained(error, paths)
    }
    progress.end()
    if !quiet { for warning in outcome.fileWarnings { Console.warn(warning.description) } }
    let report = RunReport(
      outcome: outcome, engine: engine, scheme: method.scheme, paths: paths,
      cause: interruption.cause, seconds: (clock.now - begin) / .seconds(1),
      troubles: progress.troubles)
    // Without a result there is nothing to tell but what is wrong.
    if outcome.hasResults {
      try outputs.write(report.json, to: json, replacing: continuesJSON)
      if !quiet && !outputs.usesStandardOutput { try Console.result(report.table) }
      outputs.announce(quiet: quiet)
    }
    try report.requireSuccess()
  }

  /// What is done about outputs that are there.
  private var start: RunStart {
    if resume { return retry.isEmpty ? .resuming : .retrying(Set(retry)) }
    return replacing.overwrite ? .overwriting : .new
  }

  /// The file of --log.
  private func stepLog(_ log: String?) throws -> StepLog? {
    guard let log else { return nil }
    let exists = FilePlace(log).kind == .file
    guard resume || replacing.overwrite || !exists else { throw FileError.exists(log) }
    return StepLog(
      path: log, start: resume && exists ? .reopening : .creating(replacing: true),
      optimizer: method.optimizer)
  }

  /// What is said of an error that ends a run: what to do next, too.
  private static func explained(_ error: any Error, _ paths: RunPaths) -> any Error {
    if let error = error as? FileError, error.kind == .unwritable, RunTrace(of: paths) != nil {
      return CommandFailure(
        .cannotWrite,
        "\(error)\nwhat was finished is kept; the same command with --resume goes on")
    }
    if let difference = error as? DifferentSetting, difference.name == "steps" {
      return CommandFailure(
        .usage,
        "\(difference)\na run keeps its settings; with --retry step_limit those that reached the limit are relaxed anew "
          + "with this one; --overwrite starts again")
    }
    if let difference = error as? DifferentSetting, difference.isOfScript {
      return CommandFailure(
        .usage,
        "cannot resume: the provider's script is not the one that the run began with\n"
          + "put it back; or --retry failed relaxes what failed by the script as it is now, and what is "
          + "finished stays; --overwrite starts again")
    }
    if let difference = error as? DifferentSetting {
      return CommandFailure(
        .usage,
        "\(difference)\ngive what the run began with to go on, or --overwrite to start again")
    }
    return error
  }

  /// What is computed with: in a run that goes on what it began with, for its bytes depend on it.
  private func kernels(of shard: Shard?) throws -> KernelSet {
    guard resume else { return .preferred }
    let paths = RunPaths(relaxed: output).paths(of: shard)
    do { return try RunTrace.kernels(of: paths) ?? .preferred } catch {
      throw CommandFailure(
        .usage,
        "cannot resume: the run began with kernels that this processor has not, which is good for "
          + "\(KernelSet.supported.name): \(error)")
    }
  }

  private func makeEngine(_ inputs: [String], _ shard: Shard?) throws -> Engine {
    var engine = try method.engine(for: inputs, kernels: try kernels(of: shard))
    (engine.shard, engine.isDurable) = (shard, durable)
    (engine.filters, engine.assumptions) = (reading.filters, reading.assumptions)
    engine.frames = frames ?? .all
    engine.memoryLimit = try memory.resolved()
    engine.threads = threads.threads ?? ThreadBudget.structuresAtOnce(with: engine.provider)
    return engine
  }
}

extension RelaxationStatus: ExpressibleByArgument {
  /// Those that a run which goes on can take up again.
  public static var allValueStrings: [String] {
    [failed, stepLimit, stalled, diverged, invalid].map(\.rawValue)
  }

  /// One of these.
  public init?(argument: String) {
    guard Self.allValueStrings.contains(argument) else { return nil }
    self.init(rawValue: argument)
  }
}
extension FrameSelection: ExpressibleByArgument {
  /// From the command line.
  public init?(argument: String) { self.init(argument) }
}
