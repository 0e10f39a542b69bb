// SPDX-License-Identifier: MIT

import Files
import Relaxation

/// What is said of labels when they are written.
struct PredictReport {
  let tally: Labelling.Tally

  init(_ tally: Labelling.Tally) { self.tally = tally }

  /// Names what is left out.
  ///
  /// - Throws: the exit code that it means.
  func show() throws {
    for frame in tally.leftOut.first.prefix(Self.mostNamed) {
      Console.error("\(frame.id): \(frame.reason)")
    }
    for error in tally.unusable.first.prefix(Self.mostNamed) { Console.error(error.description) }
    if let error = tally.unreadable { throw error }
    let without = tally.leftOut.count + tally.unusable.count
    guard without > 0 else { return }
    throw CommandFailure(
      tally.unusable.isEmpty ? .incomplete : .badData,
      "\(without) of \(tally.frames) frames have no labels and are left out; "
        + (tally.labelled > 0 ? "the others are written" : "nothing is written"))
  }

  /// Frames that are named one by one, of each kind.
  private static let mostNamed = 10
}
