// SPDX-License-Identifier: MIT

import Files

/// Gives the records of finished files to those who put them together anew, of thousands of files in turn.
///
/// Plain text is read where it lies. What is compressed, or lies in a database, is unpacked first, one file after
/// the other, into a file without a name beside the output: so no more than one decompressor is at work.
package final class RecordSpool {
  private let output: String
  private let readers: Int
  private var spool: AppendFile?

  /// For an output at `output`, made of what so many readers give.
  package init(beside output: String, readers: Int) {
    (self.output, self.readers) = (output, readers)
  }

  /// The records of files, one behind the other, as they are uncompressed.
  ///
  /// - Parameter isText: whether they are no structures but lines of text.
  package func reader(of paths: [String], isText: Bool = false) throws -> PieceReader {
    let isPlain = try paths.allSatisfy { path in
      guard Compression(path: path) == .none else { return false }
      return try isText || StructureOutput(path: path).format.isCompressible
    }
    if isPlain, let path = paths.first, paths.count == 1 {
      let length = try RandomAccessFile(path: path).length
      return PieceReader(path: path, 0..<length, readers: readers)
    }
    let spool = try self.spool ?? AppendFile.anonymous(beside: output)
    self.spool = spool
    let start = spool.length
    for path in paths { try unpack(path, isText, into: spool) }
    return PieceReader(file: paths.first ?? output, start..<spool.length, readers: readers) {
      range throws(FileError) in try spool.read(offset: range.lowerBound, count: range.count)
    }
  }

  private func unpack(_ path: String, _ isText: Bool, into spool: AppendFile) throws {
    if !isText {
      let output = try StructureOutput(path: path)
      if !output.format.isCompressible {
        let file = try output.records(.reopening)
        let isWhole = try file.records(offset: 0, count: file.length) { try spool.append($0) }
        guard isWhole else {
          throw FileError(.framing, file: path, "its rows are not those that were written")
        }
        return
      }
    }
    let bytes = try Decompression.plain(FileBytes(path: path), name: path)
    var buffer = [UInt8](repeating: 0, count: 1 << 18)
    while true {
      let count = try bytes.read(into: &buffer, at: 0)
      guard count > 0 else { return }
      try spool.append(Array(buffer[..<count]))
    }
  }
}
