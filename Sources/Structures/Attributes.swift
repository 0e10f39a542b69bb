// SPDX-License-Identifier: MIT

/// A column of per-atom data beyond those that `Structure` understands, kept as it was read.
public struct Column: Hashable, Sendable {
  /// Values in row-major order, atom by atom.
  public enum Values: Hashable, Sendable {
    /// Type `R`.
    case reals([Double])
    /// Type `I`.
    case integers([Int])
    /// Type `L`.
    case logicals([Bool])
    /// Type `S`.
    case strings([String])
  }

  /// Name in the file.
  public var name: String
  /// Values an atom.
  public var width: Int
  /// All values, `width` an atom.
  public var values: Values

  /// A column of `width` values an atom.
  public init(name: String, width: Int, values: Values) {
    (self.name, self.width, self.values) = (name, width, values)
  }
}

/// A `name=value` entry about a whole structure, kept word for word.
public struct Attribute: Hashable, Sendable {
  /// Name in the file.
  public var name: String
  /// The value exactly as written, quotes and brackets included, so that `00123` stays `00123`; nil
  /// for a bare name, which means "true".
  public var text: String?

  /// An entry whose value is written as `text`.
  public init(name: String, text: String?) { (self.name, self.text) = (name, text) }

  /// An entry whose value is `string`, quoted where it must be.
  public init(name: String, string: String) {
    let isPlain =
      !string.isEmpty
      && string.unicodeScalars.allSatisfy {
        $0.properties.isAlphabetic || "0123456789_-+.#/:".unicodeScalars.contains($0)
      }
    let escaped = string.flatMap { $0 == "\"" || $0 == "\\" ? ["\\", $0] : [$0] }
    self.init(name: name, text: isPlain ? string : "\"\(String(escaped))\"")
  }

  /// The value without its outer quotes; empty for a bare name.
  public var unquoted: String {
    guard let text, let first = text.first, text.count >= 2, first == text.last,
      first == "\"" || first == "'"
    else { return text ?? "" }
    var result = ""
    var escaped = false
    for character in text.dropFirst().dropLast() {
      if !escaped && character == "\\" {
        escaped = true
        continue
      }
      result.append(character)
      escaped = false
    }
    return result
  }
}
