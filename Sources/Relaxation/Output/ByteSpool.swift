// SPDX-License-Identifier: MIT

import Files
import StructureFiles

/// Bytes on their way to a file: kept in memory while few, in a nameless file beside the
/// destination when many, so that a long trajectory of a large structure costs no memory.
struct ByteSpool: Sendable {
  /// More than this many bytes go to disk.
  static let memoryLimit = 8 << 20

  private let destination: String
  private let compression: Compression
  private var pending: [UInt8] = []
  private var packed: [UInt8] = []
  private var file: AppendFile?

  /// An empty spool whose bytes will be appended to `destination`.
  init(destination: String, compression: Compression) {
    (self.destination, self.compression) = (destination, compression)
  }

  /// Room for more text; call `spill` now and then.
  mutating func write(_ body: (inout [UInt8]) throws -> Void) throws {
    try body(&pending)
    if pending.count > ByteSpool.memoryLimit { try pack() }
  }

  /// Completes the last compressed member; nothing may be written afterwards.
  mutating func seal() throws { try pack() }

  private mutating func pack() throws {
    guard !pending.isEmpty else { return }
    packed += try compression.member(pending)
    pending.removeAll(keepingCapacity: true)
    if packed.count > ByteSpool.memoryLimit {
      if file == nil { file = try AppendFile.anonymous(beside: destination) }
      try file?.append(packed)
      packed.removeAll(keepingCapacity: true)
    }
  }

  /// Bytes in a sealed spool.
  var count: Int { (file?.length ?? 0) + packed.count }

  /// Appends everything to `target`.
  func drain(into target: AppendFile) throws {
    if let file { try target.append(file, offset: 0, count: file.length) }
    try target.append(packed)
  }
}
