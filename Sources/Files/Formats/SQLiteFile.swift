// SPDX-License-Identifier: MIT

import CSQLite

/// What a column of an SQLite database can hold.
package enum SQLiteValue: Hashable, Sendable {
  case null
  case integer(Int)
  case number(Double)
  case text(String)
  case blob([UInt8])
}

/// An SQLite database, through the system's library.
///
/// Reading trusts nothing: the file is opened without writing and without a log beside it, the library checks
/// cells as it goes, and no statement of the file's own (views, triggers) can call what has effects.
package final class SQLiteFile {
  /// Path of the file, as messages name it.
  package let path: String
  private var handle: OpaquePointer?

  /// How a database is opened.
  package enum Access: Hashable {
    /// For reading only; nobody may write to it meanwhile.
    case reading
    /// For reading only, together with the log of a program that is writing to it or was killed.
    case readingWithLog
    /// For reading and writing, made if it is not there.
    case writing
  }

  /// Whether a file that begins so is an SQLite database.
  package static func isLikely(_ start: [UInt8]) -> Bool {
    start.starts(with: "SQLite format 3\0".utf8)
  }

  /// Opens the database at `place`, which messages call `path`.
  package init(path: String, place: String? = nil, _ access: Access) throws(FileError) {
    self.path = path
    let flags: Int32
    let name: String
    switch access {
    case .reading, .readingWithLog:
      flags = SQLITE_OPEN_READONLY | SQLITE_OPEN_URI | SQLITE_OPEN_PRIVATECACHE
      name = SQLiteFile.uri(place ?? path, isImmutable: access == .reading)
    case .writing:
      flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_PRIVATECACHE
      name = place ?? path
    }
    var bytes = PathText.bytes(of: name).map { CChar(bitPattern: $0) }
    bytes.append(0)
    let code = sqlite3_open_v2(bytes, &handle, flags | SQLITE_OPEN_NOMUTEX, nil)
    guard code == SQLITE_OK else {
      let reason = handle.map { String(cString: sqlite3_errmsg($0)) } ?? "not enough memory"
      sqlite3_close_v2(handle)
      handle = nil
      throw FileError(
        access == .writing ? .unwritable : .unreadable, file: path, "SQLite says: \(reason)")
    }
    sqlite3_extended_result_codes(handle, 1)
    sqlite3_busy_timeout(handle, 20_000)
    if access != .writing {
      sqlite3_limit(handle, SQLITE_LIMIT_LENGTH, 1 << 29)
      try run("PRAGMA trusted_schema=OFF")
      try run("PRAGMA cell_size_check=ON")
      try run("PRAGMA mmap_size=0")
    }
  }

  deinit { sqlite3_close_v2(handle) }

  /// A name that SQLite takes as a file which nobody changes.
  private static func uri(_ path: String, isImmutable: Bool) -> String {
    var text = "file:"
    for byte in PathText.bytes(of: path.hasPrefix("/") ? path : "./" + path) {
      switch byte {
      case 45...57, 65...90, 95, 97...122: text.unicodeScalars.append(Unicode.Scalar(byte))
      default:
        let digits = Array("0123456789ABCDEF")
        text += "%\(digits[Int(byte >> 4)])\(digits[Int(byte & 15)])"
      }
    }
    return text + "?mode=ro" + (isImmutable ? "&immutable=1" : "")
  }

  /// Executes a statement that has no results.
  package func run(_ statement: String) throws(FileError) {
    let code = sqlite3_exec(handle, statement, nil, nil, nil)
    guard code == SQLITE_OK else { throw failure(code) }
  }

  /// Prepares a statement, to be stepped through.
  package func statement(_ text: String) throws(FileError) -> Statement {
    var prepared: OpaquePointer?
    let code = sqlite3_prepare_v2(handle, text, -1, &prepared, nil)
    guard code == SQLITE_OK, let prepared else { throw failure(code) }
    return Statement(prepared, of: self)
  }

  fileprivate func failure(_ code: Int32) -> FileError {
    let reason = Excerpt.name(String(cString: sqlite3_errmsg(handle)))
    let kind: FileError.Kind
    switch code & 0xFF {
    case SQLITE_FULL, SQLITE_READONLY, SQLITE_CANTOPEN: kind = .unwritable
    case SQLITE_BUSY, SQLITE_LOCKED: kind = .inUse
    case SQLITE_IOERR, SQLITE_NOMEM, SQLITE_PERM: kind = .unreadable
    default: kind = .framing
    }
    return FileError(kind, file: path, "SQLite says: \(reason)")
  }

  /// A prepared statement and the row that it stands at.
  package final class Statement {
    private let prepared: OpaquePointer
    private let database: SQLiteFile

    fileprivate init(_ prepared: OpaquePointer, of database: SQLiteFile) {
      (self.prepared, self.database) = (prepared, database)
    }

    deinit { sqlite3_finalize(prepared) }

    /// Whether there is another row, which it then stands at.
    package func step() throws(FileError) -> Bool {
      let code = sqlite3_step(prepared)
      switch code {
      case SQLITE_ROW: return true
      case SQLITE_DONE: return false
      default: throw database.failure(code)
      }
    }

    /// Makes it ready to be run again.
    package func reset() {
      sqlite3_reset(prepared)
      sqlite3_clear_bindings(prepared)
    }

    // MARK: Columns

    /// Whether a column is NULL.
    package func isNull(_ column: Int) -> Bool {
      sqlite3_column_type(prepared, Int32(column)) == SQLITE_NULL
    }

    /// A whole number; nil if the column holds something else.
    package func integer(_ column: Int) -> Int? {
      guard sqlite3_column_type(prepared, Int32(column)) == SQLITE_INTEGER else { return nil }
      return Int(sqlite3_column_int64(prepared, Int32(column)))
    }

    /// A number, whole or not; nil if the column holds something else.
    package func number(_ column: Int) -> Double? {
      switch sqlite3_column_type(prepared, Int32(column)) {
      case SQLITE_INTEGER, SQLITE_FLOAT: sqlite3_column_double(prepared, Int32(column))
      default: nil
      }
    }

    /// The bytes of a text or blob; empty for what is NULL.
    package func bytes(_ column: Int) -> [UInt8] {
      let count = Int(sqlite3_column_bytes(prepared, Int32(column)))
      guard count > 0, let start = sqlite3_column_blob(prepared, Int32(column)) else { return [] }
      return Array(UnsafeRawBufferPointer(start: start, count: count))
    }

    /// What a column holds; text that is no UTF-8 is repaired.
    package func value(_ column: Int) -> SQLiteValue {
      switch sqlite3_column_type(prepared, Int32(column)) {
      case SQLITE_INTEGER: .integer(Int(sqlite3_column_int64(prepared, Int32(column))))
      case SQLITE_FLOAT: .number(sqlite3_column_double(prepared, Int32(column)))
      case SQLITE_TEXT: .text(String(decoding: bytes(column), as: UTF8.self))
      case SQLITE_BLOB: .blob(bytes(column))
      default: .null
      }
    }

    // MARK: Parameters

    /// Runs a statement that has no results with these parameters.
    package func run(_ values: [SQLiteValue]) throws(FileError) {
      for (index, value) in values.enumerated() { try bind(index + 1, value) }
      _ = try step()
      reset()
    }

    /// Gives parameter `index`, counted from 1, its value.
    package func bind(_ index: Int, _ value: SQLiteValue) throws(FileError) {
      let transient = unsafeBitCast(-1, to: sqlite3_destructor_type.self)
      let place = Int32(index)
      let code: Int32
      switch value {
      case .null: code = sqlite3_bind_null(prepared, place)
      case .integer(let value): code = sqlite3_bind_int64(prepared, place, Int64(value))
      case .number(let value): code = sqlite3_bind_double(prepared, place, value)
      case .text(let value):
        let bytes = Array(value.utf8)
        code = bytes.withUnsafeBytes { buffer in
          buffer.withMemoryRebound(to: CChar.self) {
            sqlite3_bind_text(prepared, place, $0.baseAddress, Int32($0.count), transient)
          }
        }
      case .blob(let bytes):
        code =
          bytes.isEmpty
          ? sqlite3_bind_zeroblob(prepared, place, 0)
          : bytes.withUnsafeBytes {
            sqlite3_bind_blob(prepared, place, $0.baseAddress, Int32($0.count), transient)
          }
      }
      guard code == SQLITE_OK else { throw database.failure(code) }
    }
  }
}
