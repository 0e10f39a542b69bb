// SPDX-License-Identifier: MIT

/// Processes that died while they worked on one structure, one after the other at the same evaluation of it.
///
/// A process that somebody kills dies anywhere; one that a structure kills, by taking more memory than there is for
/// example, dies at the same place again.
struct RunDeath: Equatable, Sendable {
  /// Evaluations that had ended when it died last.
  private(set) var evaluations: Int
  /// How often processes died there.
  private(set) var count = 0

  /// So often, and it is not tried again.
  static let most = 3

  init(evaluations: Int) { self.evaluations = evaluations }

  /// Takes in one more.
  mutating func happened(after evaluations: Int) {
    count = evaluations == self.evaluations ? count + 1 : 1
    self.evaluations = evaluations
  }

  /// Whether the structure is relaxed with no other beside it, to see whether it is the one: others that were at work
  /// died at the same place, too.
  var isToBeAlone: Bool { count == RunDeath.most - 1 }

  /// Why it is not tried again; nil if it is.
  var reason: String? {
    guard count >= RunDeath.most else { return nil }
    let place = evaluations == 0 ? "its first evaluation" : "its evaluation \(evaluations + 1)"
    return
      "the process died \(count) times at \(place), for lack of memory perhaps; --resume --retry failed "
      + "tries again"
  }
}
