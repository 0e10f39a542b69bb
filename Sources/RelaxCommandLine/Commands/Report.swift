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

      The page needs no network and no other file. Structures are shown in three dimensions by a \
      script of its own; plots are SVG.

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

  @Option(help: "`none` leaves structures out of the page.")
  var viewer: String?

  @Option(name: [.short, .long], help: "The page.")
  var output = "report.html"

  @Option(help: "Write the scores as JSON to this file.")
  var json: String?

  @Option(help: "Write the tables as Markdown to this file.")
  var markdown: String?

  @Option(help: "Write every plot as SVG into this folder.")
  var figures: String?

  @OptionGroup var export: ExportOptions

  @OptionGroup var replacing: OverwriteOption

  @Flag(name: [.short, .long], help: "No word of what was written; only errors.")
  var quiet = false

  mutating func validate() throws {
    let given = predicted
    predicted = try scoring.takePredictions(given)
    if !otherSummaries.isEmpty && otherSummaries.count != others.count {
      throw ValidationError("--other-summaries needs as many files as --others")
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
    let inputs =
      try InputFiles.files(in: predicted) + scoring.inputs() + trajectory
      + (summary.map { [$0] } ?? []) + others
      + otherSummaries
    try InputFiles.requireReadable(inputs)
    var plan = OutputPlan(overwrite: replacing.overwrite)
    plan.reads(inputs)
    let provider = try scoring.declare(in: &plan)
    plan.writes(output, "--output", .html)
    plan.writes(json, "--json", .json)
    plan.writes(markdown, "--markdown", .markdown)
    let tables = export.declare(StudyReport.tableNames, in: &plan)
    if let figures {
      plan.writes(
        folder: figures, names: StudyReport.figureNames.map { $0 + ".svg" }, "--figures")
    }
    let outputs = try plan.begin()
    defer { outputs.end() }
    if let provider, !quiet { Console.warn(about: provider) }
    let scorer = try scoring.scorer(of: predicted, with: provider, keepsPredictions: true)
    let score = try scorer.finish()
    let methods = try self.methods(score, provider)
    var verdict = MatchVerdict()
    verdict.add(score, of: predicted.joined(separator: ", "))
    for (file, method) in zip(others, methods.dropFirst()) { verdict.add(method.score, of: file) }
    try verdict.requireCommon()
    let shown = StructureGallery.order(score.farthestFirst)
      .prefix(viewer == "none" ? 0 : structures)
    let paths =
      trajectory.isEmpty
      ? nil
      : try PathRecords(
        files: trajectory, showing: Set(shown.map(\.id)))
    if let paths, !score.structures.contains(where: { paths.paths[$0.id] != nil }) {
      Console.error(
        "relax: \(trajectory.joined(separator: ", ")): no trajectory has the id of a reference; frames "
          + "of a trajectory have a `sid` and a `fid`")
    }
    var gallery = StructureGallery(judging: score.settings)
    let numbers = Dictionary(
      uniqueKeysWithValues: score.structures.enumerated().map { ($0.element.id, $0.offset) })
    for entry in shown {
      guard let geometries = scorer.geometries(of: entry.id), let number = numbers[entry.id] else {
        continue
      }
      gallery.add(
        entry, number: number, geometries: geometries, path: paths?.paths[entry.id],
        settings: score.settings)
    }
    let report = StudyReport(
      ScoreReport(
        score, predicted: predicted.joined(separator: ", "),
        reference: scoring.reference.joined(separator: ", ")), methods: methods, paths: paths,
      gallery: gallery)
    try outputs.write(report.html(), to: output)
    try outputs.write(report.markdown(), to: markdown)
    try outputs.write(report.json.text() + "\n", to: json)
    try outputs.write(report.tableSet, to: tables)
    if let figures {
      for figure in report.figures() {
        try outputs.write(figure.svg, to: "\(figures)/\(figure.name).svg")
      }
    }
    outputs.announce(quiet: quiet)
    try verdict.requireAll()
  }

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
}
