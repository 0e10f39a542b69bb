// SPDX-License-Identifier: MIT

import RelaxNumerics

/// Shows how many things a command has done.
final class CountProgress: Sendable {
  private let done: Guarded<Int>
  private let display: ProgressDisplay

  /// - Parameters:
  ///   - things: what is counted, in the plural.
  ///   - total: how many there are.
  init(quiet: Bool, _ things: String, of total: InputTotal) {
    let done = Guarded(0)
    let begin = ContinuousClock.now
    self.done = done
    display = ProgressDisplay(.standardError(quiet: quiet)) {
      ProgressLine(
        done: done.withLock { $0 }, of: total.value, things,
        seconds: (ContinuousClock.now - begin) / .seconds(1))
    }
  }

  /// Takes note that so many are done.
  func receive(_ count: Int) {
    done.withLock { $0 = count }
    display.refresh()
  }

  func end() { display.end() }
}
