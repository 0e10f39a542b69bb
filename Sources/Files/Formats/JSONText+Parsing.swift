// SPDX-License-Identifier: MIT

/// Where and why a text is not JSON.
public struct JSONError: Error, Hashable, CustomStringConvertible, Sendable {
  /// Line, counted from 1.
  public let line: Int
  /// Column in bytes, counted from 1.
  public let column: Int
  /// What was found, or what was expected.
  public let reason: String

  /// `line 3, column 7: …`.
  public var description: String { "line \(line), column \(column): \(reason)" }
}

extension JSONText {
  /// How deep arrays and objects may lie in each other.
  public static let deepestNesting = 64

  /// The value that a text of JSON stands for.
  ///
  /// Reading is as strict as RFC 8259 allows: valid UTF-8, no comments, no surplus commas, no NaN,
  /// no second member of one name, no nesting beyond ``deepestNesting``, nothing after the value.
  /// Whole numbers that fit are `integer`, all others `number`.
  public init(parsing bytes: [UInt8]) throws(JSONError) {
    var cursor = JSONCursor(bytes)
    self = try cursor.value()
    try cursor.requireEnd()
  }

  /// The value that a text of JSON stands for.
  public init(parsing text: String) throws(JSONError) {
    try self.init(parsing: Array(text.utf8))
  }

  /// Value of the member with this key, if this is an object that has one.
  public subscript(key: String) -> JSONText? {
    guard case .object(let members) = self else { return nil }
    return members.first { $0.key == key }?.value
  }

  /// The number, whole or not, if this is one.
  public var number: Double? {
    switch self {
    case .integer(let value): Double(value)
    case .number(let value): value
    default: nil
    }
  }

  /// What kind of value it is, with its article, for messages.
  public var kind: String {
    switch self {
    case .null: "null"
    case .boolean: "a truth value"
    case .integer: "a whole number"
    case .number: "a number"
    case .string: "a string"
    case .array: "an array"
    case .object: "an object"
    }
  }
}
