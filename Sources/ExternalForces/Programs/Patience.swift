// SPDX-License-Identifier: MIT

import Forces

/// How long something may take, and who may stop it sooner.
struct Patience {
  /// When it has taken too long; nil if it may take any time.
  private let end: ContinuousClock.Instant?
  /// Seconds that it was given, for the message.
  let seconds: Double?
  private let cancellation: Cancellation

  /// So many seconds from now on, or any time.
  init(seconds: Double?, _ cancellation: Cancellation) {
    self.seconds = seconds
    self.cancellation = cancellation
    end = seconds.map { ContinuousClock.now + .seconds($0) }
  }

  /// Milliseconds to wait before looking again; 0 when time is over.
  ///
  /// - Throws: `ExchangeError.cancelled`.
  func pause() throws(ExchangeError) -> Int32 {
    guard !cancellation.isRequested else { throw .cancelled }
    guard let end else { return Patience.longest }
    let left = (end - .now) / .milliseconds(1)
    return left <= 0 ? 0 : min(Patience.longest, Int32(left) + 1)
  }

  /// How soon a wish to stop is heard, in milliseconds.
  private static let longest: Int32 = 50
}
