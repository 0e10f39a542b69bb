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
}
