// SPDX-License-Identifier: MIT

/// Fields of a line with tabs between them, whatever they hold.
package enum TabbedLine {
  /// The line without its end.
  package static func text(_ fields: [String]) -> String {
    fields.map(escaped).joined(separator: "\t")
  }

  /// The fields of a line without its end; what is no UTF-8 is repaired.
  package static func fields(_ line: ArraySlice<UInt8>) -> [String] {
    line.split(separator: 9, omittingEmptySubsequences: false).map {
      unescaped(String(decoding: $0, as: UTF8.self))
    }
  }

  private static let backslash = UInt8(ascii: "\\")

  private static func escaped(_ text: String) -> String {
    guard text.utf8.contains(where: { $0 == 9 || $0 == 10 || $0 == backslash }) else {
      return text
    }
    var bytes: [UInt8] = []
    for byte in text.utf8 {
      switch byte {
      case 9: bytes += Array("\\t".utf8)
      case 10: bytes += Array("\\n".utf8)
      case backslash: bytes += [backslash, backslash]
      default: bytes.append(byte)
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  private static func unescaped(_ text: String) -> String {
    guard text.utf8.contains(backslash) else { return text }
    var bytes: [UInt8] = []
    var isEscape = false
    for byte in text.utf8 {
      if isEscape {
        bytes.append(byte == UInt8(ascii: "t") ? 9 : byte == UInt8(ascii: "n") ? 10 : byte)
        isEscape = false
      } else if byte == backslash {
        isEscape = true
      } else {
        bytes.append(byte)
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}
