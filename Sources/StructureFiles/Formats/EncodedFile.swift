// SPDX-License-Identifier: MIT

import Files

/// A file that takes the records of frames, and its name when it is complete.
protocol RecordSink: AnyObject {
  /// Adds a record, not yet compressed.
  func write(_ record: [UInt8]) throws(FileError)
  /// Completes the file.
  func finish() throws(FileError)
}

/// A file of encoded frames, compressed a block at a time, that appears only when it is complete.
///
/// A target that is not a regular file, such as a pipe or `/dev/stdout`, is written directly.
final class EncodedFile: RecordSink {
  private let output: StructureOutput
  private let file: OutputFile
  private var buffer: [UInt8] = []
  private var wroteMember = false

  /// Bytes that are compressed and written together.
  private let blockSize: Int

  init(_ output: StructureOutput, overwrite: Bool) throws(FileError) {
    self.output = output
    let compression = output.compression
    // Larger blocks compress better; xz looks back up to 8 MiB.
    blockSize = compression == .xz ? 1 << 23 : compression == .gzip ? 1 << 20 : 1 << 18
    file = try OutputFile(path: output.path, overwrite: overwrite)
  }

  func write(_ record: [UInt8]) throws(FileError) {
    buffer += record
    if buffer.count >= blockSize { try flush() }
  }

  func finish() throws(FileError) {
    if !buffer.isEmpty || (!wroteMember && output.compression != .none) { try flush() }
    try file.finish()
  }

  private func flush() throws(FileError) {
    let member: [UInt8]
    do throws(FileError) {
      member = try output.compression.member(buffer)
    } catch {
      throw FileError(.unwritable, file: output.path, error.message)
    }
    buffer.removeAll(keepingCapacity: true)
    wroteMember = true
    try file.write(member)
  }
}

/// A file of records, such as a database, that appears only when it is complete.
final class RecordFileSink: RecordSink {
  private let output: StructureOutput
  private let file: OutputFile
  private let records: any RecordFile

  init(_ output: StructureOutput, overwrite: Bool) throws(FileError) {
    self.output = output
    file = try OutputFile(path: output.path, overwrite: overwrite)
    guard let place = file.temporaryPath else {
      throw FileError(
        .unwritable, file: output.path,
        "a file of \(output.format.name) cannot be written to a pipe or device")
    }
    records = try output.format.records(place, .nameless)
  }

  func write(_ record: [UInt8]) throws(FileError) {
    do throws(FileError) { try records.append(record) } catch {
      throw FileError(error.kind, file: output.path, error.message)
    }
  }

  func finish() throws(FileError) {
    do throws(FileError) { try records.finish() } catch {
      throw FileError(error.kind, file: output.path, error.message)
    }
    try file.finish()
  }
}
