// SPDX-License-Identifier: MIT

/// Questions about UTF-8 text in a buffer.
package enum Text {
  /// The text of a range that is known to be valid.
  package static func string(_ bytes: [UInt8], _ range: Range<Int>) -> String {
    String(decoding: bytes[range], as: UTF8.self)
  }

  /// Index of the first byte that is not valid UTF-8, if there is one.
  package static func firstInvalid(_ bytes: [UInt8], _ range: Range<Int>) -> Int? {
    var decoder = UTF8()
    var iterator = bytes[range].makeIterator()
    var at = range.lowerBound
    while true {
      switch decoder.decode(&iterator) {
      case .scalarValue(let scalar): at += UTF8.width(scalar)
      case .emptyInput: return nil
      case .error: return at
      }
    }
  }
}

extension UTF8 {
  /// Bytes that `scalar` takes.
  package static func width(_ scalar: Unicode.Scalar) -> Int {
    switch scalar.value {
    case ..<0x80: 1
    case ..<0x800: 2
    case ..<0x10000: 3
    default: 4
    }
  }
}
