// SPDX-License-Identifier: MIT

import Files
import StructureFiles

/// The records of an output from its beginning to its end, as they would be appended to another one.
struct RecordStream {
  let path: String
  private var source: Source

  private enum Source {
    /// Bytes as they lie in the file.
    case text(PieceReader)
    /// Records that the file has in a way of its own, from `next` on; `kept` is the file if it stays open.
    case records(next: Int, kept: (any RecordFile)?)
  }

  /// More files than this are not held open: a process may have so many only.
  private static let mostOpen = 50

  /// The first `length` bytes of records of the output at `path`.
  ///
  /// - Parameter readers: how many are used together.
  init(_ path: String, length: Int, readers: Int) throws(FileError) {
    self.path = path
    let output = try StructureOutput(path: path)
    if output.format.isCompressible {
      source = .text(PieceReader(path: path, 0..<length, readers: readers))
    } else {
      source = .records(
        next: 0, kept: readers > RecordStream.mostOpen ? nil : try output.records(.reopening))
    }
  }

  /// Whether an output of plain bytes has more of them than `length`.
  static func isLonger(_ path: String, than length: Int) throws(FileError) -> Bool {
    guard try StructureOutput(path: path).format.isCompressible else { return false }
    return try RandomAccessFile(path: path).length > length
  }

  /// A stretch of a file of plain bytes.
  init(text path: String, _ stretch: Range<Int>) {
    self.path = path
    source = .text(PieceReader(path: path, stretch, readers: 1))
  }

  /// Hands out the next `count` bytes, whole records of them, a piece at a time.
  ///
  /// - Throws: `FileError` if there are fewer, and what `body` throws.
  mutating func take(_ count: Int, _ body: ([UInt8]) throws -> Void) throws {
    switch source {
    case .text(var reader):
      defer { source = .text(reader) }
      var left = count
      while left > 0 {
        let piece = try reader.bytes(min(left, 1 << 20))
        try body(piece)
        left -= piece.count
      }
    case .records(let next, let kept):
      let file = if let kept { kept } else { try StructureOutput(path: path).records(.reopening) }
      guard try file.records(offset: next, count: count, body) else {
        throw FileError(.inconsistent, file: path, "it is shorter than its journal says")
      }
      source = .records(next: next + count, kept: kept)
    }
  }
}
