// SPDX-License-Identifier: MIT

import RelaxNumerics

/// What trivial predictions would come to: the same force on every free atom.
///
/// A model is worth something only below these. One constant is no force at all. The other is the
/// median of the very forces that are judged, along each axis on its own: a force is a vector, and
/// no constant vector has a smaller mean absolute error. (The paper's constant comes from the
/// training set, which an evaluation does not see; on sets of thousands of atoms both are within a
/// few 0.0001 eV/Å of zero.)
///
/// It keeps all components until the end, 24 bytes a free atom.
public struct ConstantForceBaselines: Sendable {
  private var components: [[Double]] = [[], [], []]

  /// Median force along x, y and z in eV/Å; NaN along an axis without components.
  public private(set) var median = Vector3(repeating: .nan)
  /// Mean absolute error of the median force in eV/Å; NaN without components.
  public private(set) var medianError = Double.nan
  /// Mean absolute error of no force in eV/Å; NaN without components.
  public private(set) var zeroError = Double.nan

  /// Nothing seen yet.
  public init() {}

  /// Adds true components along x, y and z in eV/Å.
  public mutating func add(_ targets: [[Double]]) {
    precondition(targets.count == 3, "components along three axes")
    for axis in 0..<3 { components[axis] += targets[axis] }
  }

  /// Computes the medians and errors, and lets the components go.
  public mutating func finish() {
    var count = 0
    var (zero, fromMedian) = (0.0, 0.0)
    for axis in 0..<3 where !components[axis].isEmpty {
      components[axis].sort()
      let sorted = components[axis]
      // As NumPy's: of an even number the mean of the middle two. Adding 0 turns -0 into 0.
      let middle = (sorted[(sorted.count - 1) / 2] + sorted[sorted.count / 2]) / 2 + 0
      median[axis] = middle
      for value in sorted {
        zero += abs(value)
        fromMedian += abs(value - middle)
      }
      count += sorted.count
    }
    (zeroError, medianError) = (zero / Double(count), fromMedian / Double(count))
    components = [[], [], []]
  }
}
