// SPDX-License-Identifier: MIT

import Files
import Structures

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Writes structures to an extended-XYZ file that appears only when it is complete.
///
/// The frames go to a temporary file beside the target, which takes the target's name in
/// ``finish()``; a writer that is dropped before leaves nothing behind. The extension of the path
/// (`.gz`, `.xz`) chooses the compression. A target that is not a regular file, such as a pipe or
/// `/dev/stdout`, is written directly; `-` is standard output.
public final class StructureWriter {
  private let path: String
  private let compression: Compression
  private let output: OutputFile
  private var buffer: [UInt8] = []
  private var wroteMember = false

  /// Bytes that are compressed and written together.
  private let blockSize: Int

  /// Begins a file at `path`.
  ///
  /// - Throws: kind `unwritable`, if the target exists and `overwrite` is false, or if a file cannot
  ///   be made there.
  public init(path: String, overwrite: Bool) throws(FileError) {
    self.path = path
    compression = Compression(path: path)
    // Larger blocks compress better; xz looks back up to 8 MiB.
    blockSize = compression == .xz ? 1 << 23 : compression == .gzip ? 1 << 20 : 1 << 18
    output = try OutputFile(path: path, overwrite: overwrite)
  }

  /// Adds a frame.
  ///
  /// - Throws: kind `unwritable`, for example if the disk is full.
  public func write(_ structure: Structure) throws(FileError) {
    ExtxyzFormatter.append(structure, to: &buffer)
    if buffer.count >= blockSize { try flush() }
  }

  /// Writes what is left, makes sure that it is on the disk, and gives the file its name.
  ///
  /// - Throws: kind `unwritable`; the target is then as it was before.
  public func finish() throws(FileError) {
    if !buffer.isEmpty || (!wroteMember && compression != .none) { try flush() }
    try output.finish()
  }

  private func flush() throws(FileError) {
    let member: [UInt8]
    do throws(FileError) {
      member = try compression.member(buffer)
    } catch {
      throw FileError(.unwritable, file: path, error.message)
    }
    buffer.removeAll(keepingCapacity: true)
    wroteMember = true
    try output.write(member)
  }
}
