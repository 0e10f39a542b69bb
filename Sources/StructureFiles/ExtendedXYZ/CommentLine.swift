// SPDX-License-Identifier: MIT

import Files

/// What is wrong with a piece of a line; the reader adds file and line.
struct LineDefect: Error {
  /// Byte of the line at which it is, from 0; nil if it is the line as a whole.
  var offset: Int?
  /// What was found and what was expected.
  var message: String

  init(_ offset: Int?, _ message: String) { (self.offset, self.message) = (offset, message) }
}

/// One `key=value` or bare key of a comment line; ranges are of the line's buffer.
struct CommentEntry {
  /// The key without quotes.
  var name: String
  /// Where the key begins.
  var nameStart: Int
  /// The value as written, quotes included; nil for a bare key.
  var value: Range<Int>?
  /// The value without its outer quotes or brackets.
  var inner: Range<Int>
}

/// Splits a comment line into its entries.
///
/// The grammar is ASE's, less what it accepts by accident: a key, blanks, `=`, blanks, and a value
/// that is bare or enclosed in `"…"`, `'…'`, `[…]` or `{…}`; a backslash takes the next character
/// along.
struct CommentParser {
  private let bytes: [UInt8]
  private let line: Range<Int>
  private var at: Int
  private var isAscii = true

  init(_ bytes: [UInt8], _ line: Range<Int>) {
    (self.bytes, self.line) = (bytes, line)
    at = line.lowerBound
  }

  /// All entries, in order.
  ///
  /// Throws at the first thing that is not one, and on a key that has two values; repeated bare
  /// words are harmless.
  mutating func entries() throws(LineDefect) -> [CommentEntry] {
    try checkCharacters()
    var entries: [CommentEntry] = []
    while let entry = try nextEntry() { entries.append(entry) }
    var seen: [String: Bool] = [:]
    for entry in entries {
      let hasValue = entry.value != nil
      if let before = seen.updateValue(hasValue, forKey: entry.name), before || hasValue {
        throw LineDefect(
          entry.nameStart, "the key \(Excerpt.quote(entry.name)) occurs twice in this line")
      }
    }
    return entries
  }

  /// Refuses bytes that other programs would take for the end of the line or of the text.
  private mutating func checkCharacters() throws(LineDefect) {
    for i in line {
      let byte = bytes[i]
      if byte >= 128 { isAscii = false }
      if byte < 32 && byte != 9 || byte == 127 {
        throw LineDefect(
          i, "the control character \(Excerpt.quote(bytes, i..<i + 1)) in the comment line")
      }
    }
    if !isAscii, let offset = Text.firstInvalid(bytes, line) {
      throw LineDefect(offset, "the comment line is not valid UTF-8")
    }
  }

  private mutating func nextEntry() throws(LineDefect) -> CommentEntry? {
    skipBlanks()
    guard at < line.upperBound else { return nil }
    let nameStart = at
    if bytes[at] == Ascii.equals {
      throw LineDefect(at, "expected a key before '='")
    }
    let name = try key()
    skipBlanks()
    guard at < line.upperBound, bytes[at] == Ascii.equals else {
      return CommentEntry(name: name, nameStart: nameStart, value: nil, inner: at..<at)
    }
    at += 1
    skipBlanks()
    guard at < line.upperBound else {
      throw LineDefect(
        nameStart,
        "the key \(Excerpt.quote(name)) has no value after '='; write \"\" if it is empty")
    }
    let start = at
    if Ascii.closing(bytes[at]) != nil {
      let inner = try enclosed()
      if at < line.upperBound && !Ascii.isBlank(bytes[at]) {
        throw LineDefect(
          at,
          "expected a blank after the value of \(Excerpt.quote(name)), found "
            + Excerpt.quote(bytes, at..<wordEnd()))
      }
      return CommentEntry(name: name, nameStart: nameStart, value: start..<at, inner: inner)
    }
    try bareWord("the value of \(Excerpt.quote(name))", until: nil)
    return CommentEntry(name: name, nameStart: nameStart, value: start..<at, inner: start..<at)
  }

  /// A key, bare or enclosed.
  private mutating func key() throws(LineDefect) -> String {
    let start = at
    var inner: Range<Int>
    if Ascii.closing(bytes[at]) != nil {
      inner = try enclosed()
      if at < line.upperBound && !Ascii.isBlank(bytes[at]) && bytes[at] != Ascii.equals {
        throw LineDefect(at, "expected '=' or a blank after a quoted key")
      }
    } else {
      try bareWord("a key", until: Ascii.equals)
      inner = start..<at
    }
    let name = Text.unescaped(bytes, inner)
    if name.isEmpty { throw LineDefect(start, "this key is empty") }
    return name
  }

  /// Moves behind a bare word, which a blank or `stop` ends.
  private mutating func bareWord(
    _ what: @autoclosure () -> String, until stop: UInt8?
  ) throws(LineDefect) {
    let start = at
    while at < line.upperBound, !Ascii.isBlank(bytes[at]), bytes[at] != stop {
      if bytes[at] == Ascii.backslash {
        guard at + 1 < line.upperBound else {
          throw LineDefect(at, "the line ends after a backslash")
        }
        at += 1
      } else if Ascii.isDelimiter(bytes[at]) {
        throw LineDefect(
          at,
          "\(Excerpt.quote(bytes, at..<at + 1)) inside \(what()); "
            + "put quotation marks around the whole of it")
      }
      at += 1
    }
    if !isAscii, let offset = Text.firstWideBlank(bytes, start..<at) {
      throw LineDefect(
        offset, "a Unicode blank inside \(what()); put quotation marks around the whole of it")
    }
  }

  /// Moves behind a value in quotes or brackets and returns what is inside.
  private mutating func enclosed() throws(LineDefect) -> Range<Int> {
    let start = at
    let opening = bytes[at]
    guard let close = Ascii.closing(opening) else { return at..<at }
    let nests = opening != close
    var depth = 1
    at += 1
    while at < line.upperBound {
      let byte = bytes[at]
      if byte == Ascii.backslash {
        at += 1
      } else if byte == close {
        depth -= 1
        if depth == 0 {
          at += 1
          return start + 1..<at - 1
        }
      } else if nests && byte == opening {
        depth += 1
      }
      at += 1
    }
    at = line.upperBound
    throw LineDefect(
      start, "\(Excerpt.quote(bytes, start..<start + 1)) is never closed in this line")
  }

  private func wordEnd() -> Int {
    bytes[at..<line.upperBound].firstIndex(where: Ascii.isBlank) ?? line.upperBound
  }

  private mutating func skipBlanks() {
    while at < line.upperBound, Ascii.isBlank(bytes[at]) { at += 1 }
  }
}
