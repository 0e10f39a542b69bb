// SPDX-License-Identifier: MIT

import Files

/// Makes zip archives whose members are stored as they are, in every form that readers must know.
public struct StoredZip {
  /// How sizes are written.
  public enum Form: CaseIterable, Sendable {
    /// In the member's own header.
    case plain
    /// After the member, as by programs that write a stream.
    case descriptor
    /// In extra fields and a longer record, as for more than 4 GB.
    case zip64
  }

  /// Names and contents.
  public var members: [(name: String, bytes: [UInt8])]
  /// How sizes are written.
  public var form = Form.plain
  /// Compression method that the directory claims; 0 is none.
  public var method = 0
  /// Flags that the directory claims, beside that of a descriptor.
  public var flags = 0
  /// Text after everything.
  public var comment = ""

  /// An archive of these members.
  public init(_ members: [(name: String, bytes: [UInt8])], form: Form = .plain) {
    (self.members, self.form) = (members, form)
  }

  /// The whole file.
  public var bytes: [UInt8] {
    var file: [UInt8] = []
    var directory: [UInt8] = []
    let flags = self.flags | (form == .descriptor ? 8 : 0)
    for (name, bytes) in members {
      let start = file.count
      let checksum = Int(StoredZip.crc32(bytes))
      let known = form == .plain
      file += number(0x0403_4B50, 4) + number(20, 2) + number(flags, 2) + number(method, 2)
      file += number(0, 4) + number(known ? checksum : 0, 4)
      file += number(known ? bytes.count : 0, 4) + number(known ? bytes.count : 0, 4)
      file += number(name.utf8.count, 2) + number(5, 2) + Array(name.utf8) + number(0xFFFE, 2)
      file += number(1, 2) + [0] + bytes
      if form == .descriptor {
        file += number(0x0807_4B50, 4) + number(checksum, 4) + number(bytes.count, 4)
        file += number(bytes.count, 4)
      }
      let wide = form == .zip64
      let extra =
        wide
        ? number(1, 2) + number(24, 2) + number(bytes.count, 8) + number(bytes.count, 8)
          + number(start, 8) : []
      directory += number(0x0201_4B50, 4) + number(20, 2) + number(20, 2) + number(flags, 2)
      directory += number(method, 2) + number(0, 4) + number(checksum, 4)
      directory += number(wide ? 0xFFFF_FFFF : bytes.count, 4)
      directory += number(wide ? 0xFFFF_FFFF : bytes.count, 4)
      directory += number(name.utf8.count, 2) + number(extra.count, 2) + number(0, 2)
      directory += number(0, 8) + number(wide ? 0xFFFF_FFFF : start, 4)
      directory += Array(name.utf8) + extra
    }
    return file + directory + end(start: file.count, size: directory.count)
  }

  private func end(start: Int, size: Int) -> [UInt8] {
    var bytes: [UInt8] = []
    let count = members.count
    if form == .zip64 {
      bytes += number(0x0606_4B50, 4) + number(44, 8) + number(45, 2) + number(45, 2)
      bytes += number(0, 8) + number(count, 8) + number(count, 8) + number(size, 8)
      bytes += number(start, 8)
      bytes += number(0x0706_4B50, 4) + number(0, 4) + number(start + size, 8) + number(1, 4)
    }
    let wide = form == .zip64
    bytes += number(0x0605_4B50, 4) + number(0, 4)
    bytes += number(wide ? 0xFFFF : count, 2) + number(wide ? 0xFFFF : count, 2)
    bytes += number(wide ? 0xFFFF_FFFF : size, 4) + number(wide ? 0xFFFF_FFFF : start, 4)
    return bytes + number(comment.utf8.count, 2) + Array(comment.utf8)
  }

  private func number(_ value: Int, _ size: Int) -> [UInt8] {
    (0..<size).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
  }

  /// The checksum of zip archives, bit by bit.
  public static func crc32(_ bytes: [UInt8]) -> UInt32 {
    var rest: UInt32 = .max
    for byte in bytes {
      rest ^= UInt32(byte)
      for _ in 0..<8 { rest = rest & 1 == 1 ? rest >> 1 ^ 0xEDB8_8320 : rest >> 1 }
    }
    return ~rest
  }
}
