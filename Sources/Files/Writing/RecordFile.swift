// SPDX-License-Identifier: MIT

/// A file to which records are appended, and of which the last ones can be taken back.
///
/// Places and lengths count bytes of records, one after the other. How these lie in the file is the file's own
/// affair: plain text has them as they are, a database in its rows.
public protocol RecordFile: AnyObject {
  /// Where it lies, as it was given.
  var path: String { get }
  /// Whether it can be cut and continued; pipes and devices cannot.
  var isRegular: Bool { get }
  /// Bytes of the records in it.
  var length: Int { get }
  /// Appends bytes of records: many records, or a piece of one.
  func append(_ bytes: [UInt8]) throws(FileError)
  /// Shows what was appended to those who read the file meanwhile; a killed process loses none of it.
  func commit() throws(FileError)
  /// Hands out the bytes of records, a piece at a time.
  ///
  /// - Returns: whether there are as many; if not, some may have been handed out.
  func records(offset: Int, count: Int, _ body: ([UInt8]) throws -> Void) throws -> Bool
  /// Keeps the first `count` bytes of records.
  func truncate(to count: Int) throws(FileError)
  /// Waits until everything is on the disk.
  ///
  /// - Throws: kind `inconsistent` if the file has been deleted or replaced meanwhile.
  func synchronize() throws(FileError)
  /// Makes the file's name durable, where the system can.
  func synchronizeName()
  /// Leaves the file as others expect it, with nothing beside it.
  func finish() throws(FileError)
}

/// How a file of records is opened.
public enum RecordFileStart: Hashable, Sendable {
  /// Anew; a file that is there is in the way, or is replaced.
  case creating(replacing: Bool)
  /// As an earlier process left it.
  case reopening
  /// Empty, under a name that only its maker knows: if the process is killed, nobody wants it.
  case nameless
}

extension RecordFile {
  /// The checksum of records; nil if there are fewer.
  public func checksum(offset: Int, count: Int) throws -> Checksum? {
    var sum = Checksum()
    return try records(offset: offset, count: count) { sum.update($0) } ? sum : nil
  }
}

extension AppendFile: RecordFile {
  /// The bytes between two places, if the file is that long.
  public func records(
    offset: Int, count: Int, _ body: ([UInt8]) throws -> Void
  ) throws -> Bool {
    guard offset >= 0, count >= 0, offset <= length, count <= length - offset else { return false }
    try pieces(offset: offset, count: count) { (piece: [UInt8]) throws in try body(piece) }
    return true
  }

  /// Opens a file at `path`.
  public static func open(_ path: String, _ start: RecordFileStart) throws(FileError) -> AppendFile
  {
    switch start {
    case .creating(let replacing): try create(path, replacing: replacing)
    case .reopening, .nameless: try reopen(path)
    }
  }

  /// What is appended is in the file at once.
  public func commit() {}

  /// Nothing is left to do.
  public func finish() {}
}

/// Puts records together that come in pieces: each is its length (8 bytes, the smallest first) and as many bytes.
package struct RecordAssembler {
  private var pending: [UInt8] = []

  /// Nothing yet.
  package init() {}

  /// Bytes of a record that is not complete.
  package var count: Int { pending.count }

  /// Takes a piece, and hands out the records that are complete, with their lengths in front.
  package mutating func take(
    _ piece: [UInt8], _ body: (ArraySlice<UInt8>) throws(FileError) -> Void
  ) throws(FileError) {
    let bytes = pending.isEmpty ? piece : pending + piece
    var start = 0
    while let length = RecordAssembler.length(bytes[start...]), length <= bytes.count - start {
      try body(bytes[start..<start + length])
      start += length
    }
    pending = Array(bytes[start...])
  }

  /// Bytes of the record that begins so, with its length; nil if that is not complete, or absurd.
  package static func length(_ bytes: ArraySlice<UInt8>) -> Int? {
    guard bytes.count >= 8 else { return nil }
    let length = bytes.prefix(8).reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    return length < 1 << 40 ? Int(length) + 8 : nil
  }
}
