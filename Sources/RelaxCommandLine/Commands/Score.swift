// SPDX-License-Identifier: MIT

import ArgumentParser
import Files
import Forces
import Relaxation
import Reporting
import Scoring
import StructureFiles
import Structures

struct Score: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Score relaxed structures against references: ADwT, and AFbT if forces are given.",
    discussion: """
      relax score relaxed.extxyz --reference dft.extxyz
      relax score relaxed.extxyz \\
        --reference pairs.extxyz.xz --select role=relaxed \\
        --initial pairs.extxyz.xz --select-initial role=initial \\
        --provider emt-morse
      relax score relaxed.extxyz --reference dft.extxyz \\
        --export-singlepoints to-compute

      ADwT: share of structures whose free atoms are on average closer to the reference than a \
      threshold, averaged over thresholds 0.010, 0.011, … 0.499 Å. AFbT: share of structures whose \
      largest force, by the reference method at the predicted positions, is below a threshold, \
      averaged over 0.010 … 0.399 eV/Å. Structures are matched by sid or id; missing and failed \
      ones count as failures and are named. With initial structures and OC20's tags, anomalies are \
      counted: adsorbates that dissociated, desorbed, went below the surface or along it, surfaces \
      that reconstructed.

      Papers leave the details open; whatever the options choose is printed with the result.

      \(ExitStatus.help("0 all scored, 3 some count as failures or have no partner"))
      """)

  @Argument(help: "Relaxed structures, or their trajectories.", completion: .file())
  var predicted: [String] = []

  @OptionGroup(title: "Scoring") var scoring: ScoringOptions

  @Option(
    help: "Write the structures whose forces AFbT needs, each once, into this new folder, and stop."
  )
  var exportSinglepoints: String?

  @Option(help: "What --export-singlepoints writes: a folder each (poscar), or one file.")
  var format: SinglePoints.Format = .extxyz

  @Option(help: "Write the scores as JSON to this file, or to standard output (-).")
  var json: String?

  @Option(help: "Write the tables as Markdown to this file.")
  var markdown: String?

  @Option(help: "Write a page with threshold curves to this file.")
  var html: String?

  @OptionGroup var export: ExportOptions

  @OptionGroup var replacing: OverwriteOption

  @Flag(name: [.short, .long], help: "No table.")
  var quiet = false

  mutating func validate() throws {
    let given = predicted
    predicted = try scoring.takePredictions(given)
  }

  func run() throws {
    let predicted = try InputFiles.files(in: predicted)
    var plan = OutputPlan(overwrite: replacing.overwrite)
    plan.reads(predicted)
    let provider = try scoring.declare(in: &plan)
    plan.writes(json, "--json", .json)
    plan.writes(html, "--html", .html)
    plan.writes(markdown, "--markdown", .markdown)
    let tables = export.declare(ScoreReport.tableNames, in: &plan)
    if let folder = exportSinglepoints {
      guard !FilePlace(folder).exists else {
        throw CommandFailure(
          .cannotWrite, "\(folder) exists; the structures to compute go into a new folder")
      }
      let points = SinglePoints(
        try scoring.scorer(
          of: predicted, with: provider, keepsPredictions: true, withForces: false
        ).scoredStructures)
      try points.write(to: folder, format: format)
      Console.error(
        "written: \(folder) with \(points.structures.count) structures to compute for "
          + "\(points.items.count) predictions")
      return
    }
    let outputs = try plan.begin()
    defer { outputs.end() }
    if let provider, !quiet { Console.warn(about: provider) }
    try report(try scoring.scorer(of: predicted, with: provider).finish(), to: outputs, tables)
  }

  private func report(
    _ score: RelaxationScore, to outputs: Outputs, _ tables: [ExportOptions.Target]
  ) throws {
    let report = ScoreReport(
      score, predicted: predicted.joined(separator: ", "),
      reference: scoring.reference.joined(separator: ", "))
    try outputs.write(report.markdown(), to: markdown)
    try outputs.write(report.html(), to: html)
    try outputs.write(report.json.text() + "\n", to: json)
    try outputs.write(report.tableSet, to: tables)
    if !quiet && !outputs.usesStandardOutput { try Console.result(report.text()) }
    outputs.announce(quiet: quiet)
    var verdict = MatchVerdict()
    verdict.add(score, of: predicted.joined(separator: ", "))
    try verdict.requireCommon()
    let failures = score.missing.count + score.failures.count + score.unlabelled.count
    var sentences: [String] = []
    if failures > 0 {
      sentences.append("\(failures) of \(score.structures.count) structures count as failures")
    }
    if let mismatch = score.mismatch, !mismatch.extra.isEmpty {
      sentences.append(mismatch.description)
    }
    if let leftOut = MatchVerdict.leftOut(score) { sentences.append(leftOut) }
    guard sentences.isEmpty else {
      throw CommandFailure(.incomplete, sentences.joined(separator: "\n"))
    }
  }
}
