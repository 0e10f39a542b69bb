// SPDX-License-Identifier: MIT

/// Processes that died while they worked on one structure, one after the other at the same place.
///
/// A process that somebody kills dies anywhere; one that a structure kills, by taking more memory than there is for
/// example, dies in the same evaluation again, and after about the same time in it.
struct RunDeath: Equatable, Sendable {
  /// Evaluations that had ended when it died.
  private var evaluations: Int
  /// Milliseconds since then, of each death there.
  private var times: [Int]
  /// How often processes died there.
  var count: Int { times.count }

  /// So often, and it is not tried again.
  static let most = 3

  /// The first death: after so many evaluations, and so many milliseconds in the next one.
  init(after evaluations: Int, elapsed: Int) {
    (self.evaluations, times) = (evaluations, [elapsed])
  }

  /// Takes in one more.
  mutating func happened(after evaluations: Int, elapsed: Int) {
    // The first one begins with what takes as long as it likes, such as the start of other programs.
    let (least, share) = evaluations == 0 ? (3000, 2) : (150, 6)
    let isSame =
      evaluations == self.evaluations
      && times.allSatisfy { abs($0 - elapsed) <= max(least, max($0, elapsed) / share) }
    times = isSame ? times + [elapsed] : [elapsed]
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
      "the process died \(count) times in \(place), for lack of memory perhaps; --resume --retry failed "
      + "tries again"
  }
}

extension [Int: RunDeath] {
  /// Takes in that a process died at the structure at place `index`.
  mutating func add(at index: Int, after evaluations: Int, elapsed: Int) {
    if self[index] == nil {
      self[index] = RunDeath(after: evaluations, elapsed: elapsed)
    } else {
      self[index]?.happened(after: evaluations, elapsed: elapsed)
    }
  }
}
