// SPDX-License-Identifier: MIT

import Files
import Structures

/// A format of structure files: how it is recognised, read and written.
///
/// A new format is a value of this protocol in ``StructureFormats/all``; nothing else has to know it.
public protocol StructureFormat: Sendable {
  /// As messages call it: `extended XYZ`.
  var name: String { get }
  /// Endings of names without their dot, in small letters, the usual one first.
  var endings: [String] { get }
  /// Whether a file that begins so is of this format and of no other.
  func recognizes(_ start: FileStart) -> Bool
  /// The frames of a file.
  func frames(of file: StructureInput) throws(FileError) -> any FrameSource
  /// How frames become bytes, if each can be made by itself; nil if a file is written as a whole, or
  /// never.
  var encoder: (any FrameEncoder)? { get }
  /// A file that takes frames in their order; nil if the format is only read.
  func sink(_ output: StructureOutput, overwrite: Bool) throws(FileError) -> (any FrameSink)?
}

/// Makes the bytes of frames, each without regard to those before it: what is appended to a file makes
/// it a longer one, so frames can be made on any thread and kept until their turn comes.
public protocol FrameEncoder: Sendable {
  /// Appends one frame.
  func append(_ structure: Structure, to bytes: inout [UInt8])
}

/// The frames of a file, one after the other.
public protocol FrameSource: AnyObject {
  /// Path of the file as messages name it.
  var file: String { get }
  /// The next frame, or nil at the end of the file.
  ///
  /// - Throws: kind `framing` or `unreadable`, after which there are no more frames.
  func next() throws(FileError) -> Frame?
}

/// A file to which frames go, one after the other.
public protocol FrameSink: AnyObject {
  /// Adds a frame.
  ///
  /// - Throws: kind `unwritable`, for example if the disk is full.
  func write(_ structure: Structure) throws(FileError)
  /// Completes the file and gives it its name; one that is dropped before leaves nothing behind.
  func finish() throws(FileError)
}

extension StructureFormat {
  /// Frames of an encoder, compressed a block at a time.
  public func sink(
    _ output: StructureOutput, overwrite: Bool
  ) throws(FileError) -> (any FrameSink)? {
    guard let encoder else { return nil }
    return try EncodedFile(output, encoder, overwrite: overwrite)
  }
}

/// What is seen of a file before it is read.
public struct FileStart: Sendable {
  /// Path as messages name it.
  public let file: String
  /// The first bytes, after decompression.
  public let bytes: [UInt8]
  /// Whether these are all.
  public let isWhole: Bool

  /// The first bytes of a file.
  public init(file: String, bytes: [UInt8], isWhole: Bool) {
    (self.file, self.bytes, self.isWhole) = (file, bytes, isWhole)
  }

  /// The first lines without their ends, as far as they are complete; text that is no UTF-8 is
  /// repaired.
  public func lines(_ count: Int) -> [String] {
    var lines = bytes.split(separator: 10, maxSplits: count, omittingEmptySubsequences: false)
    if !isWhole || lines.count > count { lines.removeLast() }
    return lines.map { line in
      String(decoding: line.last == 13 ? line.dropLast() : line, as: UTF8.self)
    }
  }
}

/// A file that is about to be read: its first bytes have been looked at, but none has been used.
public final class StructureInput {
  /// What was seen.
  public let start: FileStart
  /// All its bytes, decompressed.
  package let bytes: any ByteSource
  /// Size of the buffer to begin with.
  package let capacity: Int

  package init(start: FileStart, bytes: any ByteSource, capacity: Int) {
    (self.start, self.bytes, self.capacity) = (start, bytes, capacity)
  }
}
