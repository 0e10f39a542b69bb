// SPDX-License-Identifier: MIT

import RelaxNumerics
import Structures

/// Errors of predicted forces by element, and by how large the true force is: where a model is wrong.
///
/// Errors are absolute ones of components along which atoms may move, as in all mean absolute errors of
/// forces; the sizes are norms of true forces over these components.
public struct ForceBreakdown: Hashable, Sendable {
  /// Absolute errors of some components.
  public struct Sum: Hashable, Sendable {
    /// Their sum in eV/Å.
    public internal(set) var errors = 0.0
    /// How many components they are of.
    public internal(set) var components = 0

    /// Mean absolute error in eV/Å; nil without components.
    public var mean: Double? { components > 0 ? errors / Double(components) : nil }

    static func += (sum: inout Sum, more: Sum) {
      sum.errors += more.errors
      sum.components += more.components
    }
  }

  /// Where the classes of true forces begin, in eV/Å: the first from 0 on, each to the begin of the next.
  public static let sizes = [0, 0.01, 0.03, 0.1, 0.3, 1, 3]

  /// Errors by element.
  public private(set) var elements: [Element: Sum] = [:]
  /// Errors by the class of the true force.
  public private(set) var classes = [Sum](repeating: Sum(), count: sizes.count)

  /// Nothing seen yet.
  public init() {}

  /// Adds an atom with its predicted and its true force in eV/Å.
  public mutating func add(
    _ element: Element, predicted: Vector3, target: Vector3, freedom: Freedom
  ) {
    let truth = freedom.masking(target)
    let error = freedom.masking(predicted - target)
    let sum = Sum(
      errors: abs(error.x) + abs(error.y) + abs(error.z),
      components: freedom.rawValue.nonzeroBitCount)
    elements[element, default: Sum()] += sum
    let size = truth.length
    classes[(ForceBreakdown.sizes.lastIndex { $0 <= size }) ?? 0] += sum
  }

  /// Adds all that `other` has seen.
  public mutating func add(_ other: ForceBreakdown) {
    for (element, sum) in other.elements { elements[element, default: Sum()] += sum }
    for place in classes.indices { classes[place] += other.classes[place] }
  }
}
