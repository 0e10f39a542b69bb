// SPDX-License-Identifier: MIT

import CKernels

/// Numbers of rows that suit the dense kernels.
public enum KernelTile {
  /// `rows` rounded up to what a kernel works on at once, so that nothing is wasted.
  public static func whole(_ rows: Int) -> Int {
    let unit = Int(RELAX_ROWS)
    return (rows + unit - 1) / unit * unit
  }

  /// `columns` rounded up to whole vectors, as rows of matrices are.
  public static func wholeColumns(_ columns: Int) -> Int { FloatMatrix.padded(columns) }

  /// Rows of a tile whose buffers, with a panel of weights beside them, fill half of a usual cache of
  /// 1 MB; between one and 32 of a kernel's.
  ///
  /// - Parameter bytesPerRow: of all buffers together.
  public static func rows(bytesPerRow: Int) -> Int {
    let unit = Int(RELAX_ROWS)
    return min(32, max(1, 400_000 / bytesPerRow / unit)) * unit
  }
}
