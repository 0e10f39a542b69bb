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
    abstract: "A relaxation study as one page: scores, plots, structures to look at.",
    discussion: """
      relax report relaxed.extxyz --reference dft.extxyz -o study.html
      relax report relaxed.extxyz \\
        --reference pairs.extxyz.xz --select role=relaxed \\
        --initial pairs.extxyz.xz --select-initial role=initial \\
        --provider emt-morse --trajectory path.extxyz --summary run.jsonl \\
        --others emt.extxyz --other-summaries emt.jsonl \\
        -o study.html --figures figures

      relax report --training runs/a runs/b -o trainings.html

      The page needs no network and no other file. Structures are shown in three dimensions if \
      chemiscope is installed (pip install chemiscope), whose script the page then takes in; plots \
      are always there, as SVG.

      \(ExitStatus.help("0 written, 3 some references have no prediction or are left out"))
      """)

  @Argument(help: "Relaxed structures.", completion: .file())
  var predicted: [String] = []

  @OptionGroup(title: "Scoring") var scoring: ScoringOptions

  @Option(help: "Trajectories of these relaxations (repeatable).", completion: .file())
  var trajectory: [String] = []

  @Option(help: "Summary of the run that made them, for its cost.", completion: .file())
  var summary: String?

  @Option(
    parsing: .upToNextOption, help: "The same structures relaxed in other ways, a file each.",
    completion: .file())
  var others: [String] = []

  @Option(
    parsing: .upToNextOption, help: "Summaries of the runs that made --others, in their order.",
    completion: .file())
  var otherSummaries: [String] = []

  @Option(
    help: ArgumentHelp("Most structures to look at, the farthest from their references.", .whole))
  var structures = 1000

  @Option(help: "chemiscope.min.js, if it is not where pip puts it; `none` for no structures.")
  var viewer: String?

  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp(
      "Instead of relaxed structures: folders of trainings, running ones too, for a page with their curves.",
      valueName: "folder"), completion: .directory)
  var training: [String] = []

  @Option(
    help: ArgumentHelp(
      "What a training is called, in the order of --training (repeatable; default: as its folder).",
      valueName: "name"))
  var name: [String] = []

  @Option(name: [.short, .long], help: "The page.")
  var output = "report.html"

  @Option(help: "Write the scores as JSON to this file.")
  var json: String?

  @Option(help: "Write the tables as Markdown to this file.")
  var markdown: String?

  @OptionGroup(title: "Figures") var figures: FigureOptions

  @OptionGroup var replacing: OverwriteOption

  @Flag(name: [.short, .long], help: "No word of what was written; only errors.")
  var quiet = false

  mutating func validate() throws {
    guard training.isEmpty else {
      try requireTrainingsAlone()
      return
    }
    guard name.isEmpty else {
      throw ValidationError("--name is of trainings: name their folders with --training")
    }
    try scoring.requireReference()
    let given = predicted
    predicted = try scoring.takePredictions(given)
    if !otherSummaries.isEmpty && otherSummaries.count != others.count {
      throw ValidationError("--other-summaries needs as many files as --others")
    }
    guard (0...100_000).contains(structures) else {
      throw ValidationError("--structures \(structures): 0 to 100000 are possible")
    }
  }

  /// Requires that nothing is asked for beside trainings that they have no use for.
  private func requireTrainingsAlone() throws {
    let others: [(String, Bool)] = [
      ("relaxed structures", !predicted.isEmpty), ("--reference", !scoring.reference.isEmpty),
      ("--provider", !scoring.provider.isEmpty), ("--labels", !scoring.labels.isEmpty),
      ("--initial", !scoring.initial.isEmpty), ("--trajectory", !trajectory.isEmpty),
      ("--summary", summary != nil), ("--others", !others.isEmpty),
      ("--other-summaries", !otherSummaries.isEmpty), ("--viewer", viewer != nil),
    ]
    if let (what, _) = others.first(where: \.1) {
      throw ValidationError(
        "--training makes a page of trainings, and \(what) one of relaxations: choose one")
    }
    guard name.isEmpty || name.count == training.count else {
      throw ValidationError(
        "--name is given \(name.count) times for \(training.count) folders of trainings: name all or none"
      )
    }
  }

  func run() throws {
    guard training.isEmpty else { return try reportTrainings() }
    let inputs =
      try InputFiles.files(in: predicted) + scoring.inputs() + trajectory
      + (summary.map { [$0] } ?? []) + others
      + otherSummaries
    try InputFiles.requireReadable(inputs)
    var plan = OutputPlan(overwrite: replacing.overwrite)
    plan.reads(inputs + (viewer.map { $0 == "none" ? [] : [$0] } ?? []))
    let provider = try scoring.declare(in: &plan)
    plan.writes(output, "--output", .html)
    plan.writes(json, "--json", .json)
    plan.writes(markdown, "--markdown", .markdown)
    let figures = try self.figures.declare(StudyReport.figureNames, in: &plan)
    let outputs = try plan.begin()
    defer { outputs.end() }
    if let provider, !quiet { Console.warn(about: provider) }
    let script = try viewerScript()
    let scorer = try scoring.scorer(of: predicted, with: provider, keepsPredictions: true)
    let score = try scorer.finish()
    let methods = try self.methods(score, provider)
    var verdict = MatchVerdict()
    verdict.add(score, of: predicted.joined(separator: ", "))
    for (file, method) in zip(others, methods.dropFirst()) { verdict.add(method.score, of: file) }
    try verdict.requireCommon()
    let shown = StructureGallery.order(score.farthestFirst).prefix(
      script == nil ? 0 : structures)
    // Paths are for those where something went wrong, which are the ones to look into.
    let paths =
      trajectory.isEmpty
      ? nil
      : try PathRecords(
        files: trajectory, showing: Set(shown.prefix(Report.withPaths).map(\.id)))
    if let paths, !score.structures.contains(where: { paths.paths[$0.id] != nil }) {
      Console.error(
        "relax: \(trajectory.joined(separator: ", ")): no trajectory has the id of a reference; frames "
          + "of a trajectory have a `sid` and a `fid`")
    }
    var gallery = StructureGallery(score.settings)
    for entry in shown {
      guard let geometries = scorer.geometries(of: entry.id) else { continue }
      gallery.add(
        entry, reference: geometries.reference, initial: geometries.initial,
        predicted: geometries.predicted, path: paths?.paths[entry.id])
    }
    let report = StudyReport(
      ScoreReport(
        score, predicted: predicted.joined(separator: ", "),
        reference: scoring.reference.joined(separator: ", ")), methods: methods, paths: paths,
      gallery: gallery, viewer: script)
    try outputs.write(report.html(), to: output)
    try outputs.write(report.markdown(), to: markdown)
    try outputs.write(report.json.text() + "\n", to: json)
    if let figures { try figures.write(report.figures(figures.format), to: outputs) }
    outputs.announce(quiet: quiet)
    try verdict.requireAll()
  }

  private func reportTrainings() throws {
    let page = try TrainingPage(folders: training, names: name)
    let report = page.report
    var plan = OutputPlan(overwrite: replacing.overwrite)
    plan.reads(page.files)
    plan.writes(output, "--output", .html)
    plan.writes(json, "--json", .json)
    plan.writes(markdown, "--markdown", .markdown)
    let figures = try self.figures.declare(report.figureNames, in: &plan)
    let outputs = try plan.begin()
    defer { outputs.end() }
    try outputs.write(report.html(), to: output)
    try outputs.write(report.markdown(), to: markdown)
    try outputs.write(report.json.text() + "\n", to: json)
    if let figures { try figures.write(report.figures(figures.format), to: outputs) }
    outputs.announce(quiet: quiet)
  }

  /// Structures whose paths are shown.
  private static let withPaths = 30

  private func methods(
    _ score: RelaxationScore, _ provider: (any ForceProvider)?
  ) throws -> [StudyReport.Method] {
    var methods = [
      StudyReport.Method(
        name: predicted.map { StructureReader.baseName(of: $0) }.joined(separator: ", "),
        score: score, seconds: try summary.map { try RunCost(summary: $0).seconds },
        curves: trajectory.isEmpty
          ? nil : try scoring.scorer(of: trajectory, with: nil, withForces: false).finish().curves)
    ]
    for (index, file) in others.enumerated() {
      methods.append(
        StudyReport.Method(
          name: StructureReader.baseName(of: file),
          score: try scoring.scorer(of: [file], with: provider).finish(),
          seconds: otherSummaries.isEmpty
            ? nil : try RunCost(summary: otherSummaries[index]).seconds))
    }
    return methods
  }

  private func viewerScript() throws -> ViewerScript? {
    if viewer == "none" { return nil }
    if let viewer { return try ViewerScript(path: viewer) }
    if let path = ViewerScript.find(below: Environment.packageRoots) {
      return try ViewerScript(path: path)
    }
    Console.error(
      "relax: chemiscope is not installed (pip install chemiscope): the page shows no structures")
    return nil
  }
}
