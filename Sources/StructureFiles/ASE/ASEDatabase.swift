// SPDX-License-Identifier: MIT

import Files
import RelaxNumerics
import Structures

/// ASE's database in SQLite.
struct ASEDatabase: StructureFormat {
  let name = "ASE database"
  let endings = ["db"]
  let encoder: (any FrameEncoder)? = ASEDatabaseEncoder()
  let isCompressible = false
  func records(_ path: String, _ start: RecordFileStart) throws(FileError) -> any RecordFile {
    try ASEDatabaseFile(path: path, start)
  }

  func recognizes(_ start: FileStart) -> Bool { SQLiteFile.isLikely(start.bytes) }

  func frames(of file: StructureInput) throws(FileError) -> any FrameSource {
    var hasLog = false
    if let path = file.path {
      let place = FilePlace(path).path
      func isThere(_ ending: String) -> Bool { FileSystem.status(place + ending)?.st_size ?? 0 > 0 }
      // The log of a run of ours, or of another program that is writing; its index says what counts of it.
      hasLog = isThere("-wal") && isThere("-shm")
      if let ending = ["-journal", "-wal"].first(where: isThere), !hasLog {
        throw FileError(
          .framing, file: path,
          "changes to the database wait in \(PathText.shown(path + ending)): a program is writing to it, or has "
            + "ended too early; `ase db FILE` or `sqlite3 FILE .tables` takes them in")
      }
    }
    return try ASEDatabaseReader(try file.randomAccess(keepsName: true), hasLog: hasLog)
  }
}

/// Reads the rows of a database in the order of their ids.
final class ASEDatabaseReader: FrameSource {
  let file: String
  /// Kept open, since an unpacked database has no other name.
  private let bytes: RandomAccessFile
  private let rows: SQLiteFile.Statement
  private let places: [String: Int]
  private let baseName: String
  private var index = 0

  private static let wanted = [
    "id", "numbers", "positions", "cell", "pbc", "initial_magmoms", "initial_charges", "masses",
    "tags", "momenta", "constraints", "energy", "free_energy", "forces", "stress", "dipole",
    "magmoms", "magmom", "charges", "key_value_pairs",
  ]

  init(_ bytes: RandomAccessFile, hasLog: Bool) throws(FileError) {
    (file, self.bytes) = (bytes.path, bytes)
    baseName = StructureReader.baseName(of: bytes.path)
    let database = try SQLiteFile(
      path: bytes.path, place: bytes.place, hasLog ? .readingWithLog : .reading)
    // It is open now.
    defer { bytes.removeName() }
    // A view could compute for ever.
    let tables = try database.statement(
      "SELECT count(*) FROM sqlite_master WHERE type='table' AND name IN ('systems', 'information')"
    )
    guard try tables.step(), tables.integer(0) == 2 else {
      throw FileError(
        .framing, file: bytes.path,
        "this SQLite database is none of ASE, or of an old version: it has no tables of systems and information"
      )
    }
    let table = try database.statement("SELECT name FROM pragma_table_info('systems')")
    var columns: Set<String> = []
    while try table.step() { columns.insert(String(decoding: table.bytes(0), as: UTF8.self)) }
    guard columns.isSuperset(of: ["id", "numbers", "positions", "cell", "pbc"]) else {
      throw FileError(
        .framing, file: bytes.path,
        "this SQLite database is none of ASE: it has no table of systems")
    }
    try ASEDatabaseReader.requireVersion(database)
    let names = ASEDatabaseReader.wanted.filter(columns.contains)
    rows = try database.statement(
      "SELECT \(names.joined(separator: ", ")) FROM systems ORDER BY id")
    places = Dictionary(uniqueKeysWithValues: names.enumerated().map { ($1, $0) })
  }

  private static func requireVersion(_ database: SQLiteFile) throws(FileError) {
    let old = FileError(
      .framing, file: database.path,
      "this database was written by an old version of ASE; `python -m ase.db.convert FILE` renews it"
    )
    let tables = try database.statement(
      "SELECT count(*) FROM sqlite_master WHERE name='information'")
    guard try tables.step(), tables.integer(0) ?? 0 > 0 else { throw old }
    let version = try database.statement("SELECT value FROM information WHERE name='version'")
    guard try version.step(), let number = Int(String(decoding: version.bytes(0), as: UTF8.self))
    else { throw old }
    guard number >= 5 else { throw old }
    guard number <= 9 else {
      throw FileError(
        .framing, file: database.path,
        "version \(number) of ASE's database is not known; 5 to 9 are")
    }
  }

  func next() throws(FileError) -> Frame? {
    guard try rows.step() else {
      if index == 0 {
        throw FileError(.framing, file: file, "the database contains no structures")
      }
      return nil
    }
    defer { index += 1 }
    let id = rows.integer(places["id"] ?? 0) ?? index + 1
    do throws(DataError) {
      return Frame(
        index: index, baseName: baseName, file: file, part: "row \(id)", row: try row())
    } catch {
      let failure = FileError(.content, file: file, part: "row \(id)", error.reason)
      return Frame(
        index: index, line: nil, identifier: "\(baseName)#\(index)", content: .failure(failure))
    }
  }

  private func row() throws(DataError) -> ASERow {
    var row = ASERow()
    row.numbers = try wholes("numbers")
    let count = row.numbers?.count ?? 0
    row.positions = try reals("positions")
    row.cell = try reals("cell")
    let flags = places["pbc"].flatMap { rows.integer($0) } ?? 0
    row.periodicity = [1, 2, 4].map { flags & $0 == 0 ? 0 : 1 }
    row.tags = try wholes("tags", count: count)
    row.masses = try reals("masses")
    row.momenta = try reals("momenta")
    row.initialMagneticMoments = try reals("initial_magmoms")
    row.initialCharges = try reals("initial_charges")
    row.energy = number("energy")
    row.freeEnergy = number("free_energy")
    row.forces = try reals("forces")
    row.stress = try reals("stress")
    row.dipole = try reals("dipole")
    row.magneticMoments = try reals("magmoms")
    row.magneticMoment = number("magmom")
    row.charges = try reals("charges")
    for name in ["constraints", "key_value_pairs"] {
      guard let place = places[name], !rows.isNull(place) else { continue }
      do throws(JSONError) {
        var cursor = JSONCursor(rows.bytes(place), allowsNaN: true)
        try row.take(name, in: .row, &cursor)
      } catch { throw ASERow.unusable("its \(name) are no JSON: \(error.description)") }
    }
    return row
  }

  private func number(_ name: String) -> Double? { places[name].flatMap { rows.number($0) } }

  /// The numbers of a blob of doubles; nil for none.
  private func reals(_ name: String) throws(DataError) -> [Double]? {
    guard let place = places[name], !rows.isNull(place) else { return nil }
    let bytes = rows.bytes(place)
    guard bytes.count % 8 == 0 else {
      throw ASERow.unusable("its \(name) have \(bytes.count) bytes, no whole number of doubles")
    }
    return ASEDatabaseReader.numbers(bytes, size: 8) { Double(bitPattern: $0) }
  }

  /// The numbers of a blob of whole ones of 32 bits, or of 64 where that fits `count`.
  private func wholes(_ name: String, count: Int? = nil) throws(DataError) -> [Double]? {
    guard let place = places[name], !rows.isNull(place) else { return nil }
    let bytes = rows.bytes(place)
    guard bytes.count % 4 == 0 else {
      throw ASERow.unusable("its \(name) have \(bytes.count) bytes, no whole number of integers")
    }
    if let count, count > 0, bytes.count == 8 * count {
      return ASEDatabaseReader.numbers(bytes, size: 8) { Double(Int64(bitPattern: $0)) }
    }
    return ASEDatabaseReader.numbers(bytes, size: 4) { Double(Int32(truncatingIfNeeded: $0)) }
  }

  private static func numbers(
    _ bytes: [UInt8], size: Int, _ number: (UInt64) -> Double
  ) -> [Double] {
    stride(from: 0, to: bytes.count, by: size).map { start in
      var bits: UInt64 = 0
      for k in (0..<size).reversed() { bits = bits << 8 | UInt64(bytes[start + k]) }
      return number(bits)
    }
  }
}
