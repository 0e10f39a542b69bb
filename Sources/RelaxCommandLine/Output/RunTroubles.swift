// SPDX-License-Identifier: MIT

import Files
import Relaxation
import Reporting
import StructureFiles

/// The first structures of a run that did not converge, in the order of the input whatever order they
/// finished in.
struct RunTroubles: Sendable {
  /// One structure, with why.
  struct Trouble: Sendable {
    var id: String
    /// Place in the run, from 0, as in the summary.
    var index: Int
    var status: RelaxationStatus
    var reason: String

    init(id: String, index: Int, status: RelaxationStatus, reason: String) {
      (self.id, self.index, self.status, self.reason) = (id, index, status, reason)
    }

    /// What a line of a summary tells; nil if it tells something else.
    init?(summaryLine line: String) {
      guard let record = SummaryRecord(line: line) else { return nil }
      self.init(
        id: record.id, index: record.index, status: record.status, reason: record.reason)
    }
  }

  /// In the order of the input.
  private(set) var first: [Trouble] = []
  private let most: Int

  /// None yet; `most` of them will be kept.
  init(keeping most: Int) { self.most = most }

  /// Takes note of one.
  mutating func add(_ trouble: Trouble) {
    let place = first.firstIndex { $0.index > trouble.index } ?? first.endIndex
    first.insert(trouble, at: place)
    if first.count > most { first.removeLast() }
  }

  /// A line each, and how many more there are.
  ///
  /// - Parameter summary: the file in which all reasons are, if there is one.
  func text(of tally: RunTally, summary: String?) -> String {
    var text = lines.map { "  \($0)\n" }.joined()
    // Those that were interrupted have no trouble of their own.
    let rest = tally.structures - tally[.converged] - tally[.interrupted] - first.count
    if rest > 0 {
      let place = summary.map { "; every reason is in \($0)" } ?? "; --summary F lists them"
      text += "  … and \(rest) more that are not converged\(place)\n"
    }
    return text
  }

  /// A line each: `a: step_limit: fmax …`; where an id occurs again, with its index.
  var lines: [String] {
    let ids = first.map(\.id)
    let repeated = Set(ids.filter { id in ids.count { $0 == id } > 1 })
    return first.map { trouble in
      let place = repeated.contains(trouble.id) ? " (index \(trouble.index))" : ""
      let status = "\(trouble.status.rawValue): "
      // Some reasons begin with the status themselves.
      let words = trouble.reason.hasPrefix(status) ? trouble.reason : status + trouble.reason
      return "\(Excerpt.name(trouble.id))\(place): \(words)"
    }
  }

  /// What became of those that did not converge, in words: `2 of 9 structures did not converge, 1 is
  /// invalid`.
  static func sentence(_ tally: RunTally) -> String {
    func are(_ status: RelaxationStatus) -> String { tally[status] == 1 ? "is" : "are" }
    let unconverged = [RelaxationStatus.stepLimit, .stalled, .diverged, .interrupted]
      .reduce(0) { $0 + tally[$1] }
    let parts = [
      (unconverged, "did not converge"),
      (tally[.invalid], "\(are(.invalid)) invalid and could not be relaxed"),
      (tally[.failed], "failed"),
    ].filter { $0.0 > 0 }
    let all = Excerpt.count(tally.structures, "structure")
    return parts.enumerated().map { place, part in
      place == 0 ? "\(part.0) of \(all) \(part.1)" : "\(part.0) \(part.1)"
    }.joined(separator: ", ")
  }
}
