// SPDX-License-Identifier: MIT

import CKernels

extension LinearAlgebra {
  /// Matrix product `x · w` of `rows` rows in double precision by our own kernels, which know processors that
  /// the library for linear algebra may not know yet: what is tabulated takes thousands of rows.
  ///
  /// - Returns: `rows` × `columns`.
  /// - Complexity: O(`rows` · `inner` · `columns`).
  public static func product(
    _ x: [Double], _ w: [Double], rows: Int, inner: Int, columns: Int, kernels: KernelSet
  ) -> [Double] {
    precondition(x.count == rows * inner && w.count == inner * columns && rows > 0)
    return [Double](unsafeUninitializedCapacity: rows * columns) { out, count in
      x.withUnsafeBufferPointer { x in
        w.withUnsafeBufferPointer { w in
          relax_multiply(
            kernels.rawValue, x.baseAddress, w.baseAddress, Int32(rows), Int32(inner),
            Int32(columns), out.baseAddress)
        }
      }
      count = rows * columns
    }
  }
}
