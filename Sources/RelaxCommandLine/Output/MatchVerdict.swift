// SPDX-License-Identifier: MIT

import Files
import Scoring

/// What a command that judges says of structures that do not belong together: never an end without a word.
struct MatchVerdict {
  private struct Side {
    var name: String
    var score: RelaxationScore
  }

  private var sides: [Side] = []

  /// Adds the score of the file `name`.
  mutating func add(_ score: RelaxationScore, of name: String) {
    sides.append(Side(name: name, score: score))
  }

  private func sentence(_ side: Side, _ text: String) -> String {
    sides.count > 1 ? "\(side.name): \(text)" : text
  }

  /// Refuses a set that has nothing in common with the references: every number of it would be 0.
  func requireCommon() throws {
    for side in sides {
      if let mismatch = side.score.mismatch, mismatch.isTotal {
        throw CommandFailure(.incomplete, sentence(side, mismatch.description))
      }
    }
  }

  /// Ends with 3 if a reference has no prediction, or was left out.
  func requireAll() throws {
    var sentences = sides.compactMap { side in
      side.score.mismatch.map { sentence(side, $0.description) }
    }
    if let leftOut = sides.first.flatMap({ MatchVerdict.leftOut($0.score) }) {
      sentences.append(leftOut)
    }
    guard !sentences.isEmpty else { return }
    throw CommandFailure(.incomplete, sentences.joined(separator: "\n"))
  }

  /// Names the references that are left out; nil if there are none.
  static func leftOut(_ score: RelaxationScore) -> String? {
    guard let first = score.leftOut.first else { return nil }
    let names = Excerpt.list(score.leftOut.map(\.id))
    return score.leftOut.count == 1
      ? "the reference `\(names)` is left out: \(first.reason)"
      : "\(score.leftOut.count) references are left out: \(names); the first: \(first.reason)"
  }
}
