// SPDX-License-Identifier: MIT

import Files

/// How wide words are, before anything draws them.
///
/// The widths are those of DejaVu Sans, rounded up: it is the widest of the fonts that plots ask for, so what
/// fits by them fits in the others.
enum TextWidth {
  private static let narrow = Set("iljI'|.,:;·")
  private static let small = Set("ft()[]{}/\\-r! \"`")
  private static let wide = Set("mwMWÅ%@−+=<>≥≤±×→←—…#~OQDNGHU&")

  /// The width of `text` in units of its font size.
  static func of(_ text: some StringProtocol) -> Double {
    text.reduce(0) { $0 + width($1) }
  }

  private static func width(_ character: Character) -> Double {
    if narrow.contains(character) { return 0.34 }
    if small.contains(character) { return 0.42 }
    if wide.contains(character) { return 0.99 }
    guard let scalar = character.unicodeScalars.first else { return 0 }
    if scalar.value >= 0x1100 { return 1.05 }
    return scalar.properties.isUppercase ? 0.73 : 0.64
  }

  /// `text`, cut in its middle if it is wider than `width` units of its font size.
  static func fitted(_ text: String, into width: Double) -> String {
    // Nothing is narrower than a third of its height.
    var most = min(max(4, Int(width / 0.33)), 400)
    var result = Excerpt.name(text, atMost: most)
    while of(result) > width && most > 4 {
      most = min(most, result.count) - 1
      result = Excerpt.name(text, atMost: most)
    }
    return result
  }
}
