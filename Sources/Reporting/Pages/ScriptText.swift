// SPDX-License-Identifier: MIT

import Files

/// Data as an expression of JavaScript that may stand inside a `<script>` of a page.
enum ScriptText {
  /// `value` as JSON in which every byte that could end the script, begin a comment or another script in
  /// it, or end a line of JavaScript, is written as an escape.
  ///
  /// In JSON these characters occur inside strings only, where `\\u003c` means the same as `<`.
  static func expression(_ value: JSONText) -> String {
    var bytes: [UInt8] = []
    let text = Array(value.text(.oneLine).utf8)
    bytes.reserveCapacity(text.count + text.count / 8)
    var index = 0
    while index < text.count {
      switch text[index] {
      case UInt8(ascii: "<"): bytes += "\\u003c".utf8
      case UInt8(ascii: ">"): bytes += "\\u003e".utf8
      case UInt8(ascii: "&"): bytes += "\\u0026".utf8
      // U+2028 and U+2029 are E2 80 A8 and E2 80 A9.
      case 0xE2 where text[index...].starts(with: [0xE2, 0x80, 0xA8]):
        bytes += "\\u2028".utf8
        index += 2
      case 0xE2 where text[index...].starts(with: [0xE2, 0x80, 0xA9]):
        bytes += "\\u2029".utf8
        index += 2
      default: bytes.append(text[index])
      }
      index += 1
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}
