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

      Without --reference the page says how relaxations ended and why some did not converge, what they \
      cost, and which structures are no longer what they were; reasons and settings come from the journal \
      that a run leaves beside its relaxed structures, or from --summary. With --reference it judges them, \
      beside others.

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
    help: "What to call the relaxed structures, then --others, in their order (repeatable).")
  var name: [String] = []

  @Option(
    help: ArgumentHelp("Most structures to look at, the farthest from their references.", .whole))
  var structures = 1000

  @Option(help: "`none` leaves structures out of the page.")
  var viewer: Viewer?

  enum Viewer: String, ExpressibleByArgument, CaseIterable { case none }

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
    if scoring.reference.isEmpty {
      try requireRuns()
    } else {
      let given = predicted
      predicted = try scoring.takePredictions(given)
      guard summary.count <= 1 else {
        throw ValidationError(
          "--summary: one of the relaxed structures, since they are judged as one set")
      }
      try MethodNames.require(name, atMost: 1 + others.count)
    }
    if !otherSummaries.isEmpty && otherSummaries.count != others.count {
      throw ValidationError("--other-summaries needs as many files as --others")
    }
    guard (0...100_000).contains(structures) else {
      throw ValidationError("--structures \(structures): 0 to 100000 are possible")
    }
  }

  /// What a page without references needs and cannot have.
  private func requireRuns() throws {
    guard !predicted.isEmpty else {
      throw ValidationError("the relaxed structures are missing: a file, or several")
    }
    try scoring.requireNoJudging()
    guard others.isEmpty else {
      throw ValidationError("--others are compared by references: give --reference, too")
    }
    guard summary.count <= 1 || summary.count == predicted.count else {
      throw ValidationError(
        "--summary: one of all, or one for each of the \(predicted.count) files; there are \(summary.count)"
      )
    }
    try MethodNames.require(name, atMost: predicted.count)
  }

  func run() throws { try scoring.reference.isEmpty ? reportRuns() : reportStudy() }

  private func reportRuns() throws {
    let files = try InputFiles.files(in: predicted)
    let reader = RunReader(
      files: files, names: name, summaries: summary, trajectories: trajectory,
      initial: try InputFiles.files(in: scoring.initial), selectInitial: scoring.selectInitial,
      shown: viewer == Viewer.none ? 0 : structures)
    try InputFiles.requireReadable(files + reader.others)
    var plan = OutputPlan(overwrite: replacing.overwrite)
    plan.reads(files + reader.others)
    declare(in: &plan, figures: RelaxedReport.figureNames)
    let outputs = try plan.begin()
    defer { outputs.end() }
    let report = try reader.report()
    try outputs.write(report.html(), to: output)
    try outputs.write(report.markdown(), to: markdown)
    try outputs.write(report.json.text() + "\n", to: json)
    outputs.announce(quiet: quiet)
  }

  /// Declares what is written.
  private func declare(in plan: inout OutputPlan, figures names: [String]) {
    plan.writes(output, "--output", .html)
    plan.writes(json, "--json", .json)
    plan.writes(markdown, "--markdown", .markdown)
    let tables = export.declare(StudyReport.tableNames, in: &plan)
    if let figures {
      plan.writes(folder: figures, names: names.map { $0 + ".svg" }, "--figures")
    }
  }

  private func reportStudy() throws {
    let inputs =
      try InputFiles.files(in: predicted) + scoring.inputs() + trajectory
      + summary + others
      + otherSummaries
    try InputFiles.requireReadable(inputs)
    var plan = OutputPlan(overwrite: replacing.overwrite)
    plan.reads(inputs)
    let provider = try scoring.declare(in: &plan)
    declare(in: &plan, figures: StudyReport.figureNames)
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
    // Those of which there is only the reference to be seen come last.
    let shown =
      (score.farthestFirst.filter { $0.displacements != nil }
      + score.farthestFirst.filter { $0.displacements == nil })
      .prefix(viewer == Viewer.none ? 0 : structures)
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
      gallery: gallery, head: try head())
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

  /// What the relaxed structures and the others are called.
  private var names: [String] {
    let first = predicted.map { StructureReader.baseName(of: $0) }.joined(separator: ", ")
    guard predicted.count > 1 else { return MethodNames.all(name, of: predicted + others) }
    return [name.first ?? first] + MethodNames.all(Array(name.dropFirst()), of: others)
  }

  private func head() throws -> PageHead {
    let sources = try (predicted + others).enumerated().map { place, file in
      let name =
        place < predicted.count && predicted.count > 1
        ? StructureReader.baseName(of: file) : names[place - predicted.count + 1]
      return PageHead.Source(name: name, file: file, record: try RunRecord(of: file))
    }
    return PageHead(sources: sources, facts: scoring.facts, version: RelaxCommand.version)
  }

  private func methods(
    _ score: RelaxationScore, _ provider: (any ForceProvider)?
  ) throws -> [StudyReport.Method] {
    let names = self.names
    var methods = [
      StudyReport.Method(
        name: names[0], score: score,
        seconds: try summary.first.map { try RunCost(summary: $0).seconds },
        curves: trajectory.isEmpty
          ? nil : try scoring.scorer(of: trajectory, with: nil, withForces: false).finish().curves)
    ]
    for (index, file) in others.enumerated() {
      methods.append(
        StudyReport.Method(
          name: names[index + 1],
          score: try scoring.scorer(of: [file], with: provider).finish(),
          seconds: otherSummaries.isEmpty
            ? nil : try RunCost(summary: otherSummaries[index]).seconds))
    }
    return methods
  }
}
