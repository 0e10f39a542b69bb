// SPDX-License-Identifier: MIT

import Files
import Reporting
import Scoring

/// How an evaluation ends: its table, its JSON, and what is to be said of it.
struct EvaluationResult {
  let score: EvaluationScore

  init(_ score: EvaluationScore) { self.score = score }

  /// What is to be known of a split; each meaning of energies is told once.
  static func tell(_ split: SplitScore, quiet: Bool, _ meanings: inout [String]) {
    for warning in split.warnings { Console.warn(warning.description) }
    for meaning in split.energyMeanings where !quiet && !meanings.contains(meaning) {
      meanings.append(meaning)
      Console.error("energies of \(split.name) and others like it: \(meaning)")
    }
  }

  /// Shows the table, unless standard output is for something else, and writes the JSON.
  func write(to json: String?, _ outputs: Outputs, quiet: Bool) throws {
    let report = EvaluationReport(score)
    if !quiet && !outputs.usesStandardOutput { try Console.result(report.text()) }
    try outputs.write(report.json.text() + "\n", to: json)
  }

  /// - Throws: 3 where not all frames could be judged.
  func requireSuccess() throws {
    for split in score.splits {
      guard let first = split.failures.first else { continue }
      let all = score.splits.reduce(0) { $0 + $1.framesMet }
      throw CommandFailure(
        .incomplete,
        "\(score.failures) of \(all) frames could not be evaluated and are in no mean; the first:\n"
          + "\(split.name): \(Excerpt.name(first.id)): \(first.reason)")
    }
    for split in score.splits where split.framesOfAll == 0 && !split.warnings.isEmpty {
      throw CommandFailure(.incomplete, "no frame of \(split.path) has labels that count")
    }
    // A shard may have no frame, or none that counts, where all together have some.
    for split in score.splits where split.frames == 0 && score.shard == nil {
      throw CommandFailure(
        .incomplete, "no frame of \(split.path) has a free atom: nothing to judge")
    }
  }
}
