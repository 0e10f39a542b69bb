// SPDX-License-Identifier: MIT

import RelaxNumerics

/// Reads a stretch of a file in order, a piece at a time, and holds nothing open in between: so thousands of
/// files can be read in turn.
package struct PieceReader {
  /// What the file is called in messages.
  package let file: String
  private let source: (Range<Int>) throws(FileError) -> [UInt8]
  /// Where the stretch ends, and where in the file the buffer does.
  private let end: Int
  private var next: Int
  private let capacity: Int
  private var buffer: [UInt8] = []
  /// First byte of the buffer that was not handed out.
  private var at = 0

  /// All memory that readers used together take, in bytes.
  private static let memory = 1 << 24

  /// The bytes of `stretch` of the file at `path`.
  ///
  /// - Parameter readers: how many are used together.
  package init(path: String, _ stretch: Range<Int>, readers: Int) {
    self.init(file: path, stretch, readers: readers) { range throws(FileError) in
      let file = try RandomAccessFile(path: path)
      guard range.upperBound <= file.length else { throw PieceReader.cut(path) }
      return try file.bytes(range)
    }
  }

  /// The bytes of `stretch` of what `source` reads, which is named `file` in messages.
  package init(
    file: String, _ stretch: Range<Int>, readers: Int,
    source: @escaping (Range<Int>) throws(FileError) -> [UInt8]
  ) {
    (self.file, self.source) = (file, source)
    (next, end) = (stretch.lowerBound, stretch.upperBound)
    capacity = min(1 << 18, max(1 << 10, PieceReader.memory / max(readers, 1)))
  }

  /// Bytes that were not handed out.
  package var count: Int { buffer.count - at + end - next }

  /// The next `count` bytes.
  ///
  /// - Throws: kind `unreadable`, also if there are not so many.
  package mutating func bytes(_ count: Int) throws(FileError) -> [UInt8] {
    guard count >= 0, count <= self.count else { throw PieceReader.cut(file) }
    if buffer.count - at < count { try refill(atLeast: count - (buffer.count - at)) }
    defer { at += count }
    return Array(buffer[at..<at + count])
  }

  /// The next line without its line feed; nil at the end.
  package mutating func line() throws(FileError) -> ArraySlice<UInt8>? {
    var searched = 0
    while true {
      if let feed = buffer.firstLineFeed(in: at + searched..<buffer.count) {
        defer { at = feed + 1 }
        return buffer[at..<feed]
      }
      searched = buffer.count - at
      guard next < end else {
        defer { at = buffer.count }
        return at < buffer.count ? buffer[at...] : nil
      }
      // Twice as much each time: a long line is not moved again and again.
      try refill(atLeast: searched)
    }
  }

  private mutating func refill(atLeast wanted: Int) throws(FileError) {
    let piece = try source(next..<next + min(max(wanted, capacity), end - next))
    next += piece.count
    buffer = at < buffer.count ? Array(buffer[at...]) + piece : piece
    at = 0
  }

  private static func cut(_ file: String) -> FileError {
    FileError(.unreadable, file: file, "the file is shorter than it was")
  }
}
