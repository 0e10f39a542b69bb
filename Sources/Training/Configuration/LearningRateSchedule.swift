// SPDX-License-Identifier: MIT

/// The paper's learning rate: constant, then halved at intervals; before that it may rise from zero.
public struct LearningRateSchedule: Hashable, Sendable {
  /// Largest learning rate.
  public var initial: Double
  /// Steps at the beginning over which it rises linearly; 0 for none.
  public var warmupSteps: Int
  /// Steps until it is halved for the first time.
  public var constantSteps: Int
  /// Steps from one halving to the next.
  public var halvingInterval: Int

  /// The learning rate of the step that follows `steps` steps.
  public func rate(after steps: Int) -> Double {
    guard steps >= warmupSteps else {
      return initial * Double(steps + 1) / Double(warmupSteps)
    }
    guard steps >= constantSteps else { return initial }
    let halvings = 1 + (steps - constantSteps) / halvingInterval
    return initial * Double(sign: .plus, exponent: -min(halvings, 1000), significand: 1)
  }
}
