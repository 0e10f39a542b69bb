// SPDX-License-Identifier: MIT

/// The score that a set of relaxations would have had if stopped after each step.
///
/// A structure that has ended stays at its last distance; before its first known frame, and if it
/// has only one, it counts with that. Structures that count as failures in the end do so all along,
/// so the last value is the score itself.
public struct StepCurves: Hashable, Sendable {
  /// Steps (`fid`) at which some trajectory has a frame, ascending.
  public let steps: [Int]
  /// ADwT after each step (0–1).
  public let adwt: [Double]
  /// Mean distance in Å after each step over the structures that have one; NaN if none has.
  public let meanDistance: [Double]
  /// Whether some trajectory leaves out steps between its first and its last frame, where the curves keep
  /// its last distance.
  public let hasGaps: Bool

  /// ADwT after `step` steps (0–1): that of the last step with a frame; nil before the first.
  public func adwt(after step: Int) -> Double? {
    steps.lastIndex { $0 <= step }.map { adwt[$0] }
  }

  /// One frame of a trajectory.
  struct Frame: Hashable, Sendable {
    /// Number of the step, if the file gives it.
    var step: Int?
    /// Mean distance in Å, or NaN.
    var distance: Double
  }

  /// Curves over `structures`, each with its frames by ascending step; no frames means failure.
  ///
  /// - Returns: nil if no structure has more than one frame.
  /// - Complexity: O(F log F) for F frames.
  init?(structures: [[Frame]], limits: Thresholds = .distance) {
    struct Change {
      var step: Int
      var from: Double
      var to: Double
    }
    var changes: [Change] = []
    var passed = 0
    var distances = Sum()
    for frames in structures {
      guard let first = frames.first else { continue }
      passed += limits.passed(by: first.distance)
      distances.add(first.distance)
      guard frames.count > 1 else { continue }
      var last = first.distance
      for frame in frames {
        changes.append(Change(step: frame.step ?? 0, from: last, to: frame.distance))
        last = frame.distance
      }
    }
    guard !changes.isEmpty else { return nil }
    hasGaps = structures.contains { frames in
      zip(frames, frames.dropFirst()).contains { ($1.step ?? 0) - ($0.step ?? 0) > 1 }
    }
    changes.sort { $0.step < $1.step }

    let all = Double(structures.count * limits.count)
    var steps: [Int] = []
    var adwt: [Double] = []
    var means: [Double] = []
    for (index, change) in changes.enumerated() {
      passed += limits.passed(by: change.to)
      passed -= limits.passed(by: change.from)
      distances.remove(change.from)
      distances.add(change.to)
      guard index + 1 == changes.count || changes[index + 1].step != change.step else { continue }
      steps.append(change.step)
      adwt.append(Double(passed) / all)
      means.append(distances.mean)
    }
    (self.steps, self.adwt, meanDistance) = (steps, adwt, means)
  }

  /// A running sum of finite values that come and go, with the rounding errors kept (Neumaier), so
  /// that a million changes leave no trace.
  private struct Sum {
    private var total = 0.0
    private var error = 0.0
    private var count = 0

    var mean: Double { count == 0 ? .nan : (total + error) / Double(count) }

    mutating func add(_ value: Double) {
      guard value.isFinite else { return }
      count += 1
      accumulate(value)
    }

    mutating func remove(_ value: Double) {
      guard value.isFinite else { return }
      count -= 1
      accumulate(-value)
    }

    private mutating func accumulate(_ value: Double) {
      let sum = total + value
      error += abs(total) >= abs(value) ? (total - sum) + value : (value - sum) + total
      total = sum
    }
  }
}
