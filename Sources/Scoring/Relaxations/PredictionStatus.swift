// SPDX-License-Identifier: MIT

/// How the relaxation of a predicted structure ended, as the attribute `relax_status` says.
public enum PredictionStatus: String, Hashable, Sendable, CaseIterable {
  /// The forces vanished.
  case converged
  /// The allowed steps were used up.
  case stepLimit = "step_limit"
  /// No progress was made any more.
  case stalled
  /// The user stopped the run.
  case interrupted
  /// Forces or positions went out of all bounds.
  case diverged
  /// The initial structure could not be used.
  case invalid
  /// The provider gave up.
  case failed

  /// Whether the positions are a result to be judged, converged or not, rather than a failure.
  public var isScored: Bool {
    switch self {
    case .converged, .stepLimit, .stalled, .interrupted: return true
    case .diverged, .invalid, .failed: return false
    }
  }
}
