// SPDX-License-Identifier: MIT

/// A way to ask work on another thread to stop.
///
/// Evaluations look at it every few milliseconds to seconds and give up with `ForceError.cancelled`.
public struct Cancellation: Sendable {
  private let request: (@Sendable () -> Bool)?

  /// Asks `isRequested` again and again, from whichever thread does the work; once true it must stay so.
  public init(_ isRequested: @escaping @Sendable () -> Bool) { request = isRequested }

  private init() { request = nil }

  /// Never cancelled: for callers who wait for the end, whatever it takes.
  public static let never = Cancellation()

  /// Whether the work should stop.
  public var isRequested: Bool { request?() ?? false }

  /// Gives up if that was asked for.
  ///
  /// - Throws: `ForceError.cancelled`.
  public func check() throws(ForceError) {
    if isRequested { throw .cancelled }
  }
}
