// SPDX-License-Identifier: MIT

import Files

/// Bytes that mean something in the format.
enum Ascii {
  static let equals = UInt8(ascii: "=")
  static let backslash = UInt8(ascii: "\\")
  static let colon = UInt8(ascii: ":")

  /// Whether `byte` separates words: a blank or a tab.
  static func isBlank(_ byte: UInt8) -> Bool { byte == 32 || byte == 9 }

  /// The byte that ends what `byte` begins, if it is a quotation mark or an opening bracket.
  static func closing(_ byte: UInt8) -> UInt8? {
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "'"): byte
    case UInt8(ascii: "["): UInt8(ascii: "]")
    case UInt8(ascii: "{"): UInt8(ascii: "}")
    default: nil
    }
  }

  /// Whether `byte` is a quotation mark or bracket of either direction.
  static func isDelimiter(_ byte: UInt8) -> Bool {
    closing(byte) != nil || byte == UInt8(ascii: "]") || byte == UInt8(ascii: "}")
  }
}

/// Questions about words of the format.
extension Text {
  /// The text of a range without the backslashes that escape something.
  static func unescaped(_ bytes: [UInt8], _ range: Range<Int>) -> String {
    guard bytes[range].contains(Ascii.backslash) else { return string(bytes, range) }
    var result: [UInt8] = []
    var escaped = false
    for byte in bytes[range] {
      if byte == Ascii.backslash && !escaped {
        escaped = true
      } else {
        result.append(byte)
        escaped = false
      }
    }
    return String(decoding: result, as: UTF8.self)
  }

  /// Index of the first blank beyond ASCII, at which other programs would end a word.
  static func firstWideBlank(_ bytes: [UInt8], _ range: Range<Int>) -> Int? {
    guard bytes[range].contains(where: { $0 >= 128 }) else { return nil }
    var at = range.lowerBound
    for scalar in string(bytes, range).unicodeScalars {
      if scalar.value >= 128 && scalar.properties.isWhitespace { return at }
      at += UTF8.width(scalar)
    }
    return nil
  }

  /// The words of a list, which blanks, tabs and commas separate.
  static func listItems(_ bytes: [UInt8], _ range: Range<Int>) -> [Range<Int>] {
    bytes[range].split { Ascii.isBlank($0) || $0 == UInt8(ascii: ",") }
      .map { $0.startIndex..<$0.endIndex }
  }

  /// `T`, `F` and their long forms; nil for anything else.
  static func logical(_ bytes: [UInt8], _ range: Range<Int>) -> Bool? {
    let first = bytes[range.lowerBound]
    if range.count == 1 {
      return first == UInt8(ascii: "T") ? true : first == UInt8(ascii: "F") ? false : nil
    }
    switch string(bytes, range) {
    case "True", "TRUE": return true
    case "False", "FALSE": return false
    default: return nil
    }
  }
}
