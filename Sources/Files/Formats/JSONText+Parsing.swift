// SPDX-License-Identifier: MIT

import RelaxNumerics

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
    var parser = JSONParser(bytes)
    self = try parser.wholeText()
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

/// Takes a text of JSON apart from its beginning to its end.
private struct JSONParser {
  private let bytes: [UInt8]
  private var at = 0
  private var depth = 0

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  mutating func wholeText() throws(JSONError) -> JSONText {
    if let invalid = Text.firstInvalid(bytes, 0..<bytes.count) {
      throw error("this is not UTF-8", at: invalid)
    }
    let result = try value()
    skipBlanks()
    guard at == bytes.count else { throw unexpected("the end of the text") }
    return result
  }

  private mutating func value() throws(JSONError) -> JSONText {
    skipBlanks()
    guard at < bytes.count else { throw unexpected("a value") }
    switch bytes[at] {
    case UInt8(ascii: "{"): return try nested { (parser) throws(JSONError) in try parser.object() }
    case UInt8(ascii: "["): return try nested { (parser) throws(JSONError) in try parser.array() }
    case UInt8(ascii: "\""): return .string(try string())
    case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return try number()
    default: break
    }
    for (word, value) in [("null", JSONText.null), ("true", true), ("false", false)]
    where bytes[at...].starts(with: word.utf8) {
      at += word.utf8.count
      return value
    }
    throw unexpected("a value")
  }

  private mutating func nested(
    _ body: (inout JSONParser) throws(JSONError) -> JSONText
  ) throws(JSONError) -> JSONText {
    guard depth < JSONText.deepestNesting else {
      throw error("values lie more than \(JSONText.deepestNesting) deep in each other", at: at)
    }
    depth += 1
    at += 1
    let result = try body(&self)
    depth -= 1
    return result
  }

  private mutating func object() throws(JSONError) -> JSONText {
    var members: [JSONText.Member] = []
    var keys: Set<String> = []
    skipBlanks()
    if take("}") { return .object([]) }
    repeat {
      skipBlanks()
      let start = at
      guard at < bytes.count, bytes[at] == UInt8(ascii: "\"") else {
        throw unexpected("a name in quotation marks")
      }
      let key = try string()
      // Strings compare by canonical equivalence, which suits a refusal of look-alikes.
      guard keys.insert(key).inserted else {
        throw error("\(Excerpt.quote(key)) is there a second time", at: start)
      }
      skipBlanks()
      guard take(":") else { throw unexpected("a colon") }
      members.append(JSONText.Member(key, try value()))
      skipBlanks()
    } while take(",")
    guard take("}") else { throw unexpected("a comma or }") }
    return .object(members)
  }

  private mutating func array() throws(JSONError) -> JSONText {
    var values: [JSONText] = []
    skipBlanks()
    if take("]") { return .array([]) }
    repeat {
      values.append(try value())
      skipBlanks()
    } while take(",")
    guard take("]") else { throw unexpected("a comma or ]") }
    return .array(values)
  }

  // MARK: - Numbers

  private mutating func number() throws(JSONError) -> JSONText {
    let start = at
    var isWhole = true
    _ = take("-")
    let first = at
    guard digits() else { throw unexpected("a digit") }
    guard at == first + 1 || bytes[first] != UInt8(ascii: "0") else {
      throw error("a number does not begin with 0", at: first)
    }
    if take(".") {
      isWhole = false
      guard digits() else { throw unexpected("a digit") }
    }
    if take("e") || take("E") {
      isWhole = false
      if !take("+") { _ = take("-") }
      guard digits() else { throw unexpected("a digit") }
    }
    // Minus zero is a real number; there is no such integer.
    if isWhole && !(at == start + 2 && bytes[start...].starts(with: "-0".utf8)),
      let integer = try? NumberText.integer(in: bytes, start..<at)
    {
      return .integer(integer)
    }
    guard let value = try? NumberText.double(in: bytes, start..<at), value.isFinite else {
      throw error("the number \(Excerpt.quote(bytes, start..<at)) is too large", at: start)
    }
    return .number(value)
  }

  private mutating func digits() -> Bool {
    let start = at
    while at < bytes.count, bytes[at] >= 48, bytes[at] <= 57 { at += 1 }
    return at > start
  }

  // MARK: - Strings

  private mutating func string() throws(JSONError) -> String {
    let opening = at
    at += 1
    var text: [UInt8] = []
    while at < bytes.count {
      switch bytes[at] {
      case UInt8(ascii: "\""):
        at += 1
        return String(decoding: text, as: UTF8.self)
      case UInt8(ascii: "\\"):
        try appendEscaped(to: &text)
      case ..<0x20:
        throw error("a control character stands in a string", at: at)
      default:
        text.append(bytes[at])
        at += 1
      }
    }
    throw error("the string that begins here does not end", at: opening)
  }

  private mutating func appendEscaped(to text: inout [UInt8]) throws(JSONError) {
    let start = at
    at += 1
    guard at < bytes.count else { throw unexpected("an escaped character") }
    let letter = bytes[at]
    at += 1
    switch letter {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): text.append(letter)
    case UInt8(ascii: "b"): text.append(8)
    case UInt8(ascii: "f"): text.append(12)
    case UInt8(ascii: "n"): text.append(10)
    case UInt8(ascii: "r"): text.append(13)
    case UInt8(ascii: "t"): text.append(9)
    case UInt8(ascii: "u"):
      var code = try fourDigits(from: start)
      // A character beyond the first 65536 is written as two halves.
      if code & 0xFC00 == 0xD800, take("\\"), take("u") {
        let low = try fourDigits(from: start)
        guard low & 0xFC00 == 0xDC00 else { throw error("half a character", at: start) }
        code = 0x10000 + (code & 0x3FF) << 10 + low & 0x3FF
      }
      guard let scalar = Unicode.Scalar(code) else { throw error("half a character", at: start) }
      text += Array(String(Character(scalar)).utf8)
    default:
      throw error("there is no escape \(Excerpt.quote(bytes, start..<at))", at: start)
    }
  }

  private mutating func fourDigits(from start: Int) throws(JSONError) -> UInt32 {
    var code: UInt32 = 0
    for _ in 0..<4 {
      guard at < bytes.count, let digit = Character(Unicode.Scalar(bytes[at])).hexDigitValue else {
        throw error("\\u needs four hexadecimal digits", at: start)
      }
      code = code << 4 + UInt32(digit)
      at += 1
    }
    return code
  }

  // MARK: - Bytes

  private mutating func skipBlanks() {
    while at < bytes.count, [32, 9, 10, 13].contains(bytes[at]) { at += 1 }
  }

  private mutating func take(_ character: Unicode.Scalar) -> Bool {
    guard at < bytes.count, bytes[at] == UInt8(ascii: character) else { return false }
    at += 1
    return true
  }

  // MARK: - Errors

  private func unexpected(_ wanted: String) -> JSONError {
    guard at < bytes.count else { return error("the text ends where \(wanted) should be", at: at) }
    let end = bytes[at...].firstIndex { $0 <= 32 || ",:]}".utf8.contains($0) } ?? bytes.count
    let found = Excerpt.quote(bytes, at..<max(end, at + 1))
    return error("\(found) stands where \(wanted) should be", at: at)
  }

  private func error(_ reason: String, at index: Int) -> JSONError {
    let before = bytes[..<index]
    let start = before.lastIndex(of: 10).map { $0 + 1 } ?? 0
    return JSONError(
      line: before.count { $0 == 10 } + 1, column: index - start + 1, reason: reason)
  }
}
