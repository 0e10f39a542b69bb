// SPDX-License-Identifier: MIT

import CKernels

extension FloatMatrix {
  /// Adds Σ_r y_r x_rᵀ, the derivative of a layer's weights: row k of this matrix gains
  /// Σ_r y[r][k] x[r].
  ///
  /// Sums are over 192 rows at a time in ascending order, so that the result depends on nothing else.
  ///
  /// - Parameters:
  ///   - count: rows.
  ///   - y: rows without a list; as many columns as this matrix has rows.
  ///   - x: rows without a list; as many columns as this matrix has.
  ///   - outputs: which rows of this matrix are computed; nil for all.
  ///   - kernels: which kernels compute.
  /// - Complexity: O(`count` · rows · columns).
  public func addOuterProducts(
    _ count: Int, _ y: DenseLayer.Rows, _ x: DenseLayer.Rows, outputs: Range<Int>? = nil,
    kernels: KernelSet
  ) {
    let outputs = outputs ?? 0..<rows
    precondition(outputs.lowerBound >= 0 && outputs.upperBound <= rows)
    guard count > 0, !outputs.isEmpty else { return }
    y.requireRows(count, columns: rows)
    x.requireRows(count, columns: columns)
    precondition(y.indices == nil && x.indices == nil, "rows in their order")
    relax_add_outer(
      kernels.rawValue, y.view.base + outputs.lowerBound, y.view.stride, x.view.base,
      x.view.stride, Int32(count), Int32(outputs.count), Int32(columns),
      buffer.base + outputs.lowerBound * stride, Int64(stride))
  }
}

extension DenseActivation {
  /// Fills the first `count` rows of `out` with f of rows of `x` from `start` on.
  public func apply(
    _ count: Int, to x: FloatMatrix, from start: Int = 0, into out: FloatMatrix,
    kernels: KernelSet
  ) {
    precondition(start >= 0 && start + count <= x.rows && count <= out.rows)
    precondition(x.stride == out.stride)
    relax_activate_rows(
      kernels.rawValue, rawValue, x.buffer.base + start * x.stride, out.buffer.base,
      count * x.stride)
  }

  /// Multiplies the first `count` rows of `d` with f′ of rows of `x` from `start` on, whose f becomes
  /// the rows of `values`.
  ///
  /// At a kink f′ is that of the side below, as in the released code's library.
  public func differentiate(
    _ count: Int, at x: FloatMatrix, from start: Int = 0, _ d: FloatMatrix,
    values: FloatMatrix? = nil, kernels: KernelSet
  ) {
    precondition(start >= 0 && start + count <= x.rows && count <= d.rows)
    precondition(x.stride == d.stride)
    precondition(values.map { $0.stride == x.stride && count <= $0.rows } ?? true)
    relax_differentiate(
      kernels.rawValue, rawValue, x.buffer.base + start * x.stride, d.buffer.base,
      values?.buffer.base, count * x.stride)
  }

  /// Whether ``curve(_:values:slopes:curvatures:kernels:)`` knows it.
  public var hasCurve: Bool { [.identity, .shiftedSoftplus, .swish].contains(self) }

  /// f, f′ and f″ of rows of `x`, which may be `values` itself; all are of one size.
  public func curve(
    _ rows: Range<Int>, of x: FloatMatrix, values: FloatMatrix, slopes: FloatMatrix,
    curvatures: FloatMatrix, kernels: KernelSet
  ) {
    precondition(hasCurve, "\(self) has no curve")
    precondition(rows.lowerBound >= 0 && rows.upperBound <= x.rows)
    for matrix in [values, slopes, curvatures] {
      precondition(matrix.stride == x.stride && matrix.rows == x.rows)
    }
    let start = rows.lowerBound * x.stride
    relax_curve(
      kernels.rawValue, rawValue, x.buffer.base + start, values.buffer.base + start,
      slopes.buffer.base + start, curvatures.buffer.base + start, rows.count * x.stride)
  }
}
