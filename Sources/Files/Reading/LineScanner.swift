// SPDX-License-Identifier: MIT

import RelaxNumerics

/// Hands out the lines of a source one after the other, from a buffer that moves along.
package struct LineScanner {
  /// The buffer; a line is a range of it until the next one is asked for.
  package private(set) var bytes: [UInt8]
  /// Number of the line handed out last, from 1.
  package private(set) var line = 0
  /// Whether the line handed out last ended with a line feed, which only a file's last may lack.
  package private(set) var terminated = true

  private let source: any ByteSource
  private let file: String
  private var next = 0
  private var end = 0
  private var sourceEnded = false
  /// An error that the source had after the bytes in the buffer.
  private var pending: FileError?

  /// Longer lines than this (bytes) are refused, so that memory stays bounded.
  package static let longestLine = 1 << 26

  /// Lines of `source`, which is named `file` in messages.
  package init(_ source: any ByteSource, file: String, capacity: Int = 1 << 18) {
    (self.source, self.file) = (source, file)
    bytes = [UInt8](repeating: 0, count: max(capacity, 1))
  }

  /// What the buffer holds beyond the line handed out last.
  package var ahead: Range<Int> { next..<end }

  /// Passes over `lines` whole lines of the buffer, which take `count` bytes.
  package mutating func skip(_ count: Int, lines: Int) {
    precondition(count <= end - next, "\(count) of \(end - next) bytes")
    next += count
    line += lines
  }

  /// The next line without its end (`\n` or `\r\n`), or nil at the end of the file.
  package mutating func nextLine() throws(FileError) -> Range<Int>? {
    var searched = next
    while true {
      if let feed = bytes.firstLineFeed(in: searched..<end) {
        let start = next
        next = feed + 1
        line += 1
        let hasReturn = feed > start && bytes[feed - 1] == 13
        return start..<(hasReturn ? feed - 1 : feed)
      }
      searched = end
      if sourceEnded {
        if let pending { throw pending }
        guard next < end else { return nil }
        let start = next
        next = end
        line += 1
        terminated = false
        return start..<end
      }
      searched -= next
      try refill()
      searched += next
    }
  }

  /// Passes over lines with nothing but blanks and tabs in them, many times faster than line by line: a small compressed file
  /// may hold a hundred million.
  package mutating func skipBlankLines() throws(FileError) {
    while true {
      var at = next
      let stop = end
      let (lines, start) = bytes.withUnsafeBufferPointer { bytes in
        var (lines, start) = (0, next)
        while at < stop {
          let byte = bytes[at]
          if byte == 10 {
            at += 1
            (lines, start) = (lines + 1, at)
          } else if byte == 32 || byte == 9 {
            at += 1
          } else if byte == 13, at + 1 < stop, bytes[at + 1] == 10 {
            at += 1
          } else {
            break
          }
        }
        return (lines, start)
      }
      (next, line) = (start, line + lines)
      guard at == end, !sourceEnded else { return }
      try refill()
    }
  }

  /// Reads compressed data to their end, where a damage that has garbled the lines shows.
  package mutating func verifyRest() throws(FileError) {
    guard source.isChecked else { return }
    while !sourceEnded {
      (next, end) = (0, 0)
      try refill()
    }
    if let pending { throw pending }
  }

  /// Reads more bytes behind the current line, which moves to the front of the buffer.
  private mutating func refill() throws(FileError) {
    if next > 0 {
      bytes.moveToFront(next..<end)
      (next, end) = (0, end - next)
    }
    if end == bytes.count {
      guard bytes.count < LineScanner.longestLine else {
        throw FileError(
          .framing, file: file, line: line + 1,
          "this line is longer than \(LineScanner.longestLine >> 20) MiB; is this a text file?")
      }
      bytes.append(contentsOf: repeatElement(0, count: bytes.count))
    }
    do throws(FileError) {
      let count = try source.read(into: &bytes, at: end)
      end += count
      sourceEnded = count == 0
    } catch {
      (sourceEnded, pending) = (true, error)
    }
  }
}
