// SPDX-License-Identifier: MIT

import Files
import Structures

/// Texts as values of extended XYZ: the one place that quotes them, and takes the quotes away.
///
/// Any text can be a value, and ASE reads back the same text. What a line cannot hold (line ends and
/// other control characters) goes as ASE's `_JSON "…"`, and so does a text that would be taken for
/// such a value. Keys are quoted alike, but nothing else. (ASE makes a number or a truth value of text that
/// looks like one, quoted or not.)
enum QuotedText {
  /// `text` as a value: as it is, or in quotation marks where it needs them.
  static func value(_ text: String) -> String {
    let needsJSON = text.hasPrefix(json) || text.unicodeScalars.contains(where: isControl)
    return quoted(needsJSON ? json + JSONText.string(text).text(.oneLine) : text)
  }

  /// `text` as a key: in quotation marks where it needs them.
  ///
  /// `_JSON` means nothing there, so it is used only for what no line can hold.
  static func key(_ text: String) -> String {
    isOneLine(text) ? quoted(text) : value(text)
  }

  private static func quoted(_ body: String) -> String {
    let isPlain = body.unicodeScalars.allSatisfy { scalar in
      scalar.value > 32 && !special.contains(scalar) && !scalar.properties.isWhitespace
    }
    if isPlain && !body.isEmpty { return body }
    var result = "\"".unicodeScalars
    for scalar in body.unicodeScalars {
      if scalar == "\"" || scalar == "\\" { result.append("\\") }
      result.append(scalar)
    }
    result.append("\"")
    return String(result)
  }

  /// The text that `value` means: without its outer quotation marks, if it has some.
  static func text(of value: String) -> String {
    if case .string(let inner) = jsonValue(of: value) { return inner }
    let bytes = Array(value.utf8)
    guard bytes.count >= 2, let first = bytes.first, first == bytes.last,
      first == UInt8(ascii: "\"") || first == UInt8(ascii: "'")
    else { return value }
    return Text.unescaped(bytes, 1..<bytes.count - 1)
  }

  /// A value of JSON as ASE writes it where extended XYZ has no spelling of its own.
  static func json(_ value: JSONText) -> String { quoted(json + value.text(.oneLine)) }

  /// The value of JSON that `value` holds, if it holds one.
  static func jsonValue(of value: String) -> JSONText? {
    let bytes = Array(value.utf8)
    guard bytes.count >= 2, let first = bytes.first, first == bytes.last,
      first == UInt8(ascii: "\"") || first == UInt8(ascii: "'")
    else { return nil }
    let text = Text.unescaped(bytes, 1..<bytes.count - 1)
    guard text.hasPrefix(json) else { return nil }
    return try? JSONText(parsing: Array(text.dropFirst(json.count).utf8))
  }

  /// Whether a comment line can hold `value` as it stands.
  static func isOneLine(_ value: String) -> Bool {
    !value.unicodeScalars.contains(where: isControl)
  }

  private static let json = "_JSON "
  private static let special = "\"'[]{}\\=,".unicodeScalars

  private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
    scalar.value < 32 && scalar.value != 9 || scalar.value == 127
  }
}

extension Attribute {
  /// An entry whose value is `string`, quoted where it must be.
  public init(name: String, string: String) {
    self.init(name: name, text: QuotedText.value(string))
  }

  /// The value without its outer quotes; empty for a bare name.
  public var unquoted: String { text.map(QuotedText.text(of:)) ?? "" }
}

extension Structure {
  /// The name by which the structure is known: its `sid`, else its `id`, as written; an empty one is none.
  public var identifier: String? {
    for name in ["sid", "id"] {
      if let identifier = attribute(name)?.unquoted, !identifier.isEmpty { return identifier }
    }
    return nil
  }

  /// Whether its energy and forces come from a calculation whose electrons did not converge: labels that teach and
  /// judge nothing.
  public var hasUnconvergedLabels: Bool { attribute("scf_converged")?.text == "F" }

  /// Gives the structure the name `id`, as its `sid`, if it has none of its own.
  public mutating func identify(as id: String) {
    guard identifier == nil else { return }
    attributes.removeAll { $0.name == "sid" }
    attributes.append(Attribute(name: "sid", string: id))
  }
}
