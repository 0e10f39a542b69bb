// SPDX-License-Identifier: MIT

import ArgumentParser
import Files
import Forces
import RelaxNumerics
import Relaxation
import Reporting
import StructureFiles

struct Plan: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Into how many shards a run is to be divided, by a sample of its structures.",
    discussion: """
      relax plan slabs.extxyz --minutes 30 --threads 4 -p emt-morse -o relaxed.extxyz

      Some structures, drawn from all over the input, are relaxed as relax run would, and timed. From that \
      follow the number of shards that take about --minutes each and the line that submits them to \
      Slurm. Structures are uneven: many more shards than nodes balance them. Other options are those of \
      relax run and go into that line. Nothing is written.

      \(ExitStatus.help("0 planned; 65 there is nothing to relax"))
      """)

  @Argument(help: "Files of structures, or folders of them, as for relax run.", completion: .file())
  var inputs: [String]

  @Option(help: ArgumentHelp("Wall time of a shard in minutes.", .number))
  var minutes = 30.0

  @Option(help: ArgumentHelp("Structures to relax for the sample.", .whole))
  var sample = 20

  @Option(
    help: ArgumentHelp(
      "No structure of the sample is begun after this time (default: 5m).", .timeLimit))
  var sampleTime: TimeLimit?

  @OptionGroup var method: MethodOptions

  @OptionGroup var threads: ThreadsOption

  @OptionGroup var reading: ReadingOptions

  @Option(name: [.short, .long], help: "As for relax run; it goes into the line.")
  var output = "relaxed.extxyz"

  @Option(help: "As for relax run.")
  var trajectory: String?

  @Option(help: ArgumentHelp("As for relax run.", .frames))
  var frames: FrameSelection?

  @Option(help: "As for relax run.")
  var summary: String?

  @Option(help: "As for relax run.")
  var log: String?

  @Flag(help: "As for relax run.")
  var durable = false

  @OptionGroup var memory: MemoryLimitOption

  @OptionGroup var stopping: TimeLimitOption

  @Option(help: "Write the plan as JSON to this file, or to standard output (-).")
  var json: String?

  @OptionGroup var replacing: OverwriteOption

  func validate() throws {
    guard minutes > 0 && minutes.isFinite else {
      throw ValidationError("--minutes \(minutes): a time longer than 0 is needed")
    }
    guard (1...10_000).contains(sample) else {
      throw ValidationError("--sample \(sample): 1 to 10000 are possible")
    }
  }

  func run() throws {
    let files = try InputFiles.files(in: inputs)
    if let stream = files.first(where: { FilePlace($0).kind == .stream }) {
      throw CommandFailure(
        .usage, "\(PathText.shown(stream)): a plan needs an input that can be read twice")
    }
    var engine = try method.engine(for: files, kernels: .preferred)
    (engine.filters, engine.assumptions) = (reading.filters, reading.assumptions)
    engine.threads = threads.threads ?? ThreadBudget.structuresAtOnce(with: engine.provider)
    var plan = OutputPlan(overwrite: replacing.overwrite)
    plan.reads(files)
    plan.reads(engine.provider.files, as: .model)
    plan.writes(json, "--json", .json)
    let outputs = try plan.begin()
    defer { outputs.end() }
    let timed = try TimedSample(
      of: engine, count: sample, limit: .seconds(sampleTime?.seconds ?? 300))
    try InputFiles.requireSome(timed.total, of: reading.filters, in: inputs)
    guard !timed.seconds.isEmpty else {
      throw CommandFailure(.badData, "no structure of the sample could be read: see relax check")
    }
    let report = PlanReport(
      sample: timed, minutes: minutes, threads: engine.threads, output: output,
      arguments: Plan.passedOn(Arguments.ofProcess))
    try outputs.write(report.json.text() + "\n", to: json)
    if !outputs.usesStandardOutput { try Console.result(report.text) }
    outputs.announce(quiet: true)
  }

  /// The arguments of this command that are those of the run.
  static func passedOn(_ arguments: [String]) -> [String] {
    let own: Set = ["--minutes", "--sample", "--sample-time", "--threads", "--json"]
    var passed: [String] = []
    var skips = false
    for argument in arguments.drop(while: { $0 == "plan" }) {
      if skips {
        skips = false
      } else if own.contains(argument) {
        skips = true
      } else if !own.contains(where: { argument.hasPrefix($0 + "=") }), argument != "--overwrite" {
        passed.append(argument)
      }
    }
    return passed
  }
}

/// What `relax plan` says.
struct PlanReport {
  var sample: TimedSample
  var minutes: Double
  /// Structures that a shard has at work at once.
  var threads: Int
  var output: String
  /// What the run gets.
  var arguments: [String]

  private var shards: Int { sample.shards(of: minutes * 60, threads: threads) }

  /// Slurm allows numbers up to 1000 unless it is set up otherwise.
  private static let usualArray = 1000

  /// Seconds of one thread for all structures.
  private var work: Double { sample.mean * Double(sample.total) }

  /// Wall seconds of a shard.
  private var shardTime: Double { work / Double(shards * threads) }

  /// A task that is not done in time queues itself again: twice the time is for most to end in one piece.
  private var limit: Int { max(10, Int((2 * max(minutes, shardTime / 60)).rounded(.up))) }

  /// The line that submits it.
  private var submission: [String] {
    [
      "sbatch", "--array=1-\(shards)", "--cpus-per-task=\(threads)", "--time=\(limit)",
      "relax.sbatch",
    ] + arguments
  }

  var text: String {
    let slowest = sample.seconds.max() ?? 0
    let range = sample.mean + sample.uncertainty
    var text = """
      \(sample.total) structures; \(sample.seconds.count) of them took \
      \(seconds(sample.seconds.min() ?? 0)) to \(seconds(slowest)), \(seconds(sample.mean)) on average \
      (the average of all is at most \(seconds(range)), most likely)
      all of them: \(ProgressLine.duration(work)) of one thread, here and now

      \(shards) shard\(shards == 1 ? "" : "s"): about \(ProgressLine.duration(shardTime)) each on \(threads) \
      thread\(threads == 1 ? "" : "s")

        \(submission.map(Quote.shell).joined(separator: " "))

      with relax.sbatch of examples/slurm copied here. Then: relax status \(Quote.shell(output)); at the end: \
      relax merge \(Quote.shell(output)) (submit.sh submits both)
      --time is twice the time of a shard, for most to end in one piece; who is not done goes on by itself

      """
    if shards > PlanReport.usualArray {
      text +=
        "Slurm's MaxArraySize (scontrol show config) may allow fewer tasks: longer --minutes, then\n"
    }
    if slowest > minutes * 60 {
      text += "one structure takes longer than --minutes by itself, and its shard with it\n"
    }
    return text
  }

  private func seconds(_ value: Double) -> String {
    value < 10 ? "\(Decimals.fixed(value, value < 0.1 ? 4 : 2)) s" : ProgressLine.duration(value)
  }

  var json: JSONText {
    [
      "structures": .integer(sample.total), "sampled": .integer(sample.seconds.count),
      "seconds": [
        "mean": .number(sample.mean), "uncertainty": .number(sample.uncertainty),
        "least": .number(sample.seconds.min() ?? 0), "most": .number(sample.seconds.max() ?? 0),
      ],
      "minutes": .number(minutes), "threads": .integer(threads),
      "shards": .integer(shards), "seconds_a_shard": .number(shardTime),
      "command": JSONText(submission),
    ]
  }
}
