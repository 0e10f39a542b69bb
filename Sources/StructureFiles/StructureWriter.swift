// SPDX-License-Identifier: MIT

import Files
import Structures

/// Writes structures to a file that appears only when it is complete, in the format and compression
/// that its name asks for.
///
/// The frames go to a temporary file beside the target, which takes the target's name in
/// ``finish()``; a writer that is dropped before leaves nothing behind. `-` is standard output.
public final class StructureWriter: FrameSink {
  private let sink: any FrameSink

  /// Begins a file at `path`.
  ///
  /// - Throws: kind `wrongName`, if its ending asks for what is not written; kind `unwritable`, if the
  ///   target exists and `overwrite` is false, or if a file cannot be made there.
  public init(path: String, overwrite: Bool) throws(FileError) {
    let output = try StructureOutput(path: path)
    guard let sink = try output.format.sink(output, overwrite: overwrite) else {
      throw FileError(.wrongName, file: path, "\(output.format.name) is only read")
    }
    self.sink = sink
  }

  /// Adds a frame.
  ///
  /// - Throws: kind `unwritable`, for example if the disk is full.
  public func write(_ structure: Structure) throws(FileError) { try sink.write(structure) }

  /// Writes what is left, makes sure that it is on the disk, and gives the file its name.
  ///
  /// - Throws: kind `unwritable`; the target is then as it was before.
  public func finish() throws(FileError) { try sink.finish() }
}
