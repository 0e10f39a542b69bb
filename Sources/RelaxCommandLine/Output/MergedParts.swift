// SPDX-License-Identifier: MIT

import Files
import Relaxation
import Sampling
import Scoring
import StructureFiles

/// Makes one output of shards that have manifests: of predictions, evaluations and samples.
struct MergedParts {
  private let set: ShardSet
  private let partial: Bool
  private let overwrite: Bool
  private let quiet: Bool

  init(_ set: ShardSet, partial: Bool, overwrite: Bool, quiet: Bool) {
    (self.set, self.partial, self.overwrite, self.quiet) = (set, partial, overwrite, quiet)
  }

  /// Merges, and says what the command would have said without shards.
  ///
  /// - Throws: what that means for the exit code; 3 also where shards were done without.
  func run() throws {
    let manifests = try set.manifests(partial: partial)
    let kind = manifests.first?.kind ?? ""
    guard let merge = kinds[kind] else {
      throw CommandFailure(
        .badData,
        "\(PathText.shown(set.output)): its shards are of a command that this relax does not know: \(Excerpt.name(kind))"
      )
    }
    let absence = set.absence(without: manifests)
    if let absence {
      Console.error(
        "\(PathText.shown(set.output)): \(manifests.count) of \(set.count) shards are merged; \(absence)"
      )
    }
    try merge(manifests)
    if absence != nil {
      throw CommandFailure(
        .incomplete,
        "what is merged is not the whole: \(set.count - manifests.count) of \(set.count) shards are not in it"
      )
    }
  }

  private var kinds: [String: ([ShardManifest]) throws -> Void] {
    [
      LabellingManifest.kind: labels, EvaluationManifest.kind: scores,
      SamplingManifest.kind: samples,
    ]
  }

  /// What a merge of samples that is stopped leaves behind.
  private static let kept = "nothing is merged, and the shards are as they were"

  private func samples(_ manifests: [ShardManifest]) throws {
    let interruption = Interruption(limit: nil)
    let files = Sampling.Output(named: set.output)
    var plan = OutputPlan(overwrite: overwrite)
    if files.file != nil {
      plan.reads(manifests.map(\.output))
      plan.writes(set.output, "OUTPUT", StructureFormats.outputKind)
    } else {
      try requireOwnFolder(manifests)
      plan.writes(folder: set.output, names: files.names, "OUTPUT")
    }
    interruption.hear(keeping: MergedParts.kept)
    let outputs = try plan.begin(endsAtSignals: false, unless: interruption)
    defer { outputs.end() }
    let tally = try Sampling.merge(
      manifests, to: files, replacing: outputs.overwrite,
      shouldStop: { interruption.isRequested })
    guard let tally else {
      let cause = interruption.cause ?? .interrupt
      throw CommandFailure(cause.status, "\(cause.words); \(MergedParts.kept)")
    }
    for warning in tally.warnings { Console.warn(warning.description) }
    let report = SampleReport(tally)
    if !quiet { try Console.result(report.text) }
    outputs.announce(quiet: quiet)
    try report.requireSuccess()
  }

  /// Refuses a folder that a link makes that of a shard.
  private func requireOwnFolder(_ manifests: [ShardManifest]) throws {
    let own = FilePlace(set.output).identity
    guard let shard = manifests.first(where: { FilePlace($0.output).identity == own }) else {
      return
    }
    throw CommandFailure(
      .usage,
      "\(PathText.shown(set.output)), which is \(PathText.shown(shard.output)), is an input of this command and "
        + "would be overwritten by OUTPUT")
  }

  /// Claims the output, of a kind, for what `body` writes.
  private func writing(
    _ manifests: [ShardManifest], _ kind: OutputKind, _ body: (Outputs) throws -> Void
  ) throws {
    var plan = OutputPlan(overwrite: overwrite)
    plan.reads(manifests.filter { !$0.files.isEmpty }.map(\.output))
    plan.writes(set.output, "OUTPUT", kind)
    let outputs = try plan.begin()
    defer { outputs.end() }
    try body(outputs)
  }

  private func labels(_ manifests: [ShardManifest]) throws {
    var merged: Labelling.Tally?
    try writing(manifests, StructureFormats.outputKind) { outputs in
      let tally = try Labelling.merge(manifests, to: set.output, overwrite: outputs.overwrite)
      for warning in tally.warnings { Console.warn(warning.description) }
      if tally.labelled > 0 { outputs.announce(quiet: quiet) }
      merged = tally
    }
    if let merged { try PredictReport(merged).show() }
  }

  private func scores(_ manifests: [ShardManifest]) throws {
    try writing(manifests, .json) { outputs in
      let result = EvaluationResult(try EvaluationScore(merging: manifests, of: set.output))
      var meanings: [String] = []
      for split in result.score.splits {
        EvaluationResult.tell(split, quiet: quiet, &meanings)
      }
      try result.write(to: set.output, outputs, quiet: quiet)
      outputs.announce(quiet: quiet)
      try result.requireSuccess()
    }
  }
}
