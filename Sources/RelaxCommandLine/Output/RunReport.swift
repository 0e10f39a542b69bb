// SPDX-License-Identifier: MIT

import Files
import Relaxation
import Reporting
import StructureFiles

/// The outcome of a run, for people, for scripts and as an exit code.
struct RunReport {
  var outcome: Engine.Outcome
  var engine: Engine
  var scheme: Scheme
  var paths: RunPaths
  /// Why it was stopped, if it was.
  var cause: Interruption.Cause?
  var seconds: Double
  var troubles: RunTroubles

  /// What a run that is stopped leaves behind.
  static let kept =
    "what was finished is written, and the same command with --resume goes on"

  var table: String {
    let tally = outcome.tally
    var text = StatusTable.text(tally, fmax: engine.settings.fmax, note: allNote)
    var troubles = troubles
    for line in outcome.earlierTroubles {
      if let trouble = RunTroubles.Trouble(summaryLine: line) { troubles.add(trouble) }
    }
    text += troubles.text(of: tally, summary: paths.summary)
    let done = tally.structures - outcome.resumed
    let mean = tally.structures > 0 ? Double(tally.steps) / Double(tally.structures) : 0
    text += """
      \(engine.provider.specification), scheme \(scheme.rawValue), \(engine.settings.optimizer), fmax \(engine.settings.fmax) eV/Å, \
      at most \(engine.settings.maximumSteps) steps\(conservativeNote)
      \(tally.steps) steps (\(Decimals.fixed(mean, 1)) a structure), \(Decimals.fixed(seconds, 2)) s, \
      \(Decimals.fixed(Double(done) / max(seconds, 1e-9), 1)) structures/s on \(engine.threads) \
      thread\(engine.threads == 1 ? "" : "s")\(resumedNote)

      """
    return text
  }

  /// How many structures there are, where they are not all done.
  private var allNote: String {
    guard outcome.wasInterrupted else { return "" }
    return outcome.total.map { "of \($0): the run was \(reason.words)" }
      ?? "so far: the run was \(reason.words)"
  }

  private var reason: Interruption.Cause { cause ?? .interrupt }

  private var conservativeNote: String {
    guard !engine.provider.isConservative else { return "" }
    return "\nforces are not the gradient of an energy: energies are no criterion, and a "
      + "relaxation may circle without end"
  }

  private var resumedNote: String {
    outcome.resumed > 0 ? "; \(outcome.resumed) structures were done before" : ""
  }

  var json: String {
    let tally = outcome.tally
    let value: JSONText = [
      "structures": .integer(tally.structures),
      "statuses": .object(
        RelaxationStatus.allCases.map { .init($0.rawValue, .integer(tally[$0])) }),
      "steps": .integer(tally.steps),
      "evaluations": .integer(tally.evaluations),
      "seconds": .number(seconds),
      "resumed": .integer(outcome.resumed),
      "interrupted": .boolean(outcome.wasInterrupted),
      "settings": [
        "provider": .string(engine.provider.specification),
        "conservative": .boolean(engine.provider.isConservative),
        "scheme": .string(scheme.rawValue),
        "optimizer": .string("\(engine.settings.optimizer)"),
        "fmax": .number(engine.settings.fmax),
        "steps": .integer(engine.settings.maximumSteps),
        "threads": .integer(engine.threads),
      ],
      "outputs": [
        "relaxed": .string(paths.relaxed),
        "trajectory": paths.trajectory.map { .string($0) } ?? nil,
        "summary": paths.summary.map { .string($0) } ?? nil,
      ],
      "errors": JSONText((outcome.unusableFrames + outcome.unreadableFiles).map(\.description)),
    ]
    return value.text() + "\n"
  }

  /// Whether `path` holds the outcome of a run to `paths`.
  static func wrote(_ path: String?, to paths: RunPaths) -> Bool {
    guard let path, FilePlace(path).kind == .file, let text = try? TextFile.text(of: path),
      let json = try? JSONText(parsing: text)
    else { return false }
    return json["outputs"]?["relaxed"] == .string(paths.relaxed) && json["statuses"] != nil
  }

  /// Throws the failure that the exit code stands for.
  func requireSuccess() throws {
    if let first = outcome.changedInputs.first {
      throw CommandFailure(
        .badData,
        "\(first) was changed while the run was reading it: results may be of its old and its new "
          + "structures; run again with --overwrite")
    }
    if outcome.wasInterrupted {
      throw CommandFailure(reason.status, "\(reason.words); \(RunReport.kept)")
    }
    if let first = outcome.unreadableFiles.first {
      throw CommandFailure(explaining: first) ?? first
    }
    if let first = outcome.unusableFrames.first {
      let more = outcome.unusableFrames.count - 1
      throw CommandFailure(
        .badData,
        first.description + (more > 0 ? "\n(and \(more) more frames that cannot be used)" : ""))
    }
    let tally = outcome.tally
    try InputFiles.requireSome(outcome.structuresMet, of: engine.filters, in: engine.inputs)
    guard tally[.converged] < tally.structures else { return }
    // Where there is no table, the reasons stand here.
    let reasons =
      outcome.hasResults
      ? [] : troubles.first.prefix(3).map { "\(Excerpt.name($0.id)): \($0.reason)" }
    throw CommandFailure(
      .incomplete, ([RunTroubles.sentence(tally)] + reasons).joined(separator: "\n"))
  }
}
