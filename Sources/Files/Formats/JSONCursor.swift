// SPDX-License-Identifier: MIT

import RelaxNumerics

/// Walks through a text of JSON, value by value, and makes nothing of what is passed over.
///
/// Reading is as strict as RFC 8259 allows: valid UTF-8, no comments, no surplus commas, no second member of
/// one name in a value that is kept, no nesting beyond ``JSONText/deepestNesting``.
///
/// ```swift
/// try cursor.enterObject()
/// while let key = try cursor.nextKey() {
///   if key == "energy" { energy = try cursor.number() } else { try cursor.skip() }
/// }
/// ```
package struct JSONCursor {
  private let bytes: [UInt8]
  private var at: Int
  private let end: Int
  /// Whether NaN, Infinity and −Infinity are numbers, as Python writes them.
  private let allowsNaN: Bool
  /// Of each object and array that is open, whether nothing of it has been read.
  private var isFirst: [Bool] = []

  /// Where the text begins, from which lines and columns count.
  private let origin: Int
  /// Values that were kept.
  private var made = 0

  /// Values that are kept of one text, at most: small compressed files may hold very many.
  private static let mostValues = 1 << 22

  /// A cursor at the beginning of `range`, or of all `bytes`.
  package init(_ bytes: [UInt8], _ range: Range<Int>? = nil, allowsNaN: Bool = false) {
    (self.bytes, self.allowsNaN) = (bytes, allowsNaN)
    origin = range?.lowerBound ?? 0
    at = origin
    end = range?.upperBound ?? bytes.count
    precondition(at >= 0 && end <= bytes.count, "\(at)..<\(end) of \(bytes.count) bytes")
  }

  /// What can come next.
  package enum Kind: Hashable {
    case null, boolean, number, string, array, object
  }

  /// What comes next, after blanks.
  package mutating func peek() throws(JSONError) -> Kind {
    skipBlanks()
    guard at < end else { throw unexpected("a value") }
    switch bytes[at] {
    case UInt8(ascii: "{"): return .object
    case UInt8(ascii: "["): return .array
    case UInt8(ascii: "\""): return .string
    case UInt8(ascii: "t"), UInt8(ascii: "f"): return .boolean
    case UInt8(ascii: "n"): return .null
    case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return .number
    case UInt8(ascii: "N"), UInt8(ascii: "I"):
      if allowsNaN { return .number }
      throw unexpected("a value")
    default: throw unexpected("a value")
    }
  }

  /// Requires that nothing but blanks follows.
  package mutating func requireEnd() throws(JSONError) {
    skipBlanks()
    guard at == end else { throw unexpected("the end of the text") }
  }

  // MARK: - Objects and arrays

  /// Enters the object that comes next.
  package mutating func enterObject() throws(JSONError) { try enter("{", "an object") }

  /// Enters the array that comes next.
  package mutating func enterArray() throws(JSONError) { try enter("[", "an array") }

  /// The key of the next member of the object that was entered last; nil at its end, which leaves it.
  package mutating func nextKey() throws(JSONError) -> String? {
    guard try hasMore("}") else { return nil }
    skipBlanks()
    guard at < end, bytes[at] == UInt8(ascii: "\"") else {
      throw unexpected("a name in quotation marks")
    }
    let key = try string()
    skipBlanks()
    guard take(":") else { throw unexpected("a colon") }
    return key
  }

  /// Whether the array that was entered last has another element; if not, it is left.
  package mutating func nextElement() throws(JSONError) -> Bool { try hasMore("]") }

  private mutating func enter(_ bracket: Unicode.Scalar, _ name: String) throws(JSONError) {
    skipBlanks()
    let start = at
    guard take(bracket) else { throw unexpected(name) }
    guard isFirst.count < JSONText.deepestNesting else {
      throw error("values lie more than \(JSONText.deepestNesting) deep in each other", at: start)
    }
    isFirst.append(true)
  }

  private mutating func hasMore(_ bracket: Unicode.Scalar) throws(JSONError) -> Bool {
    guard let isFirst = isFirst.popLast() else { preconditionFailure("nothing has been entered") }
    skipBlanks()
    if take(bracket) { return false }
    guard isFirst || take(",") else { throw unexpected("a comma or \(bracket)") }
    self.isFirst.append(false)
    return true
  }

  // MARK: - Values

  /// The value that comes next.
  package mutating func value() throws(JSONError) -> JSONText {
    made += 1
    guard made <= JSONCursor.mostValues else {
      throw error("there are more than \(JSONCursor.mostValues) values", at: at)
    }
    switch try peek() {
    case .null:
      try word("null")
      return .null
    case .boolean: return .boolean(try boolean())
    case .number: return try numberText()
    case .string: return .string(try string())
    case .array:
      try enterArray()
      var values: [JSONText] = []
      while try nextElement() { values.append(try value()) }
      return .array(values)
    case .object:
      try enterObject()
      var members: [JSONText.Member] = []
      var keys: Set<String> = []
      while true {
        skipBlanks()
        let start = at
        guard let key = try nextKey() else { return .object(members) }
        // Strings compare by canonical equivalence, which suits a refusal of look-alikes.
        guard keys.insert(key).inserted else {
          let place = bytes[start...].firstIndex(of: UInt8(ascii: "\"")) ?? start
          throw error("\(Excerpt.quote(key)) is there a second time", at: place)
        }
        members.append(JSONText.Member(key, try value()))
      }
    }
  }

  /// Passes over the value that comes next.
  package mutating func skip() throws(JSONError) {
    switch try peek() {
    case .null: try word("null")
    case .boolean: _ = try boolean()
    case .number: _ = try numberText()
    case .string: _ = try stringRange()
    case .array:
      try enterArray()
      while try nextElement() { try skip() }
    case .object:
      try enterObject()
      while try hasMore("}") {
        skipBlanks()
        guard at < end, bytes[at] == UInt8(ascii: "\"") else {
          throw unexpected("a name in quotation marks")
        }
        _ = try stringRange()
        skipBlanks()
        guard take(":") else { throw unexpected("a colon") }
        try skip()
      }
    }
  }

  /// The truth value that comes next.
  package mutating func boolean() throws(JSONError) -> Bool {
    skipBlanks()
    if at < end, bytes[at] == UInt8(ascii: "t") {
      try word("true")
      return true
    }
    try word("false")
    return false
  }

  private mutating func word(_ word: StaticString) throws(JSONError) {
    let matches = word.withUTF8Buffer { text in
      end - at >= text.count && bytes[at..<at + text.count].elementsEqual(text)
    }
    guard matches else { throw unexpected("a value") }
    at += word.utf8CodeUnitCount
  }

  /// The number that comes next.
  package mutating func number() throws(JSONError) -> Double {
    guard try peek() == .number, let number = try numberText().number else {
      throw unexpected("a number")
    }
    return number
  }

  /// Appends the numbers of the array that comes next, however deep they lie in arrays; true counts as 1, and
  /// false as 0.
  package mutating func numbers(into values: inout [Double]) throws(JSONError) {
    try enterArray()
    let first = try? peek()
    guard first == .number else {
      while try nextElement() {
        switch try peek() {
        case .array: try numbers(into: &values)
        case .boolean: values.append(try boolean() ? 1 : 0)
        default: values.append(try number())
        }
      }
      return
    }
    isFirst.removeLast()
    at = NumberText.appendList(bytes, at..<end, to: &values)
    skipBlanks()
    guard take("]") else { throw unexpected("a number, or ] after the last one") }
  }

  private mutating func numberText() throws(JSONError) -> JSONText {
    let start = at
    var isWhole = true
    let isNegative = take("-")
    if allowsNaN, at < end, let value = namedNumber() {
      return .number(isNegative ? -value : value)
    }
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

  private mutating func namedNumber() -> Double? {
    for (name, value) in [("NaN", Double.nan), ("Infinity", .infinity)]
    where bytes[at..<end].starts(with: name.utf8) {
      at += name.utf8.count
      return value
    }
    return nil
  }

  private mutating func digits() -> Bool {
    let start = at
    while at < end, bytes[at] >= 48, bytes[at] <= 57 { at += 1 }
    return at > start
  }

  // MARK: - Strings

  /// The string that comes next.
  package mutating func string() throws(JSONError) -> String {
    skipBlanks()
    let (range, hasEscapes) = try stringRange()
    if let invalid = Text.firstInvalid(bytes, range) {
      throw error("this is not UTF-8", at: invalid)
    }
    guard hasEscapes else { return Text.string(bytes, range) }
    var text: [UInt8] = []
    var reader = self
    reader.at = range.lowerBound
    while reader.at < range.upperBound {
      if bytes[reader.at] == UInt8(ascii: "\\") {
        try reader.appendEscaped(to: &text)
      } else {
        text.append(bytes[reader.at])
        reader.at += 1
      }
    }
    return String(decoding: text, as: UTF8.self)
  }

  /// Passes over the string that begins here.
  ///
  /// - Returns: what stands between its quotation marks, and whether something of it is escaped.
  private mutating func stringRange() throws(JSONError) -> (Range<Int>, hasEscapes: Bool) {
    let opening = at
    guard take("\"") else { throw unexpected("a string") }
    let start = at
    var hasEscapes = false
    while at < end {
      switch bytes[at] {
      case UInt8(ascii: "\""):
        at += 1
        return (start..<at - 1, hasEscapes)
      case UInt8(ascii: "\\"):
        hasEscapes = true
        at += 2
      case ..<0x20: throw error("a control character stands in a string", at: at)
      default: at += 1
      }
    }
    at = end
    throw error("the string that begins here does not end", at: opening)
  }

  private mutating func appendEscaped(to text: inout [UInt8]) throws(JSONError) {
    let start = at
    at += 1
    guard at < end else { throw unexpected("an escaped character") }
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
      guard at < end, let digit = Character(Unicode.Scalar(bytes[at])).hexDigitValue else {
        throw error("\\u needs four hexadecimal digits", at: start)
      }
      code = code << 4 + UInt32(digit)
      at += 1
    }
    return code
  }

  // MARK: - Bytes

  private mutating func skipBlanks() {
    while at < end {
      let byte = bytes[at]
      guard byte == 32 || byte == 10 || byte == 13 || byte == 9 else { return }
      at += 1
    }
  }

  private mutating func take(_ character: Unicode.Scalar) -> Bool {
    guard at < end, bytes[at] == UInt8(ascii: character) else { return false }
    at += 1
    return true
  }

  // MARK: - Errors

  private func unexpected(_ wanted: String) -> JSONError {
    guard at < end else { return error("the text ends where \(wanted) should be", at: at) }
    let stop = bytes[at..<end].firstIndex { $0 <= 32 || ",:]}".utf8.contains($0) } ?? end
    let found = Excerpt.quote(bytes, at..<max(stop, at + 1))
    return error("\(found) stands where \(wanted) should be", at: at)
  }

  /// An error about what has been read last.
  package func defect(_ reason: String) -> JSONError { error(reason, at: at) }

  private func error(_ reason: String, at index: Int) -> JSONError {
    let before = bytes[origin..<max(origin, min(index, end))]
    let start = before.lastIndex(of: 10).map { $0 + 1 } ?? origin
    return JSONError(
      line: before.count { $0 == 10 } + 1, column: index - start + 1, reason: reason)
  }
}
