// SPDX-License-Identifier: MIT

import Files
import Structures

/// Writes structures to a file that appears only when it is complete, in the format and compression
/// that its name asks for.
///
/// The frames go to a temporary file beside the target, which takes the target's name in
/// ``finish()``; a writer that is dropped before leaves nothing behind. `-` is standard output.
public final class StructureWriter: FrameSink {
  private let sink: any RecordSink
  private let output: StructureOutput
  private var count = 0
  /// Bytes of the record that was written last, not yet compressed.
  package private(set) var recordLength = 0

  /// Begins a file at `path`.
  ///
  /// - Throws: kind `wrongName`, if its ending asks for what is not written; kind `unwritable`, if the
  ///   target exists and `overwrite` is false, or if a file cannot be made there.
  public init(path: String, overwrite: Bool) throws(FileError) {
    output = try StructureOutput(path: path)
    sink =
      output.format.isCompressible
      ? try EncodedFile(output, overwrite: overwrite)
      : try RecordFileSink(output, overwrite: overwrite)
  }

  /// Adds a frame.
  ///
  /// - Throws: kind `content`, if the format cannot hold it; kind `unwritable`, for example if the disk is full.
  public func write(_ structure: Structure) throws(FileError) {
    if let objection = output.objection(to: structure) {
      let name = Excerpt.name(structure.identifier ?? "structure \(count + 1)")
      throw FileError(.content, file: output.path, "\(name) cannot be written: \(objection)")
    }
    var record: [UInt8] = []
    record.reserveCapacity(recordLength)
    output.append(structure, to: &record)
    try write(record: record)
  }

  /// Adds a frame by the bytes that it has in another file of the format, once that is unpacked.
  package func write(record: [UInt8]) throws(FileError) {
    if count > 0 { try output.requireRoomForMore() }
    try sink.write(record)
    recordLength = record.count
    count += 1
  }

  /// Writes what is left, makes sure that it is on the disk, and gives the file its name.
  ///
  /// - Throws: kind `unwritable`; the target is then as it was before.
  public func finish() throws(FileError) {
    if count == 0 && output.format.holdsOneStructure {
      throw FileError(.content, file: output.path, "there is no structure to write")
    }
    try sink.finish()
  }
}
