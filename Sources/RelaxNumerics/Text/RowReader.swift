// SPDX-License-Identifier: MIT

import CKernels

/// Reads rows of words that are spelled as programs usually do; see `read`.
public struct RowReader {
  /// What the words of a row are.
  public enum Word: UInt8, Sendable {
    /// Symbol of an element; its atomic number goes to ``RowReader/bytes``.
    case symbol = 0x53
    /// A number with a point or an exponent, or none of them.
    case real = 0x52
    /// A whole number.
    case integer = 0x49
    /// `T` or `F`; 1 or 0 goes to ``RowReader/bytes``.
    case logical = 0x4C
  }

  /// Values of the last rows read: row by row, each type by itself.
  public private(set) var reals: [Double]
  /// Integers of the last rows read.
  public private(set) var integers: [Int64]
  /// Atomic numbers and logical values of the last rows read.
  public private(set) var bytes: [UInt8]
  /// Most rows that are read at once.
  public let capacity: Int

  private let words: [UInt8]
  private let symbols: [UInt8]

  /// A reader of rows of `words`.
  ///
  /// - Parameter symbols: atomic number, or 0, for 32 · first letter + second letter, where a = 1
  ///   and 0 stands for no letter; 1024 entries.
  public init(_ words: [Word], symbols: [UInt8], capacity: Int = 64) {
    precondition(symbols.count == 1024, "\(symbols.count) entries for symbols")
    (self.words, self.symbols, self.capacity) = (words.map(\.rawValue), symbols, capacity)
    let count = { (kind: Word) in capacity * words.count { $0 == kind } }
    reals = Array(repeating: 0, count: count(.real))
    integers = Array(repeating: 0, count: count(.integer))
    bytes = Array(repeating: 0, count: count(.symbol) + count(.logical))
  }

  /// Reads up to `rows` rows (and ``capacity``) at the beginning of `text[range]`.
  ///
  /// It stops before a row that is spelled in an unusual way, which may yet be correct, and near the
  /// end of the range.
  ///
  /// - Returns: the number of rows read and of the bytes that they take.
  public mutating func read(
    _ text: [UInt8], _ range: Range<Int>, rows: Int
  ) -> (rows: Int, bytes: Int) {
    precondition(
      range.lowerBound >= 0 && range.upperBound <= text.count, "\(range) of \(text.count) bytes")
    return text.withUnsafeBufferPointer { text in
      guard let start = text.baseAddress else { return (0, 0) }
      var used = 0
      let count = relax_read_rows(
        start + range.lowerBound, range.count, words, words.count, symbols, min(rows, capacity),
        &reals, &integers, &bytes, &used)
      return (count, used)
    }
  }
}
