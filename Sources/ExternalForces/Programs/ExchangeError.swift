// SPDX-License-Identifier: MIT

import Forces

/// Why another program did not answer.
enum ExchangeError: Error, Equatable {
  /// It could not be started, or did not get ready.
  case notStarted(String)
  /// It ended, or closed its side of the link.
  case ended(String)
  /// It did not answer within these seconds.
  case timedOut(seconds: Double)
  /// It answered with what is no answer.
  case nonsense(String)
  /// It says itself why it has no forces.
  case refused(String)
  /// We were asked to stop.
  case cancelled

  /// What happened, in words.
  var reason: String {
    switch self {
    case .notStarted(let reason), .ended(let reason), .nonsense(let reason), .refused(let reason):
      reason
    case .timedOut(let seconds): "no answer within \(seconds.shortText) s"
    case .cancelled: "the evaluation was stopped"
    }
  }

  /// The same with what the program said last, if it said anything.
  func after(lastWords: String) -> ExchangeError {
    guard !lastWords.isEmpty else { return self }
    let words = "; its last words: \(lastWords)"
    return switch self {
    case .notStarted(let reason): .notStarted(reason + words)
    case .ended(let reason): .ended(reason + words)
    case .timedOut: .ended(reason + words)
    case .nonsense(let reason): .nonsense(reason + words)
    case .refused, .cancelled: self
    }
  }
}

extension Double {
  /// Without a decimal point where it is a whole number.
  var shortText: String { self == rounded() && abs(self) < 1e15 ? "\(Int(self))" : "\(self)" }
}
