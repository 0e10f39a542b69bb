// SPDX-License-Identifier: MIT

import RelaxNumerics

/// A stretch of a source that moves along: the bytes from `next` to `end` are there, and more can be had.
struct ByteWindow {
  /// The buffer.
  private(set) var bytes: [UInt8]
  /// Where the bytes begin that have not been used.
  var next = 0
  /// Where the bytes end that have been read.
  private(set) var end = 0
  /// Whether the source has no more.
  private(set) var sourceEnded = false

  private let source: any ByteSource
  /// More bytes at once than these are refused, so that memory stays bounded.
  private let longest: Int

  /// A window on `source` of `capacity` bytes at first, and of `longest` at most.
  init(_ source: any ByteSource, capacity: Int, longest: Int) {
    (self.source, self.longest) = (source, longest)
    bytes = [UInt8](repeating: 0, count: max(capacity, 16))
  }

  /// Reads more bytes behind those that have not been used, which move to the front of the buffer.
  ///
  /// - Parameter tooLong: the error if these are as many as may be kept.
  /// - Returns: whether there were more.
  mutating func refill(or tooLong: (_ mebibytes: Int) -> FileError) throws(FileError) -> Bool {
    guard !sourceEnded else { return false }
    if next > 0 {
      bytes.moveToFront(next..<end)
      (next, end) = (0, end - next)
    }
    if end == bytes.count {
      guard bytes.count < longest else { throw tooLong(longest >> 20) }
      bytes.append(contentsOf: repeatElement(0, count: bytes.count))
    }
    let count = try source.read(into: &bytes, at: end)
    end += count
    sourceEnded = count == 0
    return count > 0
  }
}
