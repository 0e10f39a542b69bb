// SPDX-License-Identifier: MIT

import ArgumentParser
import Files
import Forces
import RelaxNumerics
import Relaxation
import Reporting
import Scoring
import StructureFiles

struct Evaluate: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Errors of predicted forces and energies on labelled structures.",
    discussion: """
      relax evaluate val_id val_ood_ads val_ood_cat val_ood_both -p emt-morse
      relax evaluate val_id --provider emt --limit 1000 --rotations 100 \\
        --json stability.json

      Each DATA is a split: a file of frames with forces, or a folder of them as OC20 publishes \
      (0.extxyz.xz, 1.extxyz.xz, … with their N.txt.xz). Forces are judged on free atoms; beside \
      them stand the errors of predicting no force and of predicting the median. Means are over \
      the free atoms of a split; the average gives splits equal weight.

      With --rotations the instability is the standard deviation of each predicted force component \
      while structure and cell turn about z. The angles depend on the seed and the number of the \
      frame alone. Frames that the provider cannot evaluate, and those whose labels are not finite, \
      are listed and left out of all means.

      \(ExitStatus.help("0 all frames judged, 3 some left out"))
      """)

  @Argument(help: "Files or folders of frames with forces.", completion: .file())
  var data: [String]

  @Option(
    name: [.short, .long],
    help: "Where forces come from, as for `relax run` (repeatable: they add).")
  var provider: [String]

  @Option(
    help: """
      What the provider's energies are: total, as those of the frames; or adsorption, with the \
      reference energies of N.txt taken off.
      """)
  var energies: EnergyMeaning = .total

  @Option(
    help: ArgumentHelp("Random rotations of each frame about z, 2 or more (default: none).", .whole)
  )
  var rotations: Int?

  @Option(help: ArgumentHelp("Decides the rotations.", .whole))
  var seed = 0

  @Option(
    help: ArgumentHelp("Take at most this many frames of each split, evenly spaced.", .whole))
  var limit: Int?

  @OptionGroup var selection: SelectOption

  @Flag(help: "Take frames too whose electrons did not converge (scf_converged=F).")
  var unconverged = false

  @OptionGroup var threads: ThreadsOption

  @OptionGroup var part: ShardOption

  @Option(help: "Write all errors as JSON to this file, or to standard output (-).")
  var json: String?

  @OptionGroup var export: ExportOptions

  @OptionGroup var replacing: OverwriteOption

  @Flag(name: [.short, .long], help: "No progress and no table; only errors.")
  var quiet = false

  func validate() throws {
    if let rotations, rotations < 2 {
      throw ValidationError("--rotations \(rotations): 2 or more are needed for a deviation")
    }
    if let rotations, rotations > 1_000_000 {
      throw ValidationError("--rotations \(rotations): 2 to 1000000 are possible")
    }
    if let limit, limit < 1 { throw ValidationError("--limit \(limit): 1 or more are needed") }
    if part.shard != nil, json.map({ FilePlace($0).kind == .stream }) ?? true {
      throw ValidationError(
        "--shard: the errors of a shard are merged with those of others; --json must name a file for them"
      )
    }
    if part.shard != nil, !export.targets.isEmpty {
      throw ValidationError(
        "--csv and --latex: a shard's errors are no result; merge the shards, whose JSON has all")
    }
    if limit != nil, let stream = data.first(where: { FilePlace($0).kind == .stream }) {
      throw ValidationError(
        "--limit: a sample is drawn from a file that can be read twice, which \(stream) cannot")
    }
  }

  func run() throws {
    let shard = try part.resolved()
    Environment.announce(shard)
    let json = shard.path(of: self.json)
    var judge = FrameJudge(try ProviderCatalog.offered.provider(provider))
    judge.energies = energies
    judge.rotations = rotations.map { RotationInstability.Sampling(count: $0, seed: seed) }
    var evaluation = SplitJudge(judge)
    evaluation.filters = selection.select
    evaluation.takesUnconverged = unconverged
    evaluation.limit = limit
    evaluation.shard = shard
    evaluation.threads = threads.threads ?? ThreadBudget.structuresAtOnce(with: judge.provider)

    let collections = try data.map { try FrameCollection(path: $0) }
    let files = collections.flatMap(\.files)
    try InputFiles.requireReadable(files)
    var plan = OutputPlan(overwrite: replacing.overwrite)
    plan.reads(files)
    plan.reads(judge.provider.files, as: .model)
    plan.writes(json, "--json", .json)
    let tables = export.declare(EvaluationReport.tableNames, in: &plan)
    let outputs = try plan.begin()
    defer { outputs.end() }
    if !quiet { Console.warn(about: judge.provider) }
    let names = FrameCollection.distinctNames(of: collections)
    for (index, name) in names.enumerated() where names[..<index].contains(name) {
      throw CommandFailure(.usage, "\(data[index]) is given twice; each split counts once")
    }

    let stamps = shard == nil ? [] : collections.map { $0.files.map { FileStamp($0) } }
    var score = EvaluationScore(
      evaluation, selection: selection.select.map(\.description), splits: [])
    var manifest: EvaluationManifest?
    if let shard, let json {
      manifest = try EvaluationManifest(
        shard, of: json, score: score, splits: collections.count,
        settings: evaluation.recordedSettings(of: stamps))
    }
    let progress = EvaluationProgress(
      quiet: quiet, collections: collections, evaluation: evaluation)
    defer { progress.end() }
    var meanings: [String] = []
    for (collection, name) in zip(collections, names) {
      let split = try evaluation.score(collection, name: name, manifest: manifest) {
        progress.receive($0)
      }
      try InputFiles.requireSome(split.framesOfAll, of: selection.select, in: [collection.path])
      score.splits.append(split)
      progress.endSplit()
      EvaluationResult.tell(split, quiet: quiet, &meanings)
    }
    progress.end()
    try ShardOption.requireUnchanged(stamps.flatMap { $0 })
    let result = EvaluationResult(score)
    try result.write(to: json, outputs, quiet: quiet)
    try outputs.write(EvaluationReport(score).tableSet, to: tables)
    try manifest?.finish()
    outputs.announce(quiet: quiet)
    try result.requireSuccess()
  }
}

extension EnergyMeaning: ExpressibleByArgument {}
