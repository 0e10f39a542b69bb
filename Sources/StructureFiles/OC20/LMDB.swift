// SPDX-License-Identifier: MIT

import Files
import RelaxNumerics
import Structures

/// Databases in LMDB: OC20's graphs of PyTorch Geometric, and ASE's rows (`.aselmdb`).
struct LMDB: StructureFormat {
  let name = "LMDB"
  let endings = ["lmdb", "aselmdb"]
  let encoder: (any FrameEncoder)? = nil

  func recognizes(_ start: FileStart) -> Bool { LMDBFile.isLikely(start.bytes) }

  func frames(of file: StructureInput) throws(FileError) -> any FrameSource {
    let bytes = try file.randomAccess()
    let database = try LMDBFile(bytes)
    if let next = try database.value(of: Array("nextid".utf8)) {
      return try ASELMDBReader(database, nextID: next)
    }
    return try GraphDatabaseReader(database)
  }
}

/// Reads ASE's rows in the order of their ids: compressed JSON, as fairchem writes it.
final class ASELMDBReader: FrameSource {
  let file: String
  private let database: LMDBFile
  private let baseName: String
  private let deleted: Set<Int>
  private let nextID: Int
  private var id = 1
  private var index = 0

  /// Bytes that one row may have: a hundred thousand atoms with all their results.
  private static let longestRow = 1 << 27

  init(_ database: LMDBFile, nextID: [UInt8]) throws(FileError) {
    (file, self.database) = (database.path, database)
    baseName = StructureReader.baseName(of: database.path)
    let file = database.path
    func json(_ bytes: [UInt8], _ part: String) throws(FileError) -> JSONText {
      do {
        return try JSONText(parsing: try Inflation.inflate(bytes, most: 1 << 24))
      } catch let error as JSONError {
        throw FileError(.framing, file: file, part: part, error.description)
      } catch let error as DataError {
        throw FileError(.framing, file: file, part: part, error.reason)
      } catch { preconditionFailure("no other errors are thrown") }
    }
    guard case .integer(let next) = try json(nextID, "nextid"), next >= 1, next < 1 << 40 else {
      throw FileError(.framing, file: file, part: "nextid", "expected the id of the next row")
    }
    self.nextID = next
    var deleted: Set<Int> = []
    if let bytes = try database.value(of: Array("deleted_ids".utf8)),
      case .array(let ids) = try json(bytes, "deleted_ids")
    {
      for case .integer(let id) in ids { deleted.insert(id) }
    }
    self.deleted = deleted
  }

  func next() throws(FileError) -> Frame? {
    while id < nextID, deleted.contains(id) { id += 1 }
    guard id < nextID else {
      if index == 0 {
        throw FileError(.framing, file: file, "the database contains no structures")
      }
      return nil
    }
    let part = "row \(id)"
    defer { (id, index) = (id + 1, index + 1) }
    guard let value = try database.value(of: Array("\(id)".utf8)) else {
      throw FileError(
        .framing, file: file, part: part, "the row is missing, and not said to be deleted")
    }
    do {
      var row = ASERow()
      var cursor = JSONCursor(
        try Inflation.inflate(value, most: ASELMDBReader.longestRow), allowsNaN: true)
      try cursor.enterObject()
      while let key = try cursor.nextKey() { try row.take(key, in: .row, &cursor) }
      try cursor.requireEnd()
      return Frame(index: index, baseName: baseName, file: file, part: part, row: row)
    } catch let error as JSONError {
      throw FileError(.framing, file: file, part: part, error.description)
    } catch let error as DataError {
      throw FileError(.framing, file: file, part: part, error.reason)
    } catch { preconditionFailure("no other errors are thrown") }
  }
}
