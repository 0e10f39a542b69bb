// SPDX-License-Identifier: MIT

/// Pieces of a file as messages quote them: printable, in quotation marks and not too long.
package enum Excerpt {
  /// Characters that a message shows of one piece.
  package static let longest = 32

  /// `bytes[range]` in quotation marks, abbreviated in the middle of nowhere by `…`, with control
  /// characters and invalid UTF-8 spelled as escapes.
  package static func quote(_ bytes: [UInt8], _ range: Range<Int>) -> String {
    var text = ""
    var shown = 0
    // No more than this can be shown, so a line of megabytes costs nothing.
    let end = min(range.upperBound, range.lowerBound + 8 * longest)
    let decoded = String(decoding: bytes[range.lowerBound..<end], as: UTF8.self)
    for scalar in decoded.unicodeScalars {
      if shown == longest { return "'\(text)…'" }
      shown += 1
      append(scalar, to: &text)
    }
    return end < range.upperBound ? "'\(text)…'" : "'\(text)'"
  }

  /// An id, or another name from outside, fit for a line of a message or a cell of a table: one of more
  /// than `most` characters is cut in its middle by `…`, and control characters are spelled as escapes.
  ///
  /// - Complexity: O(`most`), however long the name is.
  package static func name(_ name: String, atMost most: Int = 64) -> String {
    let scalars = name.unicodeScalars
    var text = ""
    if let cut = scalars.index(scalars.startIndex, offsetBy: most, limitedBy: scalars.endIndex),
      cut != scalars.endIndex
    {
      // Ids often differ in their ends.
      for scalar in scalars.prefix(most - most / 3 - 1) { appendVisible(scalar, to: &text) }
      text += "…"
      for scalar in scalars.suffix(most / 3) { appendVisible(scalar, to: &text) }
    } else {
      for scalar in scalars { appendVisible(scalar, to: &text) }
    }
    return text
  }

  /// Appends `scalar`, spelled as an escape if it has no look of its own.
  private static func appendVisible(_ scalar: Unicode.Scalar, to text: inout String) {
    switch scalar.properties.generalCategory {
    case .format, .unassigned, .privateUse: text += "\\u{" + String(scalar.value, radix: 16) + "}"
    default: append(scalar, to: &text)
    }
  }

  /// Some of `names` in one line, each as ``name(_:atMost:)`` shows it, with the number of those that are
  /// left out: `a, b, c and 12 more`.
  package static func list(_ names: some Collection<String>, first: Int = 3) -> String {
    let shown = names.prefix(first).map { name($0) }.joined(separator: ", ")
    return names.count > first ? "\(shown) and \(names.count - first) more" : shown
  }

  /// Appends `scalar`, spelled as an escape if it cannot be seen or would change how others are.
  private static func append(_ scalar: Unicode.Scalar, to text: inout String) {
    switch scalar.value {
    case 9: text += "\\t"
    case 10: text += "\\n"
    case 13: text += "\\r"
    case 0: text += "\\0"
    case ..<32, 127..<160, 0x2028, 0x2029, 0x202A...0x202E, 0x2066...0x2069, 0xFEFF:
      text += "\\u{" + String(scalar.value, radix: 16) + "}"
    default: text.unicodeScalars.append(scalar)
    }
  }

  /// A text as ``quote(_:_:)`` shows it.
  package static func quote(_ text: String) -> String {
    let bytes = Array(text.utf8)
    return quote(bytes, 0..<bytes.count)
  }

  /// `1 atom`, `2 atoms`.
  package static func count(_ number: Int, _ noun: String) -> String {
    "\(number) \(noun)\(number == 1 ? "" : "s")"
  }
}
