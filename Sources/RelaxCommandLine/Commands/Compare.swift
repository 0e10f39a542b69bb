// SPDX-License-Identifier: MIT

import ArgumentParser
import Files
import Forces
import Relaxation
import Reporting
import Scoring
import StructureFiles

struct Compare: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Compare sets of relaxations by the same references.",
    discussion: """
      relax compare a.extxyz b.extxyz --reference dft.extxyz
      relax compare a.extxyz b.extxyz \\
        --reference pairs.extxyz.xz --select role=relaxed \\
        --provider emt-morse --summaries a.jsonl b.jsonl \\
        --trajectories a-path.extxyz b-path.extxyz
      relax compare a.extxyz b.extxyz c.extxyz --reference dft.extxyz --html compared.html

      Every score of `relax score` for all, their paired differences with bootstrap intervals, the \
      structures that pass a limit in one set only, what each cost, and where trajectories part. An \
      interval that leaves out 0 says which set is better; with few structures it rarely does. Of \
      several sets each is compared with the first.

      \(ExitStatus.help("0 compared, 3 some references have no prediction or are left out"))
      """)

  @Argument(
    help: ArgumentHelp(
      "Relaxed structures A and B, a file each; more are possible.", valueName: "a b"),
    completion: .file())
  var predicted: [String] = []

  @OptionGroup(title: "Scoring") var scoring: ScoringOptions

  @Option(
    parsing: .upToNextOption,
    help: "Summaries of the runs that made them, in their order, for their cost.",
    completion: .file())
  var summaries: [String] = []

  @Option(
    parsing: .upToNextOption, help: "Their trajectories, in their order, to see where they part.",
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

  @Option(help: "What to call them, in their order (repeatable; default: their files).")
  var name: [String] = []

  @Option(help: "Write everything as JSON to this file, or to standard output (-).")
  var json: String?

  @Option(help: "Write a page with plots and structures to this file.")
  var html: String?

  @Option(help: "Write the tables as Markdown to this file.")
  var markdown: String?

  @OptionGroup var export: ExportOptions

  @OptionGroup(title: "Figures") var figures: FigureOptions

  @OptionGroup var replacing: OverwriteOption

  @Flag(name: [.short, .long], help: "No table.")
  var quiet = false

  mutating func validate() throws {
    let given = predicted
    predicted = try scoring.takePredictions(given, count: 2)
    guard predicted.count >= 2 else {
      throw ValidationError(
        "two or more files of relaxed structures are compared; there are \(predicted.count)")
    }
    for (option, files) in [("--summaries", summaries), ("--trajectories", trajectories)]
    where !files.isEmpty && files.count != predicted.count {
      throw ValidationError(
        "\(option) needs as many files as are compared, \(predicted.count); there are \(files.count)"
      )
    }
    try MethodNames.require(name, atMost: predicted.count)
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
    plan.reads(try InputFiles.files(in: predicted) + summaries + trajectories)
    let provider = try scoring.declare(in: &plan)
    plan.writes(json, "--json", .json)
    plan.writes(markdown, "--markdown", .markdown)
    plan.writes(html, "--html", .html)
    let tables = export.declare(ComparisonStudy.tableNames, in: &plan)
    let figures = try self.figures.declare(ComparisonStudy.figureNames, in: &plan)
    let outputs = try plan.begin()
    defer { outputs.end() }
    if let provider, !quiet { Console.warn(about: provider) }
    let study = try study(provider)
    try outputs.write(study.html(), to: html)
    try outputs.write(study.markdown(), to: markdown)
    try outputs.write(study.json.text() + "\n", to: json)
    try outputs.write(study.tableSet, to: tables)
    if let figures { try figures.write(study.figures(figures.format), to: outputs) }
    if !quiet && !outputs.usesStandardOutput { try Console.result(study.text()) }
    outputs.announce(quiet: quiet)
    try verdict(study).requireAll()
  }

  private func verdict(_ study: ComparisonStudy) -> MatchVerdict {
    var verdict = MatchVerdict()
    for (file, method) in zip(predicted, study.methods) { verdict.add(method.score, of: file) }
    return verdict
  }

  /// Judges all sets and compares each with the first.
  private func study(_ provider: (any ForceProvider)?) throws -> ComparisonStudy {
    let costs = try summaries.map { try RunCost(summary: $0) }
    let names = MethodNames.all(name, of: predicted)
    let keeps = html != nil
    let scorers = try predicted.map {
      try scoring.scorer(of: [$0], with: provider, keepsPredictions: keeps)
    }
    let scores = try scorers.map { try $0.finish() }
    var verdict = MatchVerdict()
    for (file, score) in zip(predicted, scores) { verdict.add(score, of: file) }
    try verdict.requireCommon()
    let sides = predicted.indices.map { place in
      ComparisonReport.Side(
        name: name.isEmpty ? predicted[place] : names[place],
        letter: ComparisonStudy.letter(place),
        seconds: costs.isEmpty ? nil : costs[place].seconds,
        evaluations: costs.isEmpty ? nil : costs[place].evaluations)
    }
    let pairs = try predicted.indices.dropFirst().map { place in
      var comparison = try PairedComparison(scores[0], scores[place])
      comparison.confidence = confidence
      comparison.resamples = resamples
      comparison.seed = UInt64(seed)
      return ComparisonReport(
        comparison, first: sides[0], second: sides[place],
        reference: scoring.reference.joined(separator: ", "), partings: try partings(place),
        tolerance: apart)
    }
    let methods = try predicted.indices.map { place in
      StudyReport.Method(
        name: names[place], score: scores[place], seconds: sides[place].seconds,
        curves: trajectories.isEmpty || !keeps ? nil : try curves(trajectories[place]))
    }
    let head = PageHead(
      sources: try predicted.indices.map { place in
        PageHead.Source(
          name: names[place], file: predicted[place], record: try RunRecord(of: predicted[place]))
      }, facts: scoring.facts, version: RelaxCommand.version)
    let gallery = keeps ? gallery(scorers, names, pairs) : nil
    return ComparisonStudy(
      methods: methods, evaluations: sides.map(\.evaluations), pairs: pairs, head: head,
      gallery: gallery)
  }

  /// The scores by step of the trajectories in `file`.
  private func curves(_ file: String) throws -> StepCurves? {
    try scoring.scorer(of: [file], with: nil, withForces: false).finish().curves
  }

  /// Where the trajectories of the first set and that at `place` part, if there are any.
  private func partings(_ place: Int) throws -> [TrajectoryParting]? {
    guard !trajectories.isEmpty else { return nil }
    let partings = try TrajectoryParting.all(trajectories[0], trajectories[place], tolerance: apart)
    if partings.isEmpty {
      Console.error(
        "relax: \(trajectories[0]) and \(trajectories[place]) have no step of one structure in common; "
          + "frames of a trajectory have a `sid` and a `fid`")
    }
    return partings
  }

  /// Structures to look at: those that flip first, then those that end farthest apart.
  private func gallery(
    _ scorers: [RelaxationScorer], _ names: [String], _ pairs: [ComparisonReport]
  ) -> StructureGallery {
    var gallery = StructureGallery(judging: scorers[0].settings)
    for (number, id) in ComparisonStudy.order(pairs).prefix(Compare.shown) {
      let geometries = scorers.map { $0.geometries(of: id) }
      guard let first = geometries[0] else { continue }
      var frames = first.initial.map { [GalleryFrame(.initial, positions: $0)] } ?? []
      for (name, geometry) in zip(names, geometries) {
        guard let geometry, let predicted = geometry.predicted else { continue }
        var frame = GalleryFrame(.predicted, positions: predicted, fmax: geometry.predictedForce)
        frame.label = name
        frames.append(frame)
      }
      frames.append(GalleryFrame(.reference, of: first.reference))
      gallery.add(number: number, id: id, structure: first.reference, frames: frames)
    }
    return gallery
  }

  /// Structures that a page shows.
  private static let shown = 1000
}
