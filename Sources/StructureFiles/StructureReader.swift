// SPDX-License-Identifier: MIT

import Files

/// Reads the structures of a file one after the other, whatever its format.
///
/// The format is that of the content, else that of the name: see ``StructureFormats``. Compressed
/// files (`.gz`, `.xz`, also of several members) are recognised by their content. What can be read
/// wrongly is refused: see the module's README for the rules.
public final class StructureReader: FrameSource {
  /// Path of the file as messages name it.
  public var file: String { source.file }

  private let source: any FrameSource

  /// Opens the file at `path`; `-` is standard input.
  ///
  /// - Parameter shouldStop: asked, also by later calls of `next`, while a pipe lets wait; true ends
  ///   the wait with an error.
  /// - Throws: kind `unreadable`, if the file is missing or may not be read; kind `framing`, if it is
  ///   of a format that is not read.
  public convenience init(
    path: String, shouldStop: (@Sendable () -> Bool)? = nil
  ) throws(FileError) {
    let source = try FileBytes(path: path, shouldStop: shouldStop)
    try self.init(source, file: source.name)
  }

  /// Reads `source`, which messages call `file`, through a buffer of `capacity` bytes at first.
  init(
    _ source: some ByteSource, file: String, capacity: Int = 1 << 18
  ) throws(FileError) {
    let input = InputBlock(try Decompression.plain(source, name: file))
    var start = StructureReader.start(of: input, file: file, lines: 2)
    // Two lines are enough to know most files of our own; others take a longer look.
    if !StructureFormats.all.contains(where: { $0.recognizes(start) }) {
      start = StructureReader.start(of: input, file: file, lines: .max)
    }
    let format = try StructureFormats.recognize(start)
    self.source = try format.frames(
      of: StructureInput(start: start, bytes: input, capacity: capacity))
  }

  /// The next frame, or nil at the end of the file.
  ///
  /// - Throws: kind `framing` or `unreadable`, after which there are no more frames.
  public func next() throws(FileError) -> Frame? { try source.next() }

  /// `slab` for `data/slab.extxyz.gz`: what stands for the file in ids.
  public static func baseName(of path: String) -> String {
    let name = FileName(path)
    return name.last == "standard input" ? "stdin" : name.stem
  }

  /// More bytes than this are not looked at before reading begins.
  private static let longestStart = 4096

  /// Looks at the first `lines` lines of a file.
  private static func start(of input: InputBlock, file: String, lines: Int) -> FileStart {
    var (isWhole, hasFailed) = (false, false)
    while !isWhole && !hasFailed, input.available < longestStart,
      lines == .max || input.peek(longestStart).count(where: { $0 == 10 }) < lines
    {
      do { isWhole = try !input.refill() } catch {
        // It comes again when the place is read, behind what precedes it.
        hasFailed = true
      }
    }
    return FileStart(
      file: file, bytes: input.peek(longestStart),
      isWhole: isWhole && input.available <= longestStart)
  }
}
