// SPDX-License-Identifier: MIT

import CKernels

/// A family of functions of one number, over which features are spread.
public struct SpreadFunctions: Hashable, Sendable {
  /// What one function is of x and its parameter p.
  public enum Kind: Hashable, Sendable {
    /// sin(p x)
    case sines
    /// cos(p x)
    case cosines
    /// exp(coefficient · (x − p)²)
    case gaussians(coefficient: Double)
  }

  /// What each is.
  public let kind: Kind
  /// p of each.
  public let parameters: [Double]

  /// Functions of one kind with these parameters.
  public init(_ kind: Kind, parameters: [Double]) {
    (self.kind, self.parameters) = (kind, parameters)
  }

  /// All functions of all features: row r of `out` receives f₀ of each of the row's `width`
  /// features, then f₁ of each, and so on, from `column` on.
  ///
  /// - Parameters:
  ///   - features: `width` numbers a row, at most 16.
  ///   - rows: which of them; the first goes to row 0 of `out`. All of them by default.
  /// - Complexity: O(features · functions). Double precision but for the results; |p x| < 2³⁰.
  public func evaluate(
    _ features: [Double], width: Int, rows: Range<Int>? = nil, into out: FloatMatrix,
    column: Int = 0, kernels: KernelSet
  ) {
    precondition(width > 0 && width <= Int(RELAX_FEATURES), "\(width) features a row")
    precondition(features.count % width == 0, "whole rows of features")
    let rows = rows ?? 0..<features.count / width
    let total = width * parameters.count
    precondition(rows.lowerBound >= 0 && rows.upperBound * width <= features.count)
    precondition(rows.count <= out.rows && column + total <= out.columns)
    let (code, coefficient): (Int, Double) =
      switch kind {
      case .sines: (RELAX_SINES, 0)
      case .cosines: (RELAX_COSINES, 0)
      case .gaussians(let coefficient): (RELAX_GAUSSIANS, coefficient)
      }
    var repeated: [Double] = []
    repeated.reserveCapacity(total + 8)
    for parameter in parameters { repeated += repeatElement(parameter, count: width) }
    repeated += repeatElement(0, count: 8)
    features.withUnsafeBufferPointer { features in
      guard let first = features.baseAddress else { return }
      relax_spread(
        kernels.rawValue, Int32(code), first + rows.lowerBound * width, Int32(rows.count),
        Int32(width), repeated, Int32(total), coefficient, out.buffer.base + column,
        Int64(out.stride))
    }
  }
}
