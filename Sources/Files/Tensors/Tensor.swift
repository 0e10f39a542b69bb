// SPDX-License-Identifier: MIT

/// Numbers in a rectangular array, the last index running fastest.
public struct Tensor: Hashable, Sendable {
  /// Length along each dimension; empty for a single number.
  public let shape: [Int]
  /// The numbers, as many as the product of the lengths.
  public var values: [Float]

  /// A tensor of this shape.
  public init(shape: [Int], values: [Float]) {
    precondition(
      values.count == shape.reduce(1, *), "\(values.count) numbers for the shape \(shape)")
    self.shape = shape
    self.values = values
  }
}
