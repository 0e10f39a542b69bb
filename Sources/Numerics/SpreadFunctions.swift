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
  /// - Complexity: O(features · functions). Double precision but for the results; |p x| < 2³⁰.
  public func evaluate(
    _ features: [Double], width: Int, into out: FloatMatrix, column: Int = 0, kernels: KernelSet
  ) {
    precondition(width > 0 && features.count % width == 0, "whole rows of features")
    let rows = features.count / width
    precondition(rows <= out.rows && column + width * parameters.count <= out.columns)
    let (code, coefficient): (Int, Double) =
      switch kind {
      case .sines: (RELAX_SINES, 0)
      case .cosines: (RELAX_COSINES, 0)
      case .gaussians(let coefficient): (RELAX_GAUSSIANS, coefficient)
      }
    relax_spread(
      kernels.rawValue, Int32(code), features, Int32(rows), Int32(width), parameters,
      Int32(parameters.count), coefficient, out.buffer.base + column, Int64(out.stride))
  }
}
