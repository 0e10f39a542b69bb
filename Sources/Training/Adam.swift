// SPDX-License-Identifier: MIT

import RelaxNumerics

/// Adam (Kingma and Ba 2015) with PyTorch's constants and bias correction; with weight decay it is
/// what PyTorch calls AdamW.
///
/// A step of a parameter is `learningRate` · m̂ / (√v̂ + ε), where m̂ and v̂ are running means of its
/// derivative and of its square, corrected for their start at zero; before it, the parameter is
/// multiplied by 1 − `learningRate` · `weightDecay`.
public struct Adam: Hashable, Sendable {
  /// β₁: how much of the mean derivative stays from step to step.
  public static let firstMemory = 0.9
  /// β₂: how much of the mean square stays.
  public static let secondMemory = 0.999
  /// ε, which keeps steps finite where there is no derivative.
  public static let epsilon = 1e-8

  /// Steps taken, which decide how much the means are corrected for their start.
  public internal(set) var steps = 0
  /// Running means of derivatives.
  public internal(set) var first: [Float]
  /// Running means of their squares.
  public internal(set) var second: [Float]

  /// An optimizer of `count` numbers that has not taken a step.
  public init(count: Int) {
    first = Array(repeating: 0, count: count)
    second = first
  }

  /// Moves `values` against `gradient`.
  public mutating func step(
    _ values: inout [Float], gradient: [Float], learningRate: Double, weightDecay: Double = 0
  ) {
    steps += 1
    MomentStep(
      firstShare: Float(1 - Adam.firstMemory), secondMemory: Float(Adam.secondMemory),
      secondShare: Float(1 - Adam.secondMemory),
      stepSize: Float(learningRate / (1 - Adam.power(Adam.firstMemory, steps))),
      correction: Float((1 - Adam.power(Adam.secondMemory, steps)).squareRoot()),
      epsilon: Float(Adam.epsilon), kept: Float(1 - learningRate * weightDecay)
    ).apply(to: &values, gradient: gradient, first: &first, second: &second)
  }

  /// `base` to a whole power by squaring, the same on every machine.
  private static func power(_ base: Double, _ exponent: Int) -> Double {
    var (result, square, rest) = (1.0, base, exponent)
    while rest > 0 {
      if rest & 1 == 1 { result *= square }
      square *= square
      rest >>= 1
    }
    return result
  }
}

/// A running average of the weights, which is often better than the weights themselves.
///
/// As in the released trainers: a ← a + (1 − d)(w − a), d being `decay`, or (1 + t)/(10 + t) as long
/// as that is smaller, so that the average soon forgets the untrained start.
public struct WeightAverage: Hashable, Sendable {
  /// Updates so far.
  public internal(set) var updates = 0
  /// The averages, one a weight, in the order of the weights.
  public internal(set) var values: [Float]

  /// An average that starts at `values`.
  public init(of values: [Float]) { self.values = values }

  /// Takes the weights after a step in.
  public mutating func update(_ weights: [Float], decay: Double) {
    precondition(weights.count == values.count)
    updates += 1
    let share = Float(1 - min(decay, Double(1 + updates) / Double(10 + updates)))
    for i in values.indices { values[i] += share * (weights[i] - values[i]) }
  }
}

/// Measures and limits the length of a gradient.
enum GradientNorm {
  /// Euclidean length; not finite if one derivative is not.
  static func length(_ gradient: [Float]) -> Double {
    var sum = 0.0
    for value in gradient { sum += Double(value) * Double(value) }
    return sum.squareRoot()
  }

  /// Shortens a gradient of the length `length` to `limit`, if it is longer.
  static func clip(_ gradient: inout [Float], length: Double, to limit: Double) {
    // The small number is PyTorch's.
    let factor = Float(limit / (length + 1e-6))
    guard factor < 1 else { return }
    for i in gradient.indices { gradient[i] *= factor }
  }
}
