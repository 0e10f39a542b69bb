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

  /// A line a status that occurs, one for all, and one for files that could not be read, with a blank line behind.
  ///
  /// - Parameters:
  ///   - fmax: eV/Å, if it is known.
  ///   - note: what is said of all.
  ///   - unread: files that could not be read; nobody knows how many structures they hold.
  static func text(
    _ tally: RunTally, fmax: Double?, note: String = "", unread: UnreadFiles = UnreadFiles([])
  ) -> String {
    var table = ResultTable(
      "statuses",
      columns: [.init("status", .left), .init("structures"), .init("", .left, key: "meaning")])
    for status in RelaxationStatus.allCases where status == .converged || tally[status] > 0 {
      let limit = fmax.map { "largest force below \($0) eV/Å" } ?? ""
      table.append(
        .text(status.rawValue), .count(tally[status]), .text(explanations[status] ?? limit))
    }
    table.append(
      .text(unread.count == 0 ? "all" : "all read"), .count(tally.structures), .text(note))
    if unread.count > 0 {
      table.append(.text("unread"), .count(unread.count), .text(unread.words))
    }
    return table.text() + "\n"
  }
}
