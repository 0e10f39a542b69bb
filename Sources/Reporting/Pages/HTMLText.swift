// SPDX-License-Identifier: MIT

/// Text made safe to stand in a page.
///
/// What matters to a browser are bytes: a `<` that Swift takes for one character with the scalar before it is
/// still a `<`. So bytes are replaced here, and nothing else is looked at.
enum HTMLText {
  /// `text` with the characters that mean something in HTML replaced, and control characters, which no
  /// page may hold, by U+FFFD.
  static func escaped(_ text: String) -> String {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(text.utf8.count)
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "&"): bytes += "&amp;".utf8
      case UInt8(ascii: "<"): bytes += "&lt;".utf8
      case UInt8(ascii: ">"): bytes += "&gt;".utf8
      case UInt8(ascii: "\""): bytes += "&quot;".utf8
      case UInt8(ascii: "'"): bytes += "&#39;".utf8
      case 9, 10: bytes.append(byte)
      case ..<32, 127: bytes += "\u{FFFD}".utf8
      default: bytes.append(byte)
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}
