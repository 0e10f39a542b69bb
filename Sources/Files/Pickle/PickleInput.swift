// SPDX-License-Identifier: MIT

/// The bytes of a pickle, from which instructions take what they need.
package struct PickleInput {
  private var cursor: ByteCursor

  /// The bytes from `start` on.
  package init(_ bytes: [UInt8], at start: Int) { cursor = ByteCursor(bytes, at: start) }

  /// Index of the next byte.
  package var position: Int { cursor.at }

  private static let cut = DataError("it ends in the middle")

  /// A whole number of `size` bytes without sign.
  package mutating func number(_ size: Int) throws(DataError) -> UInt64 {
    guard let value = cursor.number(size) else { throw PickleInput.cut }
    return value
  }

  /// The next `count` bytes.
  package mutating func bytes(_ count: UInt64) throws(DataError) -> ArraySlice<UInt8> {
    guard let count = Int(exactly: count), let bytes = cursor.bytes(count) else {
      throw PickleInput.cut
    }
    return bytes
  }

  /// A text up to the end of its line.
  package mutating func line() throws(DataError) -> String {
    guard let bytes = cursor.line() else { throw PickleInput.cut }
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw DataError("a text is not UTF-8")
    }
    return text
  }

  /// A text of `count` bytes.
  package mutating func text(_ count: UInt64) throws(DataError) -> PickleValue {
    guard let text = String(validating: try bytes(count), as: UTF8.self) else {
      throw DataError("a text is not UTF-8")
    }
    return .text(text)
  }

  /// Python 2 does not tell text from bytes.
  package static func textOrBytes(_ bytes: ArraySlice<UInt8>) -> PickleValue {
    String(validating: bytes, as: UTF8.self).map(PickleValue.text) ?? .bytes(Array(bytes))
  }

  /// A whole number in two's complement, the least significant byte first.
  package static func wholeNumber(_ bytes: ArraySlice<UInt8>) -> PickleValue {
    guard bytes.count <= 8 else { return .largeInteger(Array(bytes)) }
    var bits: UInt64 = bytes.last.map { $0 >= 0x80 } == true ? .max : 0
    for byte in bytes.reversed() { bits = bits << 8 | UInt64(byte) }
    return .integer(Int(Int64(bitPattern: bits)))
  }
}
