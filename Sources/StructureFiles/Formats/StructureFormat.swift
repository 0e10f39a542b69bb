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
  /// Whether a file of that name, whose content says nothing, is of this format.
  func isName(_ name: FileName) -> Bool
  /// The frames of a file.
  func frames(of file: StructureInput) throws(FileError) -> any FrameSource
  /// How frames become records of a file; nil if the format is only read.
  var encoder: (any FrameEncoder)? { get }
  /// Whether its files may be compressed as a whole: text is, what readers jump about in is not.
  var isCompressible: Bool { get }
  /// Whether a file can hold no more than one structure.
  var holdsOneStructure: Bool { get }
  /// A file to which records are appended.
  func records(_ path: String, _ start: RecordFileStart) throws(FileError) -> any RecordFile
}

/// Makes the records of frames, each without regard to those before it: so frames can be made on any thread and
/// kept until their turn comes.
public protocol FrameEncoder: Sendable {
  /// Why a structure can't be written in the format; nil if it can.
  func objection(to structure: Structure) -> String?
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
  /// Passes over the next frame, which is not looked at more closely than it takes to find its end.
  ///
  /// - Returns: whether there was one.
  /// - Throws: as `next`.
  func skip() throws(FileError) -> Bool
  /// What whoever reads on should know, once `next` has returned nil: that the file was cut behind its last
  /// frame, for example.
  var warning: FileError? { get }
  /// What its energies are, where the format says more than that they are eV.
  var energies: String? { get }
  /// Whether its frames are the steps of one calculation.
  var isCalculation: Bool { get }
}

extension FrameSource {
  /// By reading it.
  public func skip() throws(FileError) -> Bool { try next() != nil }

  /// Nothing, for most.
  public var warning: FileError? { nil }

  /// Nothing, for most.
  public var energies: String? { nil }

  /// Most are sets of structures.
  public var isCalculation: Bool { false }
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
  /// Whether files of the format are written at all.
  public var isWritten: Bool { encoder != nil }

  /// Text, which most are.
  public var isCompressible: Bool { true }

  /// Most hold many.
  public var holdsOneStructure: Bool { false }

  /// By the ending.
  public func isName(_ name: FileName) -> Bool { name.kind.map(endings.contains) ?? false }

  /// Text, one record behind the other.
  public func records(
    _ path: String, _ start: RecordFileStart
  ) throws(FileError) -> any RecordFile {
    try AppendFile.open(path, start)
  }
}

extension FrameEncoder {
  /// Most formats take all structures.
  public func objection(to structure: Structure) -> String? { nil }
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
  /// Path of the file; nil for a stream.
  package let path: String?

  package init(start: FileStart, bytes: any ByteSource, capacity: Int, path: String? = nil) {
    (self.start, self.bytes, self.capacity, self.path) = (start, bytes, capacity, path)
  }

  /// The file with all its parts at hand: a stream, or what was compressed, is copied into a file without a
  /// name first.
  ///
  /// - Throws: kind `unreadable` or `framing`.
  package func randomAccess(keepsName: Bool = false) throws(FileError) -> RandomAccessFile {
    if let path, !bytes.isChecked, FilePlace(path).kind == .file {
      return try RandomAccessFile(path: path)
    }
    return try RandomAccessFile(copying: bytes, path: start.file, keepsName: keepsName)
  }
}
