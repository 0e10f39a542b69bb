// SPDX-License-Identifier: MIT

import ArgumentParser
import Files
import Relaxation
import Reporting
import Scoring
import StructureFiles

struct Compare: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Compare two sets of relaxations by the same references.",
    discussion: """
      relax compare a.extxyz b.extxyz --reference dft.extxyz
      relax compare a.extxyz b.extxyz \\
        --reference pairs.extxyz.xz --select role=relaxed \\
        --provider emt-morse --summaries a.jsonl b.jsonl \\
        --trajectories a-path.extxyz b-path.extxyz

      Every score of `relax score` for both, their paired differences with bootstrap intervals, the \
      structures that pass a limit in one set only, what each cost, and where trajectories part. An \
      interval that leaves out 0 says which set is better; with few structures it rarely does.

      \(ExitStatus.help("0 compared, 3 some references have no prediction or are left out"))
      """)

  @Argument(
    help: ArgumentHelp("Relaxed structures A and B.", valueName: "a b"), completion: .file())
  var predicted: [String] = []

  private var a: String { predicted[0] }
  private var b: String { predicted[1] }

  @OptionGroup(title: "Scoring") var scoring: ScoringOptions

  @Option(
    parsing: .upToNextOption, help: "Summaries of the runs that made A and B, for their cost.",
    completion: .file())
  var summaries: [String] = []

  @Option(
    parsing: .upToNextOption, help: "Trajectories of A and B, to see where they part.",
    completion: .file())
  var trajectories: [String] = []

  @Option(
    help: ArgumentHelp(
      "Trajectories have parted when an atom is farther than this from its other self (Å).",
      .number))
  var apart = 0.1

  @Option(help: ArgumentHelp("How sure intervals are, 0 to 1.", .number))
  var confidence = 0.95

  @Option(help: ArgumentHelp("Draws of the bootstrap.", .whole))
  var resamples = 2000

  @Option(help: ArgumentHelp("Decides the draws.", .whole))
  var seed = 0

  @Option(help: "Write everything as JSON to this file, or to standard output (-).")
  var json: String?

  @Option(help: "Write the tables as Markdown to this file.")
  var markdown: String?

  @OptionGroup var export: ExportOptions

  @OptionGroup var replacing: OverwriteOption

  @Flag(name: [.short, .long], help: "No table.")
  var quiet = false

  mutating func validate() throws {
    let given = predicted
    predicted = try scoring.takePredictions(given, count: 2)
    guard predicted.count == 2 else {
      throw ValidationError(
        "two files of relaxed structures are compared; there are \(predicted.count)")
    }
    for (name, files) in [("--summaries", summaries), ("--trajectories", trajectories)]
    where !files.isEmpty && files.count != 2 {
      throw ValidationError("\(name) needs two files, of A and of B")
    }
    guard confidence > 0, confidence < 1 else {
      throw ValidationError("--confidence \(confidence): a number between 0 and 1 is needed")
    }
    guard (100...1_000_000).contains(resamples) else {
      throw ValidationError("--resamples \(resamples): 100 to 1000000 are possible")
    }
    guard apart > 0, apart.isFinite else {
      throw ValidationError("--apart \(apart): a positive number is needed")
    }
    guard seed >= 0 else { throw ValidationError("--seed \(seed): 0 or more is needed") }
  }

  func run() throws {
    try InputFiles.requireReadable(summaries + trajectories)
    var plan = OutputPlan(overwrite: replacing.overwrite)
    plan.reads(try InputFiles.files(in: [a, b]) + summaries + trajectories)
    let provider = try scoring.declare(in: &plan)
    plan.writes(json, "--json", .json)
    plan.writes(markdown, "--markdown", .markdown)
    let tables = export.declare(ComparisonReport.tableNames, in: &plan)
    let outputs = try plan.begin()
    defer { outputs.end() }
    if let provider, !quiet { Console.warn(about: provider) }
    let costs = try summaries.map { try RunCost(summary: $0) }
    let scores = (
      try scoring.scorer(of: [a], with: provider).finish(),
      try scoring.scorer(of: [b], with: provider).finish()
    )
    var verdict = MatchVerdict()
    verdict.add(scores.0, of: a)
    verdict.add(scores.1, of: b)
    try verdict.requireCommon()
    var comparison = try PairedComparison(scores.0, scores.1)
    comparison.confidence = confidence
    comparison.resamples = resamples
    comparison.seed = UInt64(seed)
    let partings =
      trajectories.count == 2
      ? try TrajectoryParting.all(trajectories[0], trajectories[1], tolerance: apart) : nil
    if partings?.isEmpty == true {
      Console.error(
        "relax: \(trajectories[0]) and \(trajectories[1]) have no step of one structure in common; "
          + "frames of a trajectory have a `sid` and a `fid`")
    }
    func side(_ name: String, _ place: Int) -> ComparisonReport.Side {
      let cost = costs.indices.contains(place) ? costs[place] : nil
      return ComparisonReport.Side(
        name: name, seconds: cost?.seconds, evaluations: cost?.evaluations)
    }
    let report = ComparisonReport(
      comparison, first: side(a, 0), second: side(b, 1),
      reference: scoring.reference.joined(separator: ", "), partings: partings, tolerance: apart)
    try outputs.write(report.markdown(), to: markdown)
    try outputs.write(report.json.text() + "\n", to: json)
    try outputs.write(report.tableSet, to: tables)
    if !quiet && !outputs.usesStandardOutput { try Console.result(report.text()) }
    outputs.announce(quiet: quiet)
    try verdict.requireAll()
  }
}
