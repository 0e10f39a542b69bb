// SPDX-License-Identifier: MIT

import CKernels

/// Batch normalisation in its training form: columns are normalised by the mean and the variance that
/// they have over all rows.
///
/// Sums are taken in double precision and in the order of rows.
public struct BatchNormalization: Sendable {
  /// Mean of each column.
  public let mean: [Double]
  /// Variance of each column, divided by the number of rows.
  public let variance: [Double]
  /// Number of rows.
  public let count: Int
  private let gain: [Float]
  private let shift: [Float]

  /// What is added to variances.
  public static let epsilon = 1e-5

  /// Takes the statistics of all rows of `x`, at least one.
  public init(of x: FloatMatrix, gain: [Float], shift: [Float], kernels: KernelSet) {
    precondition(x.rows > 0 && gain.count == x.columns && shift.count == x.columns)
    let rows = Double(x.rows)
    let zeros = [Double](repeating: 0, count: x.columns)
    let first = x.moments(zeros, x, zeros, kernels)
    let mean = first.sums.map { $0 / rows }
    let second = x.moments(mean, x, mean, kernels)
    (self.mean, variance) = (mean, second.products.map { $0 / rows })
    (count, self.gain, self.shift) = (x.rows, gain, shift)
  }

  /// Normalises `count` rows of `x` from `start` on into rows of `out` from `target` on.
  public func apply(
    _ count: Int, of x: FloatMatrix, from start: Int = 0, into out: FloatMatrix,
    from target: Int = 0, kernels: KernelSet
  ) {
    precondition(start >= 0 && start + count <= x.rows && x.columns == mean.count)
    precondition(target >= 0 && target + count <= out.rows && out.columns == x.columns)
    let center = padded(mean.map { Float($0) })
    let factor = padded(mean.indices.map { Float(Double(gain[$0]) * inverse($0)) })
    let shift = padded(self.shift)
    relax_scale_columns(
      kernels.rawValue, x.buffer.base + start * x.stride, Int64(x.stride), center.base,
      factor.base, shift.base, Int32(count), Int32(x.columns),
      out.buffer.base + target * out.stride, Int64(out.stride))
  }

  /// Derivatives by gain and shift.
  public struct Gradient: Sendable {
    /// By the gain of each column.
    public var gain: [Double]
    /// By the shift of each column.
    public var shift: [Double]
  }

  /// Turns `d`, the derivative by the normalised rows, into the one by all rows of `x`, through their
  /// statistics too.
  public func gradient(_ d: FloatMatrix, of x: FloatMatrix, kernels: KernelSet) -> Gradient {
    precondition(d.rows == count && x.rows == count && d.columns == x.columns)
    let zeros = [Double](repeating: 0, count: x.columns)
    let (sums, products) = d.moments(zeros, x, mean, kernels)
    let rows = Double(count)
    let columns = mean.indices
    let center = padded(mean.map { Float($0) })
    let scale = padded(columns.map { Float(Double(gain[$0]) * inverse($0)) })
    let slope = padded(columns.map { Float(products[$0] / rows * inverse($0) * inverse($0)) })
    let shift = padded(sums.map { Float($0 / rows) })
    relax_project_columns(
      kernels.rawValue, x.buffer.base, Int64(x.stride), center.base, scale.base, slope.base,
      shift.base, Int32(count), Int32(x.columns), d.buffer.base, Int64(d.stride))
    return Gradient(gain: columns.map { products[$0] * inverse($0) }, shift: sums)
  }

  private func inverse(_ column: Int) -> Double {
    1 / (variance[column] + BatchNormalization.epsilon).squareRoot()
  }

  private func padded(_ values: [Float]) -> AlignedBuffer<Float> {
    let padding = FloatMatrix.padded(values.count) - values.count
    return AlignedBuffer(values + Array(repeating: 0, count: padding))
  }
}

extension FloatMatrix {
  /// Over all rows, Σ (a − center) and Σ (a − center) (b − otherCenter) of each column.
  fileprivate func moments(
    _ center: [Double], _ other: FloatMatrix, _ otherCenter: [Double], _ kernels: KernelSet
  ) -> (sums: [Double], products: [Double]) {
    precondition(other.rows == rows && other.columns == columns)
    var sums = [Double](repeating: 0, count: columns)
    var products = sums
    relax_column_moments(
      kernels.rawValue, buffer.base, Int64(stride), center, other.buffer.base,
      Int64(other.stride), otherCenter, Int32(rows), Int32(columns), &sums, &products)
    return (sums, products)
  }
}
