// SPDX-License-Identifier: MIT

import CZlib

/// The directory of a zip archive whose members are stored as they are.
///
/// Sizes and places come from the central directory, so members that were written as a stream
/// (their own headers have no sizes) and those beyond 4 GB (zip64) are read as well. Compressed and
/// encrypted members are refused when they are asked for.
public struct ZipArchive: Sendable {
  /// A file in the archive, as its directory describes it.
  public struct Member: Hashable, Sendable {
    /// Name with its folders.
    public let name: String
    /// Where its own header begins.
    fileprivate let header: Int
    fileprivate let method: Int
    fileprivate let isEncrypted: Bool
    fileprivate let checksum: UInt32
    fileprivate let storedSize: UInt64
    /// Bytes in it.
    public let size: UInt64
  }

  /// All members, in the order of the directory.
  public let members: [Member]
  private let byName: [String: Member]
  private let file: RandomAccessFile
  /// Where members end and the directory begins.
  private let directoryStart: Int

  /// Whether a file that begins with `bytes` may be a zip archive.
  public static func isLikely(_ bytes: some Collection<UInt8>) -> Bool {
    bytes.starts(with: [0x50, 0x4B, 3, 4]) || bytes.starts(with: [0x50, 0x4B, 5, 6])
  }

  /// Reads the directory.
  ///
  /// - Throws: kind `framing` if it is damaged.
  public init(_ file: RandomAccessFile) throws(FileError) {
    self.file = file
    let end = try ZipArchive.directory(file)
    let limits = ZipArchive.limits
    guard end.size <= limits.directory, end.count <= limits.members else {
      throw ZipArchive.damaged(file, "its directory is too large: \(end.count) members")
    }
    var cursor = ByteCursor(try file.bytes(end.start..<end.start + end.size))
    var members: [Member] = []
    var byName: [String: Member] = [:]
    for index in 0..<end.count {
      guard let member = ZipArchive.member(&cursor) else {
        throw ZipArchive.damaged(file, "entry \(index + 1) of its directory is cut or garbled")
      }
      guard byName.updateValue(member, forKey: member.name) == nil else {
        throw ZipArchive.damaged(file, "it has two members called \(Excerpt.quote(member.name))")
      }
      members.append(member)
    }
    (self.members, self.byName, directoryStart) = (members, byName, end.start)
  }

  /// The member of this name.
  public subscript(name: String) -> Member? { byName[name] }

  /// Where the bytes of a member lie in the file, after their checksum was found right.
  ///
  /// - Throws: kind `framing` if the member is compressed, encrypted, cut or damaged.
  public func range(of member: Member) throws(FileError) -> Range<Int> {
    func refuse(_ reason: String) -> FileError {
      ZipArchive.damaged(file, "its member \(Excerpt.quote(member.name)) \(reason)")
    }
    guard !member.isEncrypted else { throw refuse("is encrypted") }
    guard member.method == 0, member.storedSize == member.size else {
      throw refuse("is compressed; only archives stored as they are can be read")
    }
    let headerLength = 30
    guard member.header <= directoryStart - headerLength else {
      throw refuse("lies outside the file")
    }
    var cursor = ByteCursor(
      try file.bytes(member.header..<member.header + headerLength))
    guard cursor.number(4) == 0x0403_4B50, cursor.skip(22), let name = cursor.number(2),
      let extra = cursor.number(2)
    else { throw refuse("has no header of its own where the directory says") }
    let start = member.header + headerLength + Int(name) + Int(extra)
    guard start <= directoryStart, member.size <= UInt64(directoryStart - start) else {
      throw refuse("lies outside the file")
    }
    let nameStart = member.header + headerLength
    guard try file.bytes(nameStart..<nameStart + Int(name)).elementsEqual(member.name.utf8) else {
      throw refuse("has another name in its own header")
    }
    let range = start..<start + Int(member.size)
    guard try checksum(range) == member.checksum else {
      throw refuse("is damaged: its checksum is wrong")
    }
    return range
  }

  // MARK: - Directory

  private static let limits = (directory: 64 << 20, members: 1 << 20)

  private static func damaged(_ file: RandomAccessFile, _ reason: String) -> FileError {
    FileError(.framing, file: file.path, "the zip archive cannot be read: \(reason)")
  }

  private struct Directory { var start: Int, size: Int, count: Int }

  /// Finds the directory by the record at the end of the file.
  private static func directory(
    _ file: RandomAccessFile
  ) throws(FileError) -> Directory {
    let recordLength = 22
    // A comment of up to 65 535 bytes may follow the record.
    let tailStart = max(0, file.length - recordLength - 0xFFFF)
    let tail = try file.bytes(tailStart..<file.length)
    var candidate = tail.count - recordLength
    while candidate >= 0 {
      defer { candidate -= 1 }
      guard tail[candidate] == 0x50 else { continue }
      var cursor = ByteCursor(tail, at: candidate)
      guard cursor.number(4) == 0x0605_4B50, let disk = cursor.number(2),
        let firstDisk = cursor.number(2), let here = cursor.number(2),
        let count = cursor.number(2), let size = cursor.number(4), let start = cursor.number(4),
        let comment = cursor.number(2), cursor.at + Int(comment) == tail.count
      else { continue }
      guard disk == firstDisk, here == count else {
        throw damaged(file, "it is one of several parts")
      }
      if count == 0xFFFF || size == 0xFFFF_FFFF || start == 0xFFFF_FFFF {
        return try directory64(file, before: tailStart + candidate)
      }
      return try checked(
        file, start: start, size: size, count: count, before: tailStart + candidate)
    }
    throw damaged(file, "there is no directory at its end; is the file complete?")
  }

  /// The directory by the longer record, which a locator before the shorter one points to.
  private static func directory64(
    _ file: RandomAccessFile, before end: Int
  ) throws(FileError) -> Directory {
    let (locatorLength, recordLength) = (20, 56)
    guard end >= locatorLength else { throw damaged(file, "its zip64 directory is missing") }
    var locator = ByteCursor(try file.bytes(end - locatorLength..<end))
    guard locator.number(4) == 0x0706_4B50, locator.skip(4), let place = locator.number(8),
      end >= locatorLength + recordLength,
      place <= UInt64(end - locatorLength - recordLength)
    else { throw damaged(file, "its zip64 directory is missing") }
    var cursor = ByteCursor(try file.bytes(Int(place)..<Int(place) + recordLength))
    guard cursor.number(4) == 0x0606_4B50, cursor.skip(28), let count = cursor.number(8),
      let size = cursor.number(8), let start = cursor.number(8)
    else { throw damaged(file, "its zip64 directory is missing") }
    return try checked(file, start: start, size: size, count: count, before: Int(place))
  }

  private static func checked(
    _ file: RandomAccessFile, start: UInt64, size: UInt64, count: UInt64, before end: Int
  ) throws(FileError) -> Directory {
    // An entry has 46 bytes or more, so the count cannot promise more than there is.
    guard start <= UInt64(end), size <= UInt64(end) - start, count <= size / 46 else {
      throw damaged(file, "its directory lies outside the file")
    }
    return Directory(start: Int(start), size: Int(size), count: Int(count))
  }

  /// The next entry of the directory, or nil if there is none.
  private static func member(_ cursor: inout ByteCursor) -> Member? {
    guard cursor.number(4) == 0x0201_4B50, cursor.skip(4), let flags = cursor.number(2),
      let method = cursor.number(2), cursor.skip(4), let checksum = cursor.number(4),
      var storedSize = cursor.number(4), var size = cursor.number(4),
      let nameLength = cursor.number(2), let extraLength = cursor.number(2),
      let commentLength = cursor.number(2), cursor.skip(8), var header = cursor.number(4),
      let nameBytes = cursor.bytes(Int(nameLength)), let extra = cursor.bytes(Int(extraLength)),
      cursor.skip(Int(commentLength)),
      let name = String(validating: nameBytes, as: UTF8.self)
    else { return nil }
    // Fields that do not fit are all ones, and their true values follow in an extra field of kind 1.
    var fields = ByteCursor(Array(extra))
    while let kind = fields.number(2), let length = fields.number(2),
      let content = fields.bytes(Int(length))
    {
      guard kind == 1 else { continue }
      var wide = ByteCursor(Array(content))
      if size == 0xFFFF_FFFF, let value = wide.number(8) { size = value }
      if storedSize == 0xFFFF_FFFF, let value = wide.number(8) { storedSize = value }
      if header == 0xFFFF_FFFF, let value = wide.number(8) { header = value }
    }
    guard let header = Int(exactly: header), header < 1 << 48, size < 1 << 48 else { return nil }
    return Member(
      name: name, header: header, method: Int(method), isEncrypted: flags & 1 != 0,
      checksum: UInt32(checksum), storedSize: storedSize, size: size)
  }

  private func checksum(_ range: Range<Int>) throws(FileError) -> UInt32 {
    var checksum = crc32(0, nil, 0)
    var at = range.lowerBound
    while at < range.upperBound {
      let piece = try file.bytes(at..<min(range.upperBound, at + 1 << 20))
      checksum = crc32(checksum, piece, UInt32(piece.count))
      at += piece.count
    }
    return UInt32(checksum)
  }
}

/// A place in some bytes, from which numbers are taken, the least significant byte first.
///
/// Every step says by nil or false that there is not enough left; then the place stays.
public struct ByteCursor: Sendable {
  private let all: [UInt8]
  /// Index of the next byte.
  public private(set) var at: Int

  /// A cursor in `bytes`.
  public init(_ bytes: [UInt8], at: Int = 0) { (all, self.at) = (bytes, at) }

  /// Bytes that are left.
  public var left: Int { all.count - at }

  /// Whole number of `size` bytes, up to 8, without sign.
  public mutating func number(_ size: Int) -> UInt64? {
    guard size <= left else { return nil }
    var value: UInt64 = 0
    for i in 0..<size { value |= UInt64(all[at + i]) << UInt64(8 * i) }
    at += size
    return value
  }

  /// The next `count` bytes.
  public mutating func bytes(_ count: Int) -> ArraySlice<UInt8>? {
    guard count >= 0, count <= left else { return nil }
    defer { at += count }
    return all[at..<at + count]
  }

  /// The bytes up to the next line feed, which is passed over.
  public mutating func line() -> ArraySlice<UInt8>? {
    guard let end = all[at...].firstIndex(of: 10) else { return nil }
    defer { at = end + 1 }
    return all[at..<end]
  }

  /// Passes over `count` bytes.
  public mutating func skip(_ count: Int) -> Bool { bytes(count) != nil }
}
