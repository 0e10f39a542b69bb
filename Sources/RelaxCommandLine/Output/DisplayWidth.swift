// SPDX-License-Identifier: MIT

/// How many columns text takes on a terminal.
///
/// Terminals differ in composed characters; this is never less than any of them takes, so that a line that
/// fits by it is never wrapped.
enum DisplayWidth {
  /// Columns of `text`.
  static func of(_ text: some StringProtocol) -> Int {
    text.unicodeScalars.reduce(0) { $0 + width($1) }
  }

  /// `text` in at most `columns`: all of it where that fits, else its beginning and its end with `…` between them.
  static func cut(_ text: String, to columns: Int) -> String {
    guard of(text) > columns else { return text }
    guard columns > 0 else { return "" }
    // Ids often differ in their ends.
    let tail = (columns - 1) / 2
    return start(text, columns - 1 - tail) + "…" + String(start(text.reversed(), tail).reversed())
  }

  /// The first characters that fit: by characters, for a mark goes with the letter that it stands on.
  private static func start(_ text: some Sequence<Character>, _ columns: Int) -> String {
    var (kept, used) = ("", 0)
    for character in text {
      used += of(String(character))
      guard used <= columns else { break }
      kept.append(character)
    }
    return kept
  }

  private static func width(_ scalar: Unicode.Scalar) -> Int {
    guard scalar.value >= 0x300 else { return 1 }
    switch scalar.properties.generalCategory {
    case .nonspacingMark, .enclosingMark:
      // U+FE0F makes the sign before it a picture, twice as wide.
      return scalar.value == 0xFE0F ? 1 : 0
    default:
      let isWide =
        scalar.properties.isEmojiPresentation || wide.contains { $0.contains(scalar.value) }
      return isWide ? 2 : 1
    }
  }

  /// Scripts whose characters take two columns: Hangul, Chinese, Japanese, Yi, full-width forms, pictures.
  private static let wide: [ClosedRange<UInt32>] = [
    0x1100...0x115F, 0x231A...0x231B, 0x2329...0x232A, 0x2E80...0x303E, 0x3041...0xA4CF,
    0xA960...0xA97C, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE10...0xFE19, 0xFE30...0xFE6F,
    0xFF00...0xFF60, 0xFFE0...0xFFE6, 0x16FE0...0x18DFF, 0x1AFF0...0x1B2FF, 0x1F000...0x1FAFF,
    0x20000...0x3FFFD,
  ]
}
