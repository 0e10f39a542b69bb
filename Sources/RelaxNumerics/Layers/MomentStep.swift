// SPDX-License-Identifier: MIT

/// One step of Adam (Kingma and Ba 2015) over an array of numbers, in single precision.
///
/// ```
/// m ← m + (1 − β₁)(g − m)        v ← β₂ v + (1 − β₂) g²
/// x ← kept x − stepSize · m / (√v / correction + ε)
/// ```
///
/// Operations and their order are those of the library that the paper used, so that numbers agree
/// with it to the last digits.
public struct MomentStep: Hashable, Sendable {
  /// 1 − β₁: how much of the first moment m is new.
  public var firstShare: Float
  /// β₂: how much of the second moment v stays.
  public var secondMemory: Float
  /// 1 − β₂: how much of it is new.
  public var secondShare: Float
  /// Learning rate divided by 1 − β₁ᵗ.
  public var stepSize: Float
  /// √(1 − β₂ᵗ).
  public var correction: Float
  /// ε: keeps the quotient finite.
  public var epsilon: Float
  /// What stays of x itself: 1, or less to let weights decay (Loshchilov and Hutter 2019).
  public var kept: Float

  /// A step with these constants.
  public init(
    firstShare: Float, secondMemory: Float, secondShare: Float, stepSize: Float,
    correction: Float, epsilon: Float, kept: Float = 1
  ) {
    (self.firstShare, self.secondMemory) = (firstShare, secondMemory)
    (self.secondShare, self.stepSize) = (secondShare, stepSize)
    (self.correction, self.epsilon, self.kept) = (correction, epsilon, kept)
  }

  /// Takes the step for every number of `values`.
  public func apply(
    to values: inout [Float], gradient: [Float], first: inout [Float], second: inout [Float]
  ) {
    let count = values.count
    precondition(
      gradient.count == count && first.count == count && second.count == count,
      "\(count) values, \(gradient.count) derivatives, \(first.count) and \(second.count) moments")
    values.withUnsafeMutableBufferPointer { values in
      gradient.withUnsafeBufferPointer { gradient in
        first.withUnsafeMutableBufferPointer { first in
          second.withUnsafeMutableBufferPointer { second in
            for i in 0..<count {
              let g = gradient[i]
              let m = first[i] + firstShare * (g - first[i])
              let v = secondMemory * second[i] + secondShare * g * g
              (first[i], second[i]) = (m, v)
              values[i] = kept * values[i] - stepSize * m / (v.squareRoot() / correction + epsilon)
            }
          }
        }
      }
    }
  }
}
