// SPDX-License-Identifier: MIT

/// Names from inside files as messages show them.
package enum Quote {
  /// `name` between grave accents, printable and not too long.
  package static func name(_ name: String) -> String {
    var text = ""
    for (index, scalar) in name.unicodeScalars.enumerated() {
      if index == 80 { return "`\(text)…`" }
      switch scalar.properties.generalCategory {
      case .control, .format, .lineSeparator, .paragraphSeparator, .unassigned, .privateUse:
        text += "\\u{" + String(scalar.value, radix: 16) + "}"
      default: text.unicodeScalars.append(scalar)
      }
    }
    return "`\(text)`"
  }

  /// A word of a shell's command line, in quotes where it needs them.
  package static func shell(_ word: String) -> String {
    let plain = word.utf8.allSatisfy { byte in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"):
        true
      default: "-_./,:=+@%".utf8.contains(byte)
      }
    }
    guard !plain || word.isEmpty else { return word }
    return "'"
      + word.split(separator: "'", omittingEmptySubsequences: false)
      .joined(separator: "'\\''") + "'"
  }

  /// A shape such as `512×1536`; a single number has none.
  package static func shape(_ shape: [Int]) -> String {
    guard shape.count <= 32 else { return "\(shape.count) dimensions" }
    return shape.isEmpty ? "a single number" : shape.map(String.init).joined(separator: "×")
  }
}
