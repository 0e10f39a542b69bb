// SPDX-License-Identifier: MIT

import CKernels

/// A row-major matrix in single precision whose rows kernels read and write whole.
///
/// Rows are padded to a multiple of 16 columns; what stands in the padding means nothing.
public final class FloatMatrix: @unchecked Sendable {
  /// Numbers of a row that mean something.
  public let columns: Int
  /// Distance between rows.
  public let stride: Int
  /// Number of rows.
  public private(set) var rows: Int
  let buffer: AlignedBuffer<Float>

  /// A matrix of zeros.
  public init(rows: Int, columns: Int) {
    precondition(rows >= 0 && columns > 0, "\(rows) rows of \(columns) columns")
    (self.rows, self.columns) = (rows, columns)
    stride = FloatMatrix.padded(columns)
    buffer = AlignedBuffer(count: rows * stride)
  }

  /// `columns` rounded up to whole vectors.
  static func padded(_ columns: Int) -> Int {
    let lanes = Int(RELAX_LANES)
    return (columns + lanes - 1) / lanes * lanes
  }

  /// The number in `row` and `column`.
  public subscript(row: Int, column: Int) -> Float {
    get {
      precondition(row >= 0 && row < rows && column >= 0 && column < columns)
      return buffer.base[row * stride + column]
    }
    set {
      precondition(row >= 0 && row < rows && column >= 0 && column < columns)
      buffer.base[row * stride + column] = newValue
    }
  }

  /// Makes it a matrix of `rows` rows; what was there may be lost.
  public func resize(rows: Int) {
    buffer.resize(rows * stride)
    self.rows = rows
  }

  /// Sets all rows to zero.
  public func clear() { buffer.clear(0..<rows * stride) }

  /// Sets a row to zero.
  public func clear(row: Int) { buffer.clear(row * stride..<(row + 1) * stride) }

  /// Copies a row from the same row of a matrix of the same width.
  public func copy(row: Int, from other: FloatMatrix) { copy(row: row, from: other, row: row) }

  /// Copies row `source` of a matrix of the same width to `row`.
  public func copy(row: Int, from other: FloatMatrix, row source: Int) {
    precondition(other.stride == stride && row >= 0 && row < rows)
    precondition(source >= 0 && source < other.rows)
    (buffer.base + row * stride).update(
      from: other.buffer.base + source * stride, count: stride)
  }

  /// Adds row `source` of a matrix of at least the same width to `row`.
  public func add(row: Int, _ other: FloatMatrix, row source: Int) {
    precondition(other.columns >= columns && row >= 0 && row < rows)
    precondition(source >= 0 && source < other.rows)
    let (to, from) = (buffer.base + row * stride, other.buffer.base + source * other.stride)
    for column in 0..<columns { to[column] += from[column] }
  }

  /// Adds the product of row `i` of `a` and row `j` of `b`, element by element, to `row`.
  public func addProduct(
    row: Int, _ a: FloatMatrix, row i: Int, _ b: FloatMatrix, row j: Int, kernels: KernelSet
  ) {
    precondition(row >= 0 && row < rows && i >= 0 && i < a.rows && j >= 0 && j < b.rows)
    precondition(a.columns >= columns && b.columns >= columns)
    relax_add_product(
      kernels.rawValue, buffer.base + row * stride, a.buffer.base + i * a.stride,
      b.buffer.base + j * b.stride, columns)
  }
}

extension FloatMatrix {
  /// Fills rows from the first on with whole rows of `width` numbers, rounded to single precision.
  public func fill(_ values: [Double], width: Int) {
    guard width > 0 else { return }
    precondition(width <= columns && values.count <= rows * width && values.count % width == 0)
    var place = buffer.base
    for row in 0..<values.count / width {
      for column in 0..<width { place[column] = Float(values[row * width + column]) }
      place += stride
    }
  }
}

extension FloatMatrix {
  /// Fills each row with all products of the row's `width` numbers of `outer` and the same row of
  /// `inner`, whose columns run fastest.
  public func fillProducts(_ outer: [Double], width: Int, _ inner: FloatMatrix) {
    let rows = inner.rows
    precondition(outer.count == rows * width && rows <= self.rows)
    precondition(columns == width * inner.columns)
    for row in 0..<rows {
      let factors = inner.buffer.base + row * inner.stride
      var place = buffer.base + row * stride
      for k in 0..<width {
        let value = Float(outer[row * width + k])
        for column in 0..<inner.columns { place[column] = value * factors[column] }
        place += inner.columns
      }
    }
  }

  /// The reverse pass of `fillProducts`: fills each row of `inner` with Σ outer · the products' row.
  public func contractProducts(_ outer: [Double], width: Int, into inner: FloatMatrix) {
    precondition(outer.count == rows * width && inner.rows == rows)
    precondition(columns == width * inner.columns)
    for row in 0..<rows {
      let sums = inner.buffer.base + row * inner.stride
      var place = buffer.base + row * stride
      for column in 0..<inner.columns { sums[column] = 0 }
      for k in 0..<width {
        let value = Float(outer[row * width + k])
        for column in 0..<inner.columns { sums[column] += value * place[column] }
        place += inner.columns
      }
    }
  }
}
