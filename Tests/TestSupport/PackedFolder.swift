// SPDX-License-Identifier: MIT

import Files
import Foundation

/// A folder as one compressed file: `tar`'s plainest form, packed by `xz`.
enum PackedFolder {
  /// What is wrong with a pack.
  struct Damage: Error, CustomStringConvertible {
    var description: String
  }

  /// Makes the files of the pack at `path` below `folder`.
  static func unpack(_ path: String, into folder: String) throws {
    let bytes = try content(path)
    var place = 0
    // A member is a header of 512 bytes and its content, filled up to a whole number of them.
    while place + 512 <= bytes.count, bytes[place] != 0 {
      let header = bytes[place..<(place + 512)]
      guard let size = Int(text(header, 124, 11), radix: 8), bytes[place + 156] == UInt8(ascii: "0")
      else { throw Damage(description: "\(path): no member of a tar file at byte \(place)") }
      let start = place + 512
      guard start + size <= bytes.count else { throw Damage(description: "\(path) was cut") }
      let parts = [text(header, 345, 155), text(header, 0, 100)].filter { !$0.isEmpty }
      let target = URL(fileURLWithPath: folder + "/" + parts.joined(separator: "/"))
      try FileManager.default.createDirectory(
        at: target.deletingLastPathComponent(), withIntermediateDirectories: true)
      try Data(bytes[start..<(start + size)]).write(to: target)
      place = start + (size + 511) / 512 * 512
    }
  }

  private static func content(_ path: String) throws -> [UInt8] {
    let source = try Decompression.plain(FileBytes(path: path), name: path)
    var bytes = [UInt8](repeating: 0, count: 1 << 20)
    var count = 0
    while true {
      if count == bytes.count { bytes += repeatElement(0, count: bytes.count) }
      let read = try source.read(into: &bytes, at: count)
      if read == 0 { return Array(bytes[..<count]) }
      count += read
    }
  }

  /// The text that begins at `offset` of a header and ends with its field or a zero.
  private static func text(_ header: ArraySlice<UInt8>, _ offset: Int, _ length: Int) -> String {
    let field = header.dropFirst(offset).prefix(length)
    return String(decoding: field.prefix { $0 != 0 }, as: UTF8.self)
  }
}
