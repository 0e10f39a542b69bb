// SPDX-License-Identifier: MIT

import Files
import Relaxation
import StructureFiles

/// What `relax merge` does with the shards of a run.
struct MergedRun {
  var output: String
  var partial: Bool
  var overwrite: Bool
  var quiet: Bool

  func run() throws {
    let interruption = Interruption(limit: nil)
    let merge = try RunMerge(of: output, partial: partial)
    var plan = OutputPlan(overwrite: overwrite)
    plan.reads(merge.inputs)
    // It itself decides: one that was killed goes on.
    plan.writes(merge.paths.relaxed, "OUTPUT", StructureFormats.outputKind, .resume)
    plan.writes(
      merge.paths.trajectory, "the trajectory of OUTPUT", StructureFormats.outputKind, .resume)
    plan.writes(merge.paths.summary, "the summary of OUTPUT", .jsonLines, .resume)
    plan.writes(merge.paths.journal, "the journal of OUTPUT", nil, .resume)
    interruption.hear(keeping: MergedRun.kept)
    let outputs = try plan.begin(endsAtSignals: false, unless: interruption)
    defer { outputs.end() }
    if let absence = merge.absence { Console.warn("\(absence): what is there is merged") }
    let outcome = try merge.run(
      replacing: overwrite, claim: outputs.claim, shouldStop: { interruption.isRequested })
    guard let outcome else {
      let cause = interruption.cause ?? .interrupt
      throw CommandFailure(cause.status, "\(cause.words); \(MergedRun.kept)")
    }
    if outcome.hasResults {
      if !quiet { try Console.result(table(outcome, merge)) }
      outputs.announce(quiet: quiet)
    }
    try requireSuccess(outcome, merge.absence)
  }

  /// What a merge that is stopped leaves behind.
  private static let kept = "the shards are as they were, and the same command goes on"

  private func table(_ outcome: RunMerge.Outcome, _ merge: RunMerge) -> String {
    var troubles = RunTroubles(keeping: RunProgress.shownTroubles)
    for line in outcome.troubles {
      if let trouble = RunTroubles.Trouble(summaryLine: line) { troubles.add(trouble) }
    }
    return StatusTable.text(outcome.tally, fmax: nil, note: note(merge))
      + troubles.text(of: outcome.tally, summary: merge.paths.summary)
  }

  private func note(_ merge: RunMerge) -> String {
    let count = merge.set.count
    return merge.merged < count ? "of \(merge.merged) of \(count) shards" : "of \(count) shards"
  }

  /// Throws the failure that the run would have ended with.
  private func requireSuccess(_ outcome: RunMerge.Outcome, _ absence: String?) throws {
    guard outcome.unusable == 0 else {
      throw CommandFailure(
        .badData,
        "\(outcome.unusable) frames of the input cannot be used; what is wrong with each is in the summary "
          + "and was said by the shards")
    }
    if outcome.tally[.converged] < outcome.tally.structures {
      throw CommandFailure(.incomplete, RunTroubles.sentence(outcome.tally))
    }
    if let absence {
      throw CommandFailure(.incomplete, "what is merged is not the whole: \(absence)")
    }
  }
}
