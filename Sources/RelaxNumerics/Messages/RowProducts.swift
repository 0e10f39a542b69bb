// SPDX-License-Identifier: MIT

import CKernels

extension DenseLayer.Rows {
  /// Adds to numbers `range` of `sums` the scalar products of as many rows with those of `other`.
  public func addProducts(
    with other: DenseLayer.Rows, to range: Range<Int>, of sums: AlignedBuffer<Float>,
    kernels: KernelSet
  ) {
    let columns = matrix.columns
    precondition(range.lowerBound >= 0 && range.upperBound <= sums.count)
    precondition(other.matrix.columns == columns)
    requireRows(range.count, columns: columns)
    other.requireRows(range.count, columns: columns)
    var (a, b) = (view, other.view)
    relax_row_products(
      kernels.rawValue, &a, &b, Int32(range.count), Int32(columns), sums.base + range.lowerBound)
  }
}
