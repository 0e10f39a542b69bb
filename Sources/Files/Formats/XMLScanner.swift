// SPDX-License-Identifier: MIT

import RelaxNumerics

/// Walks through an XML document, tag by tag, however long it is.
///
/// It knows elements, attributes, text, comments and the five entities that XML itself has. A document type
/// is passed over if it defines nothing, since an entity of entities may stand for gigabytes; namespaces mean
/// nothing. Bytes beyond ASCII are taken as they are.
package struct XMLScanner {
  /// What comes next in a document.
  package enum Event: Hashable {
    /// `<name …>`; ``attribute(_:)`` tells of its attributes.
    case start(String)
    /// `</name>`, or the end of `<name/>`.
    case end(String)
    /// Text, which ``text`` holds.
    case text
  }

  /// Names of the elements that are open, the outermost first.
  package private(set) var path: [String] = []
  /// Line of what came last, from 1.
  package private(set) var line = 1

  private let file: String
  private var window: ByteWindow
  /// Line of what `next` points at.
  private var lineAhead = 1
  private var content: Range<Int> = 0..<0
  private var isEmptyElement = false
  /// Whether the document ends inside of something.
  private var isCut = false

  /// Longer tags and texts than this (bytes) are refused, so that memory stays bounded.
  private static let longest = 1 << 26
  private static let deepest = 256

  /// The document in `source`, which is named `file` in messages.
  package init(_ source: any ByteSource, file: String, capacity: Int = 1 << 18) {
    self.file = file
    window = ByteWindow(source, capacity: capacity, longest: XMLScanner.longest)
  }

  /// Whether the file has been read to its end.
  package var hasEnded: Bool { window.sourceEnded && window.next >= window.end || isCut }

  /// The text that came last, as it stands in the document.
  package var text: ArraySlice<UInt8> { window.bytes[content] }

  /// The value of an attribute of the element that began last; nil if it has none of this name.
  package func attribute(_ name: String) -> String? {
    var at = content.lowerBound
    while at < content.upperBound {
      while at < content.upperBound, window.bytes[at] <= 32 { at += 1 }
      let start = at
      while at < content.upperBound, window.bytes[at] > 32, window.bytes[at] != UInt8(ascii: "=") {
        at += 1
      }
      let found = start..<at
      while at < content.upperBound, window.bytes[at] <= 32 { at += 1 }
      guard at < content.upperBound, window.bytes[at] == UInt8(ascii: "=") else { return nil }
      at += 1
      while at < content.upperBound, window.bytes[at] <= 32 { at += 1 }
      guard at < content.upperBound, window.bytes[at] == 34 || window.bytes[at] == 39 else {
        return nil
      }
      let quote = window.bytes[at]
      let value = at + 1
      guard let stop = window.bytes[value..<content.upperBound].firstIndex(of: quote) else {
        return nil
      }
      if window.bytes[found].elementsEqual(name.utf8) {
        return XMLScanner.plain(window.bytes[value..<stop])
      }
      at = stop + 1
    }
    return nil
  }

  /// The text that came last, with entities replaced and without blanks at its ends.
  package var trimmedText: String { XMLScanner.plain(text) }

  private static func plain(_ raw: ArraySlice<UInt8>) -> String {
    var trimmed = raw.drop { $0 <= 32 }
    while let last = trimmed.last, last <= 32 { trimmed.removeLast() }
    var text = String(decoding: trimmed, as: UTF8.self)
    guard trimmed.contains(UInt8(ascii: "&")) else { return text }
    for (entity, character) in [
      ("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&apos;", "'"), ("&amp;", "&"),
    ] {
      text = text.split(separator: entity, omittingEmptySubsequences: false).joined(
        separator: character)
    }
    return text
  }

  // MARK: - Walking

  /// What comes next; nil at the end of the document.
  ///
  /// - Throws: kind `framing`, if the document is no XML or ends inside an element.
  package mutating func nextEvent() throws(FileError) -> Event? {
    if isEmptyElement {
      isEmptyElement = false
      return .end(path.removeLast())
    }
    while true {
      guard try require(1) else {
        guard path.isEmpty else {
          isCut = true
          throw error("the file ends inside <\(path[path.count - 1])>; it is incomplete")
        }
        return nil
      }
      if window.bytes[window.next] != UInt8(ascii: "<") {
        if try takeText() { return .text }
        continue
      }
      guard try require(2) else { throw cut("a tag") }
      switch window.bytes[window.next + 1] {
      case UInt8(ascii: "?"): try skip(to: "?>")
      case UInt8(ascii: "!"): try skipDeclaration()
      case UInt8(ascii: "/"): return try takeEnd()
      default: return try takeStart()
      }
    }
  }

  /// Passes over all that is left of the element that was entered last, its end included.
  package mutating func skipElement() throws(FileError) {
    let depth = path.count
    while path.count >= depth, try nextEvent() != nil {}
  }

  private mutating func takeText() throws(FileError) -> Bool {
    var searched = 0
    while true {
      if let stop = window.bytes[(window.next + searched)..<window.end].firstIndex(
        of: UInt8(ascii: "<"))
      {
        content = window.next..<stop
        break
      }
      searched = window.end - window.next
      if try !refill() {
        content = window.next..<window.end
        break
      }
    }
    let isBlank = window.bytes[content].allSatisfy { $0 <= 32 }
    advance(to: content.upperBound)
    guard !isBlank else { return false }
    guard !path.isEmpty else { throw error("text stands outside of the document") }
    return true
  }

  private mutating func takeStart() throws(FileError) -> Event {
    let close = try tagEnd()
    let isEmpty = window.bytes[close - 1] == UInt8(ascii: "/")
    var stop = window.next + 1
    while stop < close, window.bytes[stop] > 32, window.bytes[stop] != UInt8(ascii: "/") {
      stop += 1
    }
    guard stop > window.next + 1 else { throw error("a tag without a name") }
    let name = String(decoding: window.bytes[window.next + 1..<stop], as: UTF8.self)
    content = stop..<(isEmpty ? close - 1 : close)
    guard path.count < XMLScanner.deepest else {
      throw error("elements lie more than \(XMLScanner.deepest) deep in each other")
    }
    advance(to: close + 1)
    path.append(name)
    isEmptyElement = isEmpty
    return .start(name)
  }

  private mutating func takeEnd() throws(FileError) -> Event {
    let close = try tagEnd()
    var stop = close
    while stop > window.next + 2, window.bytes[stop - 1] <= 32 { stop -= 1 }
    let name = String(decoding: window.bytes[window.next + 2..<stop], as: UTF8.self)
    guard let open = path.last, open == name else {
      throw error(
        "</\(Excerpt.name(name))> ends "
          + (path.last.map { "<\(Excerpt.name($0))>" } ?? "no element"))
    }
    advance(to: close + 1)
    return .end(path.removeLast())
  }

  /// Where the tag that begins here ends: its `>`, not one in an attribute's value.
  private mutating func tagEnd() throws(FileError) -> Int {
    var searched = 1
    var quote: UInt8?
    while true {
      var at = window.next + searched
      while at < window.end {
        let byte = window.bytes[at]
        if let open = quote {
          if byte == open { quote = nil }
        } else if byte == 34 || byte == 39 {
          quote = byte
        } else if byte == UInt8(ascii: ">") {
          return at
        } else if byte == UInt8(ascii: "<") {
          throw error("a tag begins inside a tag")
        }
        at += 1
      }
      searched = at - window.next
      guard try refill() else { throw cut("a tag") }
    }
  }

  private mutating func skipDeclaration() throws(FileError) {
    guard try require(4) else { throw cut("a tag") }
    if window.bytes[window.next..<window.end].starts(with: "<!--".utf8) {
      return try skip(to: "-->")
    }
    var searched = 2
    while true {
      let found = window.bytes[(window.next + searched)..<window.end].firstIndex {
        $0 == UInt8(ascii: "[") || $0 == UInt8(ascii: ">")
      }
      if let found {
        guard window.bytes[found] == UInt8(ascii: ">") else {
          throw error("entities and CDATA are refused")
        }
        return advance(to: found + 1)
      }
      searched = window.end - window.next
      guard try refill() else { throw cut("a tag") }
    }
  }

  private mutating func skip(to ending: String) throws(FileError) {
    let ending = Array(ending.utf8)
    var searched = 2
    while true {
      var at = window.next + searched
      while at + ending.count <= window.end {
        if window.bytes[at] == ending[0], window.bytes[at...].starts(with: ending) {
          return advance(to: at + ending.count)
        }
        at += 1
      }
      searched = max(searched, at - window.next)
      // What has been seen is given away: a comment may be long.
      if searched > 1 << 16 {
        let seen = window.next + searched
        advance(to: seen)
        searched = 0
      }
      guard try refill() else { throw cut("a comment") }
    }
  }

  // MARK: - Bytes

  private mutating func advance(to place: Int) {
    line = lineAhead
    lineAhead += window.bytes[window.next..<place].count { $0 == 10 }
    window.next = place
  }

  /// Whether `count` more bytes are there.
  private mutating func require(_ count: Int) throws(FileError) -> Bool {
    while window.end - window.next < count { if try !refill() { return false } }
    return true
  }

  private mutating func refill() throws(FileError) -> Bool {
    let (file, line) = (file, lineAhead)
    return try window.refill { mebibytes in
      FileError(.framing, file: file, line: line, "a tag or text is longer than \(mebibytes) MiB")
    }
  }

  private mutating func cut(_ place: String) -> FileError {
    isCut = true
    return error("the file ends inside \(place); it is incomplete")
  }

  /// An error at the line of what comes next.
  package func error(_ message: String) -> FileError {
    FileError(.framing, file: file, line: lineAhead, message)
  }
}
