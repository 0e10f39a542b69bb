// SPDX-License-Identifier: MIT

import Files
import RelaxNumerics

/// The lines of a text, each as its words.
struct WordLines {
  /// Words of the line that came last.
  private(set) var words: [Range<Int>] = []
  /// Whether the file has ended.
  private(set) var hasEnded = false
  private var scanner: LineScanner
  private var bounds: [UInt32] = Array(repeating: 0, count: 32)
  private let file: String

  init(_ source: any ByteSource, file: String, capacity: Int) {
    self.file = file
    scanner = LineScanner(source, file: file, capacity: capacity)
  }

  /// Number of the line that came last, from 1.
  var line: Int { scanner.line }

  /// Goes to the next line; false at the end.
  mutating func advance() throws(FileError) -> Bool {
    guard let range = try scanner.nextLine() else {
      hasEnded = true
      words = []
      return false
    }
    var count = NumberText.split(scanner.bytes, range, into: &bounds)
    if count > bounds.count / 2 {
      bounds = Array(repeating: 0, count: 2 * count)
      count = NumberText.split(scanner.bytes, range, into: &bounds)
    }
    words.removeAll(keepingCapacity: true)
    for k in 0..<count {
      words.append(
        range.lowerBound + Int(bounds[2 * k])..<range.lowerBound + Int(bounds[2 * k + 1]))
    }
    return true
  }

  /// Goes to the next line.
  ///
  /// - Throws: kind `framing`, if there is none where `expected` should stand.
  mutating func advance(_ expected: String) throws(FileError) {
    guard try advance() else {
      throw FileError(.framing, file: file, line: line, "the file ends here; expected \(expected)")
    }
  }

  /// Reads compressed data to their end.
  mutating func verifyRest() throws(FileError) { try scanner.verifyRest() }

  /// The first letter of the line, as a small one; nil if it is empty.
  var first: UInt8? {
    words.first.map { word in
      let byte = scanner.bytes[word.lowerBound]
      return (65...90).contains(byte) ? byte | 32 : byte
    }
  }

  func text(_ word: Range<Int>) -> String { Text.string(scanner.bytes, word) }

  func quote(_ word: Range<Int>) -> String { Excerpt.quote(scanner.bytes, word) }

  /// Whether the rest of the line, from this word on, is a comment.
  func isComment(_ word: Range<Int>) -> Bool {
    [UInt8(ascii: "!"), UInt8(ascii: "#")].contains(scanner.bytes[word.lowerBound])
  }

  func integer(_ place: Int) -> Int? {
    guard place < words.count else { return nil }
    return try? NumberText.integer(in: scanner.bytes, words[place])
  }

  func double(_ place: Int) -> Double? {
    guard place < words.count else { return nil }
    return try? NumberText.double(in: scanner.bytes, words[place])
  }

  /// Word `place` as a finite number.
  func number(_ place: Int, _ meaning: String) throws(FileError) -> Double {
    guard place < words.count else {
      throw error("expected \(meaning), found \(Excerpt.count(words.count, "word"))")
    }
    guard let value = double(place), value.isFinite else {
      throw error("\(quote(words[place])) is no finite number; expected \(meaning)", at: place)
    }
    return value
  }

  /// Words `place` to `place` + 2 as finite numbers.
  func vector(_ place: Int, _ meaning: String) throws(FileError) -> Vector3 {
    Vector3(
      try number(place, meaning), try number(place + 1, meaning), try number(place + 2, meaning))
  }

  /// An error of kind `content` at this line, at word `place` if one is meant.
  func error(_ message: String, at place: Int? = nil) -> FileError {
    var column: Int?
    if let place, place < words.count {
      let bytes = scanner.bytes[..<words[place].lowerBound]
      column = words[place].lowerBound - (bytes.lastIndex(of: 10).map { $0 + 1 } ?? 0) + 1
    }
    return FileError(.content, file: file, line: line, column: column, message)
  }
}
