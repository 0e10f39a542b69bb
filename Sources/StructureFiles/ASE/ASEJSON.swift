// SPDX-License-Identifier: MIT

import Files
import RelaxNumerics
import Structures

/// ASE's database as JSON: an object with a row for each id.
struct ASEJSON: StructureFormat {
  let name = "ASE database in JSON"
  let endings = ["json"]
  let encoder: (any FrameEncoder)? = ASEJSONEncoder()
  let isCompressible = false
  func records(_ path: String, _ start: RecordFileStart) throws(FileError) -> any RecordFile {
    try ASEJSONFile(path: path, start)
  }

  func recognizes(_ start: FileStart) -> Bool {
    let text = start.bytes.drop { $0 <= 32 }
    guard text.first == UInt8(ascii: "{") else { return false }
    let words = String(decoding: text.prefix(4096), as: UTF8.self)
    return ["\"unique_id\"", "\"numbers\"", "\"ctime\"", "\"positions\""].contains {
      words.contains($0)
    }
  }

  func frames(of file: StructureInput) throws(FileError) -> any FrameSource {
    ASEJSONReader(file.bytes, file: file.start.file, capacity: file.capacity)
  }
}

/// Reads the rows in the order of the file; memory is that of one of them.
final class ASEJSONReader: FrameSource {
  let file: String
  private var members: JSONMembers
  private let baseName: String
  private var index = 0

  init(_ bytes: any ByteSource, file: String, capacity: Int) {
    self.file = file
    baseName = StructureReader.baseName(of: file)
    members = JSONMembers(bytes, file: file, capacity: capacity)
  }

  func next() throws(FileError) -> Frame? {
    while let (key, line) = try members.nextMember() {
      if ["ids", "nextid", "metadata"].contains(key) { continue }
      guard Int(key) != nil else {
        throw FileError(
          .framing, file: file, line: line,
          "\(Excerpt.quote(key)) is no id of a row: this is not a database of ASE")
      }
      defer { index += 1 }
      var row = ASERow()
      do throws(JSONError) {
        var cursor = members.cursor
        try cursor.enterObject()
        while let key = try cursor.nextKey() { try row.take(key, in: .row, &cursor) }
        try cursor.requireEnd()
      } catch {
        throw FileError(
          .framing, file: file, line: line + error.line - 1,
          column: error.line > 1 ? error.column : nil, error.reason)
      }
      return Frame(index: index, baseName: baseName, file: file, part: "row \(key)", row: row)
    }
    if index == 0 { throw FileError(.framing, file: file, "the file contains no structures") }
    return nil
  }
}
