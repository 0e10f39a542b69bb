// SPDX-License-Identifier: MIT

/// What an error in one component of a force counts.
public enum ForcePenalty: Hashable, Sendable {
  /// |e|, as in the paper.
  case absolute
  /// Huber's: e² / 2δ up to δ in eV/Å, |e| − δ/2 beyond.
  ///
  /// Of forces that a network cannot tell apart it then learns the mean, not the median, which near
  /// minima, where most forces of relaxations are tiny, is close to none.
  case huber(below: Double)

  /// What `error` (eV/Å) counts, and the derivative by it; 0 at 0.
  func of(_ error: Double) -> (penalty: Double, slope: Double) {
    let sign: Double = error == 0 ? 0 : error > 0 ? 1 : -1
    switch self {
    case .absolute: return (abs(error), sign)
    case .huber(let delta):
      guard abs(error) < delta else { return (abs(error) - delta / 2, sign) }
      return (error * error / (2 * delta), error / delta)
    }
  }
}
