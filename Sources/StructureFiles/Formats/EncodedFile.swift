// SPDX-License-Identifier: MIT

import Files
import Structures

/// A file of encoded frames, compressed a block at a time, that appears only when it is complete.
///
/// A target that is not a regular file, such as a pipe or `/dev/stdout`, is written directly.
final class EncodedFile: FrameSink {
  private let path: String
  private let compression: Compression
  private let encoder: any FrameEncoder
  private let output: OutputFile
  private var buffer: [UInt8] = []
  private var wroteMember = false

  /// Bytes that are compressed and written together.
  private let blockSize: Int

  init(
    _ output: StructureOutput, _ encoder: any FrameEncoder, overwrite: Bool
  ) throws(FileError) {
    (path, compression, self.encoder) = (output.path, output.compression, encoder)
    // Larger blocks compress better; xz looks back up to 8 MiB.
    blockSize = compression == .xz ? 1 << 23 : compression == .gzip ? 1 << 20 : 1 << 18
    self.output = try OutputFile(path: path, overwrite: overwrite)
  }

  func write(_ structure: Structure) throws(FileError) {
    encoder.append(structure, to: &buffer)
    if buffer.count >= blockSize { try flush() }
  }

  func finish() throws(FileError) {
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
