// SPDX-License-Identifier: MIT

import ArgumentParser
import Files
import Forces
import Relaxation
import Reporting
import Scoring
import StructureFiles

struct Report: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Relaxations as one page: how they ended, scores, plots, structures to look at.",
    discussion: """
      relax report relaxed.extxyz -o night.html
      relax report relaxed.extxyz --trajectory path.extxyz --initial slabs.extxyz
      relax report relaxed.extxyz --reference dft.extxyz -o study.html
      relax report relaxed.extxyz \\
        --reference pairs.extxyz.xz --select role=relaxed \\
        --initial pairs.extxyz.xz --select-initial role=initial \\
        --provider emt-morse --trajectory path.extxyz --summary run.jsonl \\
        --others emt.extxyz --other-summaries emt.jsonl \\
        -o study.html --figures figures

      relax report --training runs/a runs/b -o trainings.html

      Without --reference the page says how relaxations ended and why some did not converge, what they \
      cost, and which structures are no longer what they were; reasons and settings come from the journal \
      that a run leaves beside its relaxed structures, or from --summary. With --reference it judges them, \
      beside others. With --training it shows the curves of trainings, running ones too.

      The page needs no network and no other file. Structures are shown in three dimensions by a \
      script of its own; plots are SVG.

      \(ExitStatus.help("0 written, 3 some references have no prediction or are left out"))
      """)

  @Argument(help: "Relaxed structures.", completion: .file())
  var predicted: [String] = []

  @OptionGroup(title: "Scoring") var scoring: ScoringOptions

  @Option(help: "Trajectories of these relaxations (repeatable).", completion: .file())
  var trajectory: [String] = []

  @Option(
    parsing: .upToNextOption,
    help:
      "Summary of the run that made them, for its cost (without --reference one for each file).",
    completion: .file())
  var summary: [String] = []

  @Option(
    parsing: .upToNextOption, help: "The same structures relaxed in other ways, a file each.",
    completion: .file())
  var others: [String] = []

  @Option(
    parsing: .upToNextOption, help: "Summaries of the runs that made --others, in their order.",
    completion: .file())
  var otherSummaries: [String] = []

  @Option(
    help: """
      What to call the relaxed structures, then --others, or the trainings, in their order (repeatable; \
      default: as their files or folders).
      """)
  var name: [String] = []

  @Option(
    help: ArgumentHelp("Most structures to look at, the farthest from their references.", .whole))
  var structures = 1000

  @Option(help: "`none` leaves structures out of the page.")
  var viewer: String?

  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp(
      "Instead of relaxed structures: folders of trainings, running ones too, for a page with their curves.",
      valueName: "folder"), completion: .directory)
  var training: [String] = []

  @Option(name: [.short, .long], help: "The page.")
  var output = "report.html"

  @Option(help: "Write the scores as JSON to this file.")
  var json: String?

  @Option(help: "Write the tables as Markdown to this file.")
  var markdown: String?

  @OptionGroup(title: "Figures") var figures: FigureOptions

  @OptionGroup var export: ExportOptions

  @OptionGroup var replacing: OverwriteOption

  @Flag(name: [.short, .long], help: "No word of what was written; only errors.")
  var quiet = false

  mutating func validate() throws {
    if !training.isEmpty {
      try requireTrainingsAlone()
    } else if scoring.reference.isEmpty {
      try requireRunsAlone()
    } else {
      let given = predicted
      predicted = try scoring.takePredictions(given)
      try requireStudy()
    }
    if let viewer, viewer != "none" {
      throw ValidationError(
        "--viewer \(viewer): only `none` is possible, for no structures; the page brings its viewer along"
      )
    }
    guard (0...100_000).contains(structures) else {
      throw ValidationError("--structures \(structures): 0 to 100000 are possible")
    }
  }

  func run() throws {
    if !training.isEmpty {
      try reportTrainings()
    } else if scoring.reference.isEmpty {
      try reportRuns()
    } else {
      try reportStudy()
    }
  }

  /// Structures to look at.
  var shown: Int { viewer == "none" ? 0 : structures }

  // MARK: - Outputs

  /// Where a report goes.
  struct Destination {
    fileprivate let outputs: Outputs
    fileprivate let tables: [ExportOptions.Target]
    fileprivate let figures: FigureWriter?

    /// Gives the right to write back: to be called in a `defer`.
    func end() { outputs.end() }
  }

  /// Checks and claims everything that is written, before anything is computed.
  ///
  /// - Parameters:
  ///   - plan: what is read.
  ///   - tables: names that tables can have.
  ///   - figures: names that figures can have.
  func destination(
    _ plan: OutputPlan, tables: [String], figures names: [String]
  ) throws -> Destination {
    var plan = plan
    plan.writes(output, "--output", .html)
    plan.writes(json, "--json", .json)
    plan.writes(markdown, "--markdown", .markdown)
    let tables = export.declare(tables, in: &plan)
    let figures = try figures.declare(names, in: &plan)
    return Destination(outputs: try plan.begin(), tables: tables, figures: figures)
  }

  /// Writes everything that was asked for.
  func write(_ report: some PageReport, to place: Destination) throws {
    let outputs = place.outputs
    try outputs.write(report.html(), to: output)
    try outputs.write(report.markdown(), to: markdown)
    try outputs.write(report.json.text() + "\n", to: json)
    try outputs.write(report.tableSet, to: place.tables)
    if let figures = place.figures {
      try figures.write(report.figures(figures.format), to: outputs)
    }
    outputs.announce(quiet: quiet)
  }
}
