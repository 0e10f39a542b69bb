// SPDX-License-Identifier: MIT

import Files

/// A stretch of bytes that a structure has in one of the files: how many, and their checksum.
struct FilePart: Hashable, Sendable {
  var count = 0
  var checksum = Checksum()

  /// A spool that holds no bytes yet.
  init() {}

  /// What is known of some bytes.
  init(count: Int, checksum: Checksum) { (self.count, self.checksum) = (count, checksum) }

  /// The part that `bytes` are.
  init(_ bytes: [UInt8]) { (count, checksum) = (bytes.count, Checksum(of: bytes)) }
}

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
  /// What a sealed spool holds.
  private(set) var part = FilePart()
  /// Bytes that are in their file already.
  private var shown = 0

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
    let member = try compression.member(pending)
    part.checksum.update(member)
    part.count += member.count
    packed += member
    pending.removeAll(keepingCapacity: true)
    if packed.count > ByteSpool.memoryLimit {
      if file == nil { file = try AppendFile.anonymous(beside: destination) }
      try file?.append(packed)
      packed.removeAll(keepingCapacity: true)
    }
  }

  /// Whether what is there so far may go to its file: pieces of what is compressed would be other bytes.
  var canBeShown: Bool { compression == .none }

  /// Appends what is there so far to `target`, where it will go in the end.
  mutating func show(in target: any RecordFile) throws {
    precondition(canBeShown, "what is compressed is written as a whole")
    try pack()
    try drain(into: target)
    shown = part.count
  }

  /// Appends everything to `target` that it has not been shown yet.
  func drain(into target: any RecordFile) throws {
    let inFile = file?.length ?? 0
    if let file, shown < inFile {
      try file.pieces(offset: shown, count: inFile - shown) { try target.append($0) }
    }
    try target.append(Array(packed.dropFirst(max(0, shown - inFile))))
  }
}
