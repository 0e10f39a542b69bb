// SPDX-License-Identifier: MIT

import RelaxNumerics

/// Hands out the members of one object of JSON, one after the other, however long it is.
package struct JSONMembers {
  private let file: String
  private var window: ByteWindow
  private var line = 1
  private var hasBegun = false
  private var hasEnded = false
  private var content: Range<Int> = 0..<0

  /// Longer members than this (bytes) are refused, so that memory stays bounded.
  private static let longest = 1 << 28

  /// The object in `source`, which is named `file` in messages.
  package init(_ source: any ByteSource, file: String, capacity: Int = 1 << 18) {
    self.file = file
    window = ByteWindow(source, capacity: capacity, longest: JSONMembers.longest)
  }

  /// The value of the member that was handed out last; NaN and infinities are numbers.
  package var cursor: JSONCursor { JSONCursor(window.bytes, content, allowsNaN: true) }

  /// The key of the next member and the line in which its value begins; nil at the end.
  ///
  /// - Throws: kind `framing`, if this is no object, or not complete.
  package mutating func nextMember() throws(FileError) -> (key: String, line: Int)? {
    guard !hasEnded else { return nil }
    if !hasBegun {
      guard try peek() == UInt8(ascii: "{") else { throw error("expected an object of JSON") }
      advance(to: window.next + 1)
      hasBegun = true
      if try peek() == UInt8(ascii: "}") { return try finish() }
    } else {
      let byte = try peek()
      if byte == UInt8(ascii: "}") { return try finish() }
      guard byte == UInt8(ascii: ",") else { throw error("expected a comma or }") }
      advance(to: window.next + 1)
    }
    guard try peek() == UInt8(ascii: "\"") else {
      throw error("expected a name in quotation marks")
    }
    let stop = try valueEnd()
    let key: String
    do throws(JSONError) {
      var cursor = JSONCursor(window.bytes, window.next..<stop)
      key = try cursor.string()
    } catch { throw self.error(error.reason) }
    advance(to: stop)
    guard try peek() == UInt8(ascii: ":") else { throw error("expected a colon") }
    advance(to: window.next + 1)
    _ = try peek()
    let place = try valueEnd()
    let first = line
    content = window.next..<place
    advance(to: place)
    return (key, first)
  }

  private mutating func finish() throws(FileError) -> (key: String, line: Int)? {
    advance(to: window.next + 1)
    hasEnded = true
    while window.next < window.end || !window.sourceEnded {
      while window.next < window.end {
        guard window.bytes[window.next] <= 32 else {
          throw error("something stands behind the object")
        }
        advance(to: window.next + 1)
      }
      if try !refill() { break }
    }
    return nil
  }

  /// The next byte that is no blank, not taken.
  private mutating func peek() throws(FileError) -> UInt8 {
    while true {
      while window.next < window.end {
        if window.bytes[window.next] > 32 { return window.bytes[window.next] }
        advance(to: window.next + 1)
      }
      guard try refill() else { throw error("the file ends inside an object; it is incomplete") }
    }
  }

  /// Where the value that begins here ends.
  private mutating func valueEnd() throws(FileError) -> Int {
    var searched = 0
    var depth = 0
    var (isString, isEscaped) = (false, false)
    while true {
      var at = window.next + searched
      while at < window.end {
        let byte = window.bytes[at]
        at += 1
        if isString {
          if isEscaped {
            isEscaped = false
          } else if byte == UInt8(ascii: "\\") {
            isEscaped = true
          } else if byte == UInt8(ascii: "\"") {
            isString = false
            if depth == 0 { return at }
          }
          continue
        }
        switch byte {
        case UInt8(ascii: "\""): isString = true
        case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
        case UInt8(ascii: "}"), UInt8(ascii: "]"):
          if depth == 0 { return at - 1 }
          depth -= 1
          if depth == 0 { return at }
        case UInt8(ascii: ","), UInt8(ascii: ":"): if depth == 0 { return at - 1 }
        default: break
        }
      }
      searched = at - window.next
      guard try refill() else { throw error("the file ends inside a value; it is incomplete") }
    }
  }

  private mutating func advance(to place: Int) {
    line += window.bytes[window.next..<place].count { $0 == 10 }
    window.next = place
  }

  private mutating func refill() throws(FileError) -> Bool {
    let (file, line) = (file, line)
    return try window.refill { mebibytes in
      FileError(.framing, file: file, line: line, "a value is longer than \(mebibytes) MiB")
    }
  }

  private func error(_ message: String) -> FileError {
    FileError(.framing, file: file, line: line, message)
  }
}
