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

  /// A shape such as `512×1536`; a single number has none.
  package static func shape(_ shape: [Int]) -> String {
    guard shape.count <= 32 else { return "\(shape.count) dimensions" }
    return shape.isEmpty ? "a single number" : shape.map(String.init).joined(separator: "×")
  }
}
