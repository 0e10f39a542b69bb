// SPDX-License-Identifier: MIT

import Files
import StructureFiles

/// The bytes of a pickle, from which instructions take what they need.
struct PickleInput {
  private var cursor: ByteCursor

  /// The bytes from `start` on.
  init(_ bytes: [UInt8], at start: Int) { cursor = ByteCursor(bytes, at: start) }

  /// Index of the next byte.
  var position: Int { cursor.at }

  private static let cut = ModelFileError("it ends in the middle")

  /// A whole number of `size` bytes without sign.
  mutating func number(_ size: Int) throws(ModelFileError) -> UInt64 {
    guard let value = cursor.number(size) else { throw PickleInput.cut }
    return value
  }

  /// The next `count` bytes.
  mutating func bytes(_ count: UInt64) throws(ModelFileError) -> ArraySlice<UInt8> {
    guard let count = Int(exactly: count), let bytes = cursor.bytes(count) else {
      throw PickleInput.cut
    }
    return bytes
  }

  /// A text up to the end of its line.
  mutating func line() throws(ModelFileError) -> String {
    guard let bytes = cursor.line() else { throw PickleInput.cut }
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw ModelFileError("a text is not UTF-8")
    }
    return text
  }

  /// A text of `count` bytes.
  mutating func text(_ count: UInt64) throws(ModelFileError) -> PickleValue {
    guard let text = String(validating: try bytes(count), as: UTF8.self) else {
      throw ModelFileError("a text is not UTF-8")
    }
    return .text(text)
  }

  /// Python 2 does not tell text from bytes.
  static func textOrBytes(_ bytes: ArraySlice<UInt8>) -> PickleValue {
    String(validating: bytes, as: UTF8.self).map(PickleValue.text) ?? .bytes(Array(bytes))
  }

  /// A whole number in two's complement, the least significant byte first.
  static func wholeNumber(_ bytes: ArraySlice<UInt8>) -> PickleValue {
    guard bytes.count <= 8 else { return .largeInteger(Array(bytes)) }
    var bits: UInt64 = bytes.last.map { $0 >= 0x80 } == true ? .max : 0
    for byte in bytes.reversed() { bits = bits << 8 | UInt64(byte) }
    return .integer(Int(Int64(bitPattern: bits)))
  }
}
