// SPDX-License-Identifier: MIT

/// Names of files as text, although the system's are bytes.
///
/// Bytes that are UTF-8 stand as what they mean. Any other byte stands as a private character, U+EF80
/// for 0x80 to U+EFFF for 0xFF, as MirBSD and others do, and so do the bytes of such a character
/// itself. So every name has a text, every text a name, and both ways together change nothing.
public enum PathText {
  /// The text that stands for `bytes`.
  public static func text(of bytes: [UInt8]) -> String {
    if let text = String(validating: bytes, as: UTF8.self), !hasPrivate(text) { return text }
    var text = String.UnicodeScalarView()
    var at = 0
    while at < bytes.count {
      if let (scalar, length) = scalar(bytes, at), !isPrivate(scalar) {
        text.append(scalar)
        at += length
      } else {
        // ASCII is always valid, so this byte is at least 0x80.
        text.append(Unicode.Scalar(0xEF00 + UInt16(bytes[at])) ?? "\u{FFFD}")
        at += 1
      }
    }
    return String(text)
  }

  /// The bytes that `text` stands for.
  public static func bytes(of text: String) -> [UInt8] {
    guard hasPrivate(text) else { return Array(text.utf8) }
    var bytes: [UInt8] = []
    for scalar in text.unicodeScalars {
      if isPrivate(scalar) {
        bytes.append(UInt8(truncatingIfNeeded: scalar.value))
      } else {
        bytes.append(contentsOf: UTF8.encode(scalar) ?? .init())
      }
    }
    return bytes
  }

  /// `text` as messages show it, on one line: what cannot be printed is spelled as an escape, a byte
  /// that is no UTF-8 as `\xFC`.
  public static func shown(_ text: String) -> String {
    var shown = ""
    for scalar in text.unicodeScalars {
      switch scalar.value {
      case 9: shown += "\\t"
      case 10: shown += "\\n"
      case 13: shown += "\\r"
      case ..<32, 127..<160, 0x2028, 0x2029, 0x202A...0x202E, 0x2066...0x2069, 0xFEFF:
        shown += "\\u{" + String(scalar.value, radix: 16) + "}"
      case 0xEF80...0xEFFF:
        shown += "\\x" + String(scalar.value & 0xFF, radix: 16, uppercase: true)
      default: shown.unicodeScalars.append(scalar)
      }
    }
    return shown
  }

  private static func isPrivate(_ scalar: Unicode.Scalar) -> Bool {
    (0xEF80...0xEFFF).contains(scalar.value)
  }

  /// U+EF80 to U+EFFF are the three bytes EE BE xx and EE BF xx.
  private static func hasPrivate(_ text: String) -> Bool {
    text.utf8.contains(0xEE) && text.unicodeScalars.contains(where: isPrivate)
  }

  /// The character whose UTF-8 begins at `at`, with its length, if there is one.
  private static func scalar(_ bytes: [UInt8], _ at: Int) -> (Unicode.Scalar, Int)? {
    var decoder = UTF8()
    var iterator = bytes[at..<min(at + 4, bytes.count)].makeIterator()
    guard case .scalarValue(let scalar) = decoder.decode(&iterator) else { return nil }
    return (scalar, UTF8.width(scalar))
  }
}
