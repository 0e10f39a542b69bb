// SPDX-License-Identifier: MIT

import CKernels

/// Layer normalisation, ReLU and summation in one pass, for messages that are only summed.
public struct NormalizedSum: Sendable {
  private let gain: AlignedBuffer<Float>
  private let shift: AlignedBuffer<Float>
  private let columns: Int

  /// With the learned `gain` and `shift` of each column.
  public init(gain: [Float], shift: [Float]) {
    precondition(gain.count == shift.count && !gain.isEmpty)
    columns = gain.count
    let padded = FloatMatrix.padded(columns)
    self.gain = AlignedBuffer(gain + Array(repeating: 0, count: padded - columns))
    self.shift = AlignedBuffer(shift + Array(repeating: 0, count: padded - columns))
  }

  /// Adds the normalised, positive part of rows 0..<`count` of `x` to the listed rows of `sums`, in
  /// order: max(0, (x − mean) / √(variance + 1e-5) · gain + shift).
  public func add(
    _ count: Int, of x: FloatMatrix, to sums: FloatMatrix, rows: AlignedBuffer<Int32>,
    from start: Int, kernels: KernelSet
  ) {
    precondition(count <= x.rows && x.columns == columns && sums.stride >= x.stride)
    precondition(start >= 0 && start + count <= rows.count)
    for k in start..<start + count {
      precondition(rows.base[k] >= 0 && Int(rows.base[k]) < sums.rows)
    }
    relax_add_normalized(
      kernels.rawValue, x.buffer.base, Int64(x.stride), Int32(count), Int32(columns), gain.base,
      shift.base, sums.buffer.base, Int64(sums.stride), rows.base + start)
  }

  /// The reverse pass of `add`.
  ///
  /// - Parameters:
  ///   - count: rows.
  ///   - x: what was normalised.
  ///   - d: derivatives by what was added for each row.
  ///   - out: receives the derivatives by x.
  ///   - gainSums: those by the gain are added to its first row.
  ///   - shiftSums: likewise those by the shift.
  ///   - kernels: which kernels compute.
  public func gradient(
    _ count: Int, of x: DenseLayer.Rows, _ d: DenseLayer.Rows, into out: FloatMatrix,
    gainSums: FloatMatrix, shiftSums: FloatMatrix, kernels: KernelSet
  ) {
    x.requireRows(count, columns: columns)
    d.requireRows(count, columns: columns)
    precondition(x.indices == nil && count <= out.rows && out.columns >= columns)
    for sums in [gainSums, shiftSums] { precondition(sums.rows > 0 && sums.columns >= columns) }
    var upper = d.view
    relax_normalized_gradient(
      kernels.rawValue, x.view.base, x.view.stride, Int32(count), Int32(columns), gain.base,
      shift.base, &upper, out.buffer.base, Int64(out.stride), gainSums.buffer.base,
      shiftSums.buffer.base)
  }
}
