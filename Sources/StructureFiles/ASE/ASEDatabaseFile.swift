// SPDX-License-Identifier: MIT

import Files
import Structures

/// ASE's database in SQLite, of version 9, with all tables filled that ASE selects by; rows can be appended while
/// others read.
///
/// Finished structures are transactions. While a run goes on they stand in the log that SQLite keeps beside the file
/// (`-wal`), which `finish` takes in.
final class ASEDatabaseFile: RecordFile {
  let path: String
  private let file: AppendFile
  private let database: SQLiteFile
  private var statements: Statements?
  private let isNameless: Bool
  private var assembler = RecordAssembler()
  private var rows = 0
  /// Bytes of their records; nil until they have been counted.
  private var knownLength: Int? = 0
  /// Whether a transaction has begun.
  private var isOpen = false
  /// The `version()` that was met last.
  private var knownVersion: Int?
  /// Whether the file has a log beside it.
  private var hasLog = false
  /// A row and the bytes of the records before it: asked for from the first to the last.
  private var cursor = (row: 1, offset: 0)
  /// Stands before the row of the cursor.
  private var reading: SQLiteFile.Statement?

  init(path: String, _ start: RecordFileStart) throws(FileError) {
    self.path = path
    file = try AppendFile.open(path, start)
    guard file.isRegular else {
      throw FileError(.unwritable, file: path, "a database cannot be written to a pipe or device")
    }
    isNameless = start == .nameless
    database = try SQLiteFile(path: path, place: file.resolvedPath, .writing)
    if case .reopening = start, try hasTables() {
      (rows, knownLength) = (try count(), nil)
      // A killed process leaves its log.
      let mode = try database.statement("PRAGMA journal_mode")
      if try mode.step(), mode.bytes(0) == Array("wal".utf8) {
        try database.run("PRAGMA synchronous=NORMAL")
        hasLog = true
      }
    } else {
      try begin()
      for statement in ASEDatabaseFile.schema { try database.run(statement) }
      try commit()
    }
  }

  var isRegular: Bool { true }

  /// After what was looked at last only the rest has to be read.
  var length: Int {
    if let knownLength { return knownLength }
    // What cannot be read is too much, and shows when it is cut.
    while let record = try? nextRecord() { _ = record }
    let length = cursor.row > rows ? cursor.offset : .max
    knownLength = length
    return length
  }
  func synchronizeName() { file.synchronizeName() }

  // MARK: - Appending

  func append(_ bytes: [UInt8]) throws(FileError) {
    knownLength = length + bytes.count
    try assembler.take(bytes) { record throws(FileError) in
      guard let values = ASEDatabaseEncoder.values(of: record) else {
        preconditionFailure("records are those of the encoder")
      }
      try begin()
      try insert(values, identity: ASERecord.identity(record, number: rows))
      rows += 1
    }
  }

  private func begin() throws(FileError) {
    guard !isOpen else { return }
    // Who reads keeps the log from being taken in.
    reading = nil
    if !hasLog {
      // Of a nameless file a killed process leaves nothing that anyone reads.
      try database.run("PRAGMA journal_mode=\(isNameless ? "OFF" : "WAL")")
      try database.run("PRAGMA synchronous=\(isNameless ? "OFF" : "NORMAL")")
      hasLog = true
    }
    try database.run("BEGIN IMMEDIATE")
    isOpen = true
    let version = try version()
    guard knownVersion == nil || knownVersion == version else {
      try? database.run("ROLLBACK")
      isOpen = false
      throw .changedMeanwhile(path)
    }
    knownVersion = version
  }

  /// A number that changes when another connection changes the database.
  private func version() throws(FileError) -> Int? {
    let statement = try database.statement("PRAGMA data_version")
    return try statement.step() ? statement.integer(0) : nil
  }

  func commit() throws(FileError) {
    // The rows of a nameless file become one transaction.
    guard isOpen, !isNameless || statements == nil else { return }
    try database.run("COMMIT")
    isOpen = false
  }

  func synchronize() throws(FileError) {
    try commit()
    reading = nil
    guard hasLog, !isNameless else { return }
    try database.run("PRAGMA wal_checkpoint(PASSIVE)")
    try file.synchronize()
  }

  func finish() throws(FileError) {
    if isOpen { try database.run("COMMIT") }
    isOpen = false
    (statements, reading) = (nil, nil)
    guard hasLog, !isNameless else { return }
    // Fails while somebody reads; then the last to close the file takes the log in.
    try? database.run("PRAGMA busy_timeout=2000")
    try? database.run("PRAGMA journal_mode=DELETE")
    hasLog = false
  }

  private struct Statements {
    let row, species, keys, texts, numbers: SQLiteFile.Statement
  }

  private func prepared() throws(FileError) -> Statements {
    if let statements { return statements }
    let columns = (["id", "unique_id"] + ASEDatabaseEncoder.columns).joined(separator: ", ")
    let places = Array(repeating: "?", count: 2 + ASEDatabaseEncoder.columns.count).joined(
      separator: ", ")
    let made = Statements(
      row: try database.statement("INSERT INTO systems (\(columns)) VALUES (\(places))"),
      species: try database.statement("INSERT INTO species VALUES (?, ?, ?)"),
      keys: try database.statement("INSERT INTO keys VALUES (?, ?)"),
      texts: try database.statement("INSERT INTO text_key_values VALUES (?, ?, ?)"),
      numbers: try database.statement("INSERT INTO number_key_values VALUES (?, ?, ?)"))
    statements = made
    return made
  }

  private func insert(_ values: [SQLiteValue], identity: String) throws(FileError) {
    let statements = try prepared()
    let id = SQLiteValue.integer(rows + 1)
    try statements.row.run([id, .text(identity)] + values)
    var counts: [(number: Int, count: Int)] = []
    for number in ASEDatabaseFile.numbers(values) {
      if let place = counts.firstIndex(where: { $0.number == number }) {
        counts[place].count += 1
      } else {
        counts.append((number, 1))
      }
    }
    for (number, count) in counts {
      try statements.species.run([.integer(number), .integer(count), id])
    }
    for pair in ASEDatabaseFile.pairs(values) {
      try statements.keys.run([.text(pair.key), id])
      switch pair.value {
      case .string(let text): try statements.texts.run([.text(pair.key), .text(text), id])
      case .boolean(let flag):
        try statements.numbers.run([.text(pair.key), .number(flag ? 1 : 0), id])
      default:
        try statements.numbers.run([.text(pair.key), .number(pair.value.number ?? .nan), id])
      }
    }
  }

  private static func value(_ column: String, _ values: [SQLiteValue]) -> SQLiteValue {
    ASEDatabaseEncoder.columns.firstIndex(of: column).map { values[$0] } ?? .null
  }

  /// Atomic numbers of a row.
  private static func numbers(_ values: [SQLiteValue]) -> [Int] {
    guard case .blob(let bytes) = value("numbers", values) else { return [] }
    return stride(from: 0, to: bytes.count, by: 4).map { Int(bytes[$0]) }
  }

  /// Key-value pairs of a row.
  private static func pairs(_ values: [SQLiteValue]) -> [JSONText.Member] {
    guard case .text(let text) = value("key_value_pairs", values) else { return [] }
    var cursor = JSONCursor(Array(text.utf8), allowsNaN: true)
    guard case .object(let members)? = try? cursor.value() else { return [] }
    return members
  }

  // MARK: - Looking back

  /// They are made in one transaction.
  private func hasTables() throws(FileError) -> Bool {
    let tables = try database.statement("SELECT count(*) FROM sqlite_master")
    return try tables.step() && tables.integer(0) != 0
  }

  private func count() throws(FileError) -> Int {
    do throws(FileError) {
      let ids = try database.statement("SELECT count(*), max(id) FROM systems")
      guard try ids.step(), let count = ids.integer(0), count == 0 || ids.integer(1) == count else {
        throw changed
      }
      return count
    } catch { throw error.kind == .framing ? changed : error }
  }

  private var changed: FileError {
    FileError(
      .inconsistent, file: path,
      "the database was changed: it is not what a run has left; pass --overwrite to start again")
  }

  /// The record at the cursor, which moves on; nil behind the last row.
  private func nextRecord() throws(FileError) -> [UInt8]? {
    guard cursor.row <= rows else { return nil }
    let statement: SQLiteFile.Statement
    if let known = reading {
      statement = known
    } else {
      let columns = ASEDatabaseEncoder.columns.joined(separator: ", ")
      statement = try database.statement(
        "SELECT \(columns) FROM systems WHERE id >= \(cursor.row) ORDER BY id")
      reading = statement
    }
    guard try statement.step() else { throw changed }
    let record = ASEDatabaseEncoder.record(
      ASEDatabaseEncoder.columns.indices.map { statement.value($0) })
    cursor = (cursor.row + 1, cursor.offset + record.count)
    return record
  }

  /// Goes to the row that begins at byte `offset` of the records; false if none does.
  private func seek(_ offset: Int) throws(FileError) -> Bool {
    if offset < cursor.offset { (cursor, reading) = ((1, 0), nil) }
    while cursor.offset < offset, try nextRecord() != nil {}
    return cursor.offset == offset
  }

  func records(offset: Int, count: Int, _ body: ([UInt8]) throws -> Void) throws -> Bool {
    guard offset >= 0, count >= 0, try seek(offset) else { return false }
    while cursor.offset < offset + count, let record = try nextRecord() { try body(record) }
    return cursor.offset == offset + count
  }

  func truncate(to count: Int) throws(FileError) {
    precondition(count <= length, "truncate makes a file shorter")
    if isOpen { try database.run("COMMIT") }
    isOpen = false
    assembler = RecordAssembler()
    rows = try self.count()
    guard try seek(count) else { throw changed }
    reading = nil
    try begin()
    for (table, column) in [
      ("number_key_values", "id"), ("text_key_values", "id"), ("keys", "id"), ("species", "id"),
      ("systems", "id"),
    ] {
      try database.run("DELETE FROM \(table) WHERE \(column) >= \(cursor.row)")
    }
    try database.run("UPDATE sqlite_sequence SET seq=\(cursor.row - 1) WHERE name='systems'")
    (rows, knownLength) = (cursor.row - 1, count)
    try commit()
  }

  // MARK: - Schema

  private static let schema = [
    """
    CREATE TABLE systems (id INTEGER PRIMARY KEY AUTOINCREMENT, unique_id TEXT UNIQUE, ctime REAL, mtime REAL, \
    username TEXT, numbers BLOB, positions BLOB, cell BLOB, pbc INTEGER, initial_magmoms BLOB, \
    initial_charges BLOB, masses BLOB, tags BLOB, momenta BLOB, constraints TEXT, calculator TEXT, \
    calculator_parameters TEXT, energy REAL, free_energy REAL, forces BLOB, stress BLOB, dipole BLOB, \
    magmoms BLOB, magmom REAL, charges BLOB, key_value_pairs TEXT, data BLOB, natoms INTEGER, fmax REAL, \
    smax REAL, volume REAL, mass REAL, charge REAL)
    """,
    "CREATE TABLE species (Z INTEGER, n INTEGER, id INTEGER, FOREIGN KEY (id) REFERENCES systems(id))",
    "CREATE TABLE keys (key TEXT, id INTEGER, FOREIGN KEY (id) REFERENCES systems(id))",
    "CREATE TABLE text_key_values (key TEXT, value TEXT, id INTEGER, FOREIGN KEY (id) REFERENCES systems(id))",
    "CREATE TABLE number_key_values (key TEXT, value REAL, id INTEGER, FOREIGN KEY (id) REFERENCES systems(id))",
    "CREATE TABLE information (name TEXT, value TEXT)",
    "INSERT INTO information VALUES ('version', '9')",
    "CREATE INDEX unique_id_index ON systems(unique_id)",
    "CREATE INDEX ctime_index ON systems(ctime)",
    "CREATE INDEX username_index ON systems(username)",
    "CREATE INDEX calculator_index ON systems(calculator)",
    "CREATE INDEX species_index ON species(Z)",
    "CREATE INDEX key_index ON keys(key)",
    "CREATE INDEX text_index ON text_key_values(key)",
    "CREATE INDEX number_index ON number_key_values(key)",
  ]
}
