// SPDX-License-Identifier: MIT

import Files
import Structures

/// Makes the items of a trajectory.
struct ASETrajectoryEncoder: FrameEncoder {
  func append(_ structure: Structure, to bytes: inout [UInt8]) {
    ASERecord(structure: structure).appendItem(to: &bytes)
  }
}

/// A trajectory that grows: ASE can read it, and append to it, at any time.
///
/// ```
/// header (48 bytes) | table of 1 | item | table of 42 | items … | table of 42² | items …
/// ```
/// Items are records as they are. The places of all of them stand in the last table, of 1, 42, 42², … places as ASE
/// has them: a table is made just before the item that the one before it has no place for. So where everything
/// stands depends on the items alone.
final class ASETrajectoryFile: RecordFile {
  private let file: AppendFile
  private var assembler = RecordAssembler()
  /// Items, and those of them that are in the table and counted by the header.
  private var (count, committed) = (0, 0)
  /// Where tables stand.
  private var tables: [Int] = []
  /// Places of the items that are not in the table.
  private var places: [UInt64] = []
  /// Bytes of items, whole and begun.
  private(set) var length = 0

  private static let signature = Array("- of UlmASE-Trajectory  ".utf8)
  private static let headerLength = 48
  private static let growth = 42

  init(path: String, _ start: RecordFileStart) throws(FileError) {
    file = try AppendFile.open(path, start)
    guard file.isRegular else {
      throw FileError(
        .unwritable, file: path, "a trajectory of ASE cannot be written to a pipe or device")
    }
    if case .reopening = start, file.length >= Self.headerLength + 8 {
      try find()
      return
    }
    try file.truncate(to: 0)
    try file.append(
      Self.signature + [3, 0, UInt64(Self.headerLength)].flatMap { $0.littleEndianBytes })
    try addTable()
  }

  var path: String { file.path }
  var isRegular: Bool { true }
  func synchronizeName() { file.synchronizeName() }
  func synchronize() throws(FileError) { try file.synchronize() }
  func finish() throws(FileError) { try commit() }

  // MARK: - Appending

  func append(_ bytes: [UInt8]) throws(FileError) {
    guard file.isOurs else { throw .changedMeanwhile(path) }
    length += bytes.count
    try assembler.take(bytes) { item throws(FileError) in
      if count == capacity { try addTable() }
      places.append(UInt64(file.length))
      try file.append(Array(item))
      count += 1
    }
  }

  /// The items first, then their places, then their number: a reader sees no item that is not there.
  func commit() throws(FileError) {
    try writePlaces()
    try file.replace(at: 32, with: UInt64(count).littleEndianBytes)
  }

  private func writePlaces() throws(FileError) {
    guard !places.isEmpty else { return }
    try file.replace(
      at: tables[tables.count - 1] + 8 * committed, with: places.flatMap { $0.littleEndianBytes })
    committed += places.count
    places = []
  }

  private func addTable() throws(FileError) {
    try writePlaces()
    let place = file.length
    if let last = tables.last {
      let (old, new) = (8 * capacity, 8 * capacity * Self.growth)
      for start in stride(from: 0, to: old, by: 1 << 20) {
        try file.append(try file.read(offset: last + start, count: min(1 << 20, old - start)))
      }
      for start in stride(from: old, to: new, by: 1 << 20) {
        try file.append([UInt8](repeating: 0, count: min(1 << 20, new - start)))
      }
    } else {
      try file.append([UInt8](repeating: 0, count: 8))
    }
    tables.append(place)
    try file.replace(at: 40, with: UInt64(place).littleEndianBytes)
  }

  // MARK: - Places

  /// Places in the last table.
  private var capacity: Int { size(tables.count - 1) }

  private func size(_ table: Int) -> Int { (0..<table).reduce(1) { size, _ in size * Self.growth } }

  /// Where the item begins that has `offset` bytes of items before it.
  private func place(of offset: Int) -> Int {
    var place = Self.headerLength + offset
    for (table, start) in tables.enumerated() where start <= place { place += 8 * size(table) }
    return place
  }

  /// Where the item ends that has `offset` bytes of items up to its end; a table may follow.
  private func end(of offset: Int) -> Int {
    var place = Self.headerLength + offset
    for (table, start) in tables.enumerated() where table == 0 || start < place {
      place += 8 * size(table)
    }
    return place
  }

  /// Finds the items that an earlier process has appended, and makes the table say where they are: a kill
  /// may have come between the two.
  private func find() throws(FileError) {
    guard try file.read(offset: 0, count: 24) == Self.signature else {
      throw FileError(
        .inconsistent, file: path, "the file was changed: it is no trajectory any more")
    }
    tables = [Self.headerLength]
    var place = Self.headerLength + 8
    var starts: [UInt64] = []
    func flush() throws(FileError) {
      try correct(
        at: tables[tables.count - 1] + 8 * (count - starts.count),
        to: starts.flatMap { $0.littleEndianBytes })
      starts = []
    }
    while true {
      let next = count == capacity ? place + 8 * capacity * Self.growth : place
      guard next <= file.length - 8,
        let size = RecordAssembler.length(try file.read(offset: next, count: 8)[...]),
        size <= file.length - next
      else { break }
      if next > place {
        try flush()
        try correct(
          at: place, to: try file.read(offset: tables[tables.count - 1], count: 8 * capacity))
        tables.append(place)
      }
      starts.append(UInt64(next))
      (count, length, place) = (count + 1, length + size, next + size)
      if starts.count == 1 << 16 { try flush() }
    }
    try flush()
    committed = count
    // What there is of an item that was not completed.
    let rest = file.length - place
    length += rest
    if rest == 0 { try correct(at: 24, to: header) }
  }

  /// Writes only what is different: a file that is right stays untouched.
  private func correct(at place: Int, to bytes: [UInt8]) throws(FileError) {
    guard !bytes.isEmpty, try file.read(offset: place, count: bytes.count) != bytes else { return }
    try file.replace(at: place, with: bytes)
  }

  /// Version, number of items and place of their table.
  private var header: [UInt8] {
    [3, UInt64(count), UInt64(tables[tables.count - 1])].flatMap { $0.littleEndianBytes }
  }

  func records(offset: Int, count: Int, _ body: ([UInt8]) throws -> Void) throws -> Bool {
    guard offset >= 0, count >= 0, offset <= length, count <= length - offset else { return false }
    var (place, left) = (place(of: offset), count)
    for (table, start) in (tables + [file.length]).enumerated() where start > place {
      let piece = min(left, start - place)
      try file.pieces(offset: place, count: piece) { (bytes: [UInt8]) throws in try body(bytes) }
      left -= piece
      place = start + 8 * size(table)
    }
    return left == 0
  }

  func truncate(to count: Int) throws(FileError) {
    precondition(count <= length, "truncate makes a file shorter")
    try writePlaces()
    let place = end(of: count)
    (self.count, length, places) = (try items(before: place), count, [])
    (committed, assembler) = (self.count, RecordAssembler())
    tables.removeAll { $0 > Self.headerLength && $0 >= place }
    try correct(at: 24, to: header)
    try file.truncate(to: place)
  }

  /// How many items stand before `place`.
  private func items(before place: Int) throws(FileError) -> Int {
    var (low, high) = (0, committed)
    while low < high {
      let middle = (low + high) / 2
      let bytes = try file.read(offset: tables[tables.count - 1] + 8 * middle, count: 8)
      let start = bytes.reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
      if start < UInt64(place) { low = middle + 1 } else { high = middle }
    }
    return low
  }
}
