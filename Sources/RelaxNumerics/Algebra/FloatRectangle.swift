// SPDX-License-Identifier: MIT

/// A rectangle of numbers within an array, which is not copied: a matrix among others, or some of its
/// columns.
public struct FloatRectangle: Sendable {
  /// Number of rows.
  public let rows: Int
  /// Numbers a row.
  public let columns: Int
  let values: [Float]
  let start: Int
  /// Distance between rows.
  let step: Int

  /// The rectangle of `values` whose first number is at `start` and whose rows are `step` numbers
  /// apart.
  public init(rows: Int, columns: Int, of values: [Float], at start: Int, step: Int) {
    precondition(rows >= 0 && columns >= 0 && start >= 0 && step >= 0)
    precondition(
      rows == 0 || start + (rows - 1) * step + columns <= values.count, "a rectangle beyond the end"
    )
    (self.rows, self.columns, self.values) = (rows, columns, values)
    (self.start, self.step) = (start, step)
  }

  /// Calls `body` with the place of the first number, if there is any.
  func withFirst<Result>(_ body: (UnsafePointer<Float>) -> Result) -> Result? {
    guard rows > 0, columns > 0 else { return nil }
    return values.withUnsafeBufferPointer { $0.baseAddress.map { body($0 + start) } }
  }
}
