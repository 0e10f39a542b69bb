// SPDX-License-Identifier: MIT

import Relaxation
import Reporting

/// How many structures of a run ended how, as a table for people.
enum StatusTable {
  private static let explanations: [RelaxationStatus: String] = [
    .stepLimit: "more force than fmax after all steps",
    .stalled: "forces no longer fell",
    .diverged: "no longer finite, or blown apart",
    .invalid: "could not be evaluated",
    .failed: "the provider gave up",
    .interrupted: "stopped before the end; --resume goes on",
  ]

  /// A line a status that occurs, and one for all, with a blank line behind.
  ///
  /// - Parameters:
  ///   - fmax: eV/Å, if it is known.
  ///   - note: what is said of all.
  static func text(_ tally: RunTally, fmax: Double?, note: String = "") -> String {
    var table = ResultTable(
      "statuses",
      columns: [.init("status", .left), .init("structures"), .init("", .left, key: "meaning")])
    for status in RelaxationStatus.allCases where status == .converged || tally[status] > 0 {
      let limit = fmax.map { "largest force below \($0) eV/Å" } ?? ""
      table.append(
        .text(status.rawValue), .count(tally[status]), .text(explanations[status] ?? limit))
    }
    table.append(.text("all"), .count(tally.structures), .text(note))
    return table.text() + "\n"
  }
}
