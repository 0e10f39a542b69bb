// SPDX-License-Identifier: MIT

extension FloatMatrix {
  /// A copy of a rectangle of numbers in a buffer, the first of them at `start` and its rows `step`
  /// numbers apart.
  public convenience init(
    rows: Int, columns: Int, from buffer: AlignedBuffer<Float>, at start: Int, step: Int
  ) {
    self.init(rows: rows, columns: columns)
    requireRectangle(buffer, start, step)
    for row in 0..<rows {
      (self.buffer.base + row * stride).update(
        from: buffer.base + (start + row * step), count: columns)
    }
  }

  /// Adds the first `width` columns, nil for all, to a rectangle of numbers in a buffer, the first of
  /// them at `start` and its rows `step` numbers apart.
  public func add(
    to buffer: AlignedBuffer<Float>, at start: Int, step: Int, columns width: Int? = nil
  ) {
    requireRectangle(buffer, start, step)
    let width = width ?? columns
    precondition(width <= columns)
    for row in 0..<rows {
      let (to, from) = (buffer.base + (start + row * step), self.buffer.base + row * stride)
      for column in 0..<width { to[column] += from[column] }
    }
  }

  /// Adds one column to the numbers of a buffer from `start` on.
  public func add(column: Int, to buffer: AlignedBuffer<Float>, at start: Int) {
    precondition(column >= 0 && column < columns && start >= 0 && start + rows <= buffer.count)
    for row in 0..<rows { buffer.base[start + row] += self.buffer.base[row * stride + column] }
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

  /// Fills `column` with the first numbers of `values`.
  public func fill(column: Int, from values: AlignedBuffer<Float>, at start: Int = 0) {
    precondition(column >= 0 && column < columns && start >= 0 && start + rows <= values.count)
    for row in 0..<rows { buffer.base[row * stride + column] = values.base[start + row] }
  }

  private func requireRectangle(_ buffer: AlignedBuffer<Float>, _ start: Int, _ step: Int) {
    precondition(start >= 0 && step >= 0)
    precondition(
      rows == 0 || start + (rows - 1) * step + 1 <= buffer.count, "a rectangle beyond the end")
  }
}
