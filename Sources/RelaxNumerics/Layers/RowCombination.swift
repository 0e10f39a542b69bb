// SPDX-License-Identifier: MIT

import CKernels

/// Rows times rows times numbers, a · b · scale, gathered and scattered in one pass.
public struct RowCombination: Sendable {
  /// First factor, gathered row by row.
  public var a: DenseLayer.Rows
  /// Second factor, element by element; nil for none.
  public var b: DenseLayer.Rows?
  /// A number a row; nil for none.
  public var scale: AlignedBuffer<Float>?
  /// Where the first row's is.
  public var scaleStart = 0

  /// A product of rows.
  public init(
    _ a: DenseLayer.Rows, times b: DenseLayer.Rows? = nil, scale: AlignedBuffer<Float>? = nil,
    scaleStart: Int = 0
  ) {
    (self.a, self.b, self.scale, self.scaleStart) = (a, b, scale, scaleStart)
  }

  /// Computes `count` rows of `columns` numbers, stored or added in order.
  ///
  /// - Complexity: O(`count` · `columns`).
  public func apply(_ count: Int, columns: Int, _ sink: DenseLayer.Sink, kernels: KernelSet) {
    guard count > 0 else { return }
    func view(_ rows: DenseLayer.Rows) -> relax_rows {
      rows.requireRows(count, columns: columns)
      return rows.view
    }
    var combination = relax_combination()
    combination.columns = Int32(columns)
    combination.a = view(a)
    if let b { combination.b = view(b) }
    if let scale {
      precondition(scaleStart >= 0 && scaleStart + count <= scale.count)
      combination.scale = UnsafePointer(scale.base + scaleStart)
    }
    let (rows, adds) = sink.target
    let out = view(rows)
    combination.accumulates = adds ? 1 : 0
    combination.out = UnsafeMutablePointer(mutating: out.base)
    (combination.out_stride, combination.out_rows) = (out.stride, out.rows)
    relax_combine(kernels.rawValue, &combination, Int32(count))
  }
}
