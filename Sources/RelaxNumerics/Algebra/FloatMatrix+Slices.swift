// SPDX-License-Identifier: MIT

/// Between matrices and numbers that stand among others in an array.
extension FloatMatrix {
  /// A copy of a rectangle.
  public convenience init(_ rectangle: FloatRectangle) {
    self.init(rows: rectangle.rows, columns: rectangle.columns)
    fill(rectangle)
  }

  /// Fills the first rows and columns with those of a rectangle.
  public func fill(_ rectangle: FloatRectangle) {
    precondition(rectangle.rows <= rows && rectangle.columns <= columns)
    rectangle.withFirst { first in
      for row in 0..<rectangle.rows {
        (buffer.base + row * stride).update(
          from: first + row * rectangle.step, count: rectangle.columns)
      }
    }
  }

  /// Fills `column` with the numbers of `values` from `start` on.
  public func fill(column: Int, from values: [Float], at start: Int = 0) {
    precondition(column >= 0 && column < columns && start >= 0 && start + rows <= values.count)
    for row in 0..<rows { buffer.base[row * stride + column] = values[start + row] }
  }

  /// Adds the first `width` columns, nil for all, to a rectangle of numbers in an array, the first of
  /// them at `start` and its rows `step` numbers apart.
  public func add(
    to values: inout [Float], at start: Int, step: Int, columns width: Int? = nil
  ) {
    let width = width ?? columns
    precondition(width <= columns && start >= 0 && step >= 0)
    precondition(
      rows == 0 || start + (rows - 1) * step + width <= values.count, "a rectangle beyond the end")
    values.withUnsafeMutableBufferPointer { values in
      guard let first = values.baseAddress else { return }
      for row in 0..<rows {
        let (to, from) = (first + (start + row * step), buffer.base + row * stride)
        for column in 0..<width { to[column] += from[column] }
      }
    }
  }

  /// Adds one column to the numbers of an array from `start` on.
  public func add(column: Int, to values: inout [Float], at start: Int) {
    precondition(column >= 0 && column < columns && start >= 0 && start + rows <= values.count)
    for row in 0..<rows { values[start + row] += buffer.base[row * stride + column] }
  }

  /// Adds all numbers of a matrix of the same size.
  public func add(_ other: FloatMatrix) {
    precondition(other.rows == rows && other.columns == columns)
    for k in 0..<rows * stride { buffer.base[k] += other.buffer.base[k] }
  }

  /// Another matrix with the same numbers.
  public func copy() -> FloatMatrix {
    let other = FloatMatrix(rows: rows, columns: columns)
    other.buffer.copy(0..<rows * stride, from: buffer)
    return other
  }
}
