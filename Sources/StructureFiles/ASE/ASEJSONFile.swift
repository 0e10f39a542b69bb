// SPDX-License-Identifier: MIT

import Files
import Structures

/// Makes rows of ASE's database in JSON.
struct ASEJSONEncoder: FrameEncoder {
  func append(_ structure: Structure, to bytes: inout [UInt8]) {
    var row: [UInt8] = []
    ASERecord(structure: structure).appendRow(to: &row)
    bytes += UInt64(row.count).littleEndianBytes + row
  }
}

/// ASE's database as JSON: an object of rows, and at its end the list of their ids.
///
/// Each row begins with a line of its id and one of its `unique_id`, and ends with a line `},`, which stands nowhere
/// else: so the rows of a file that was not completed are found again. The end is written again and again, but not
/// so often that it would cost more than the rows.
final class ASEJSONFile: RecordFile {
  private let file: AppendFile
  private var assembler = RecordAssembler()
  /// Where the records of rows end, counted in bytes of records, and where the rows end in the file.
  private var rows: [(end: Int, place: Int)] = []
  private(set) var length = 0
  /// Whether the end stands in the file, and bytes of rows since it last did.
  private var (isComplete, news) = (false, 0)

  init(path: String, _ start: RecordFileStart) throws(FileError) {
    file = try AppendFile.open(path, start)
    guard file.isRegular else {
      throw FileError(
        .unwritable, file: path, "a database of ASE cannot be written to a pipe or device")
    }
    if case .reopening = start, file.length > 0 {
      try find()
      return
    }
    try file.append(Array("{".utf8))
    try writeEnd()
  }

  var path: String { file.path }
  var isRegular: Bool { true }
  func synchronizeName() { file.synchronizeName() }

  // MARK: - Appending

  func append(_ bytes: [UInt8]) throws(FileError) {
    guard file.isOurs else { throw .changedMeanwhile(path) }
    length += bytes.count
    try assembler.take(bytes) { record throws(FileError) in
      try removeEnd()
      let identity = ASERecord.identity(record, number: rows.count)
      var text = Array("\"\(rows.count + 1)\": {\n \"unique_id\": \"\(identity)\",\n ".utf8)
      text += record.dropFirst(8)
      text += "\n},\n".utf8
      try file.append(text)
      news += text.count
      rows.append(((rows.last?.end ?? 0) + record.count, file.length))
    }
  }

  func commit() throws(FileError) { if news > 4 * rows.count { try writeEnd() } }

  func synchronize() throws(FileError) {
    try writeEnd()
    try file.synchronize()
  }

  func finish() throws(FileError) { try writeEnd() }

  private var rowsEnd: Int { rows.last?.place ?? 1 }

  private func removeEnd() throws(FileError) {
    guard isComplete else { return }
    try file.truncate(to: rowsEnd)
    isComplete = false
  }

  private func writeEnd() throws(FileError) {
    guard !isComplete else { return }
    let ids = (0..<rows.count).map { "\($0 + 1)" }.joined(separator: ", ")
    try file.append(Array("\"ids\": [\(ids)],\n\"nextid\": \(rows.count + 1)}\n".utf8))
    (isComplete, news) = (true, 0)
  }

  // MARK: - Looking back

  private static func isIdentity(_ line: ArraySlice<UInt8>) -> Bool {
    line.starts(with: " \"unique_id\": \"".utf8)
  }

  /// Finds the rows that an earlier process has appended.
  private func find() throws(FileError) {
    guard try file.read(offset: 0, count: 1) == [UInt8(ascii: "{")] else {
      throw FileError(.inconsistent, file: path, "the file was changed: it is no database any more")
    }
    var (line, place) = ([UInt8](), 1)
    /// Where the content of the row at hand begins.
    var content: Int?
    var done = 1
    while done < file.length {
      let piece = try file.read(offset: done, count: min(1 << 20, file.length - done))
      done += piece.count
      var rest = piece[...]
      while let feed = rest.firstIndex(of: 10) {
        line += rest[...feed]
        rest = rest[(feed + 1)...]
        let next = place + line.count
        if line.count == 3, line[0] == UInt8(ascii: "}"), let start = content {
          // The line feed before it is ours.
          rows.append(((rows.last?.end ?? 0) + 8 + place - 1 - start, next))
          content = nil
        } else if ASEJSONFile.isIdentity(line[...]) {
          content = next + 1
        }
        (place, line) = (next, [])
      }
      line += rest
    }
    length = rows.last?.end ?? 0
    let end = Array("\"nextid\": \(rows.count + 1)}\n".utf8)
    if file.length - rowsEnd >= end.count,
      try file.read(offset: file.length - end.count, count: end.count) == end
    {
      isComplete = true
    } else {
      try file.truncate(to: rowsEnd)
    }
  }

  func records(offset: Int, count: Int, _ body: ([UInt8]) throws -> Void) throws -> Bool {
    guard offset >= 0, count >= 0, offset <= length, count <= length - offset else { return false }
    var done = offset
    while done < offset + count {
      // The first row that ends later.
      var (low, high) = (0, rows.count)
      while low < high {
        let middle = (low + high) / 2
        if rows[middle].end <= done { low = middle + 1 } else { high = middle }
      }
      guard low < rows.count, (low == 0 ? 0 : rows[low - 1].end) == done else { return false }
      let size = rows[low].end - done - 8
      try body(UInt64(size).littleEndianBytes)
      try file.pieces(offset: rows[low].place - 4 - size, count: size) {
        (bytes: [UInt8]) throws in try body(bytes)
      }
      done = rows[low].end
    }
    return done == offset + count
  }

  func truncate(to count: Int) throws(FileError) {
    precondition(count <= length, "truncate makes a file shorter")
    rows.removeAll { $0.end > count }
    (length, assembler) = (rows.last?.end ?? 0, RecordAssembler())
    try file.truncate(to: rowsEnd)
    isComplete = false
    try writeEnd()
  }
}
