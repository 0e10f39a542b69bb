// SPDX-License-Identifier: MIT

import Files
import StructureFiles
import Structures

/// Takes the frames of a set.
protocol FrameSet: AnyObject {
  /// Frames that were written so far.
  var count: Int { get }
  func write(_ structure: Structure, _ label: FrameLabel) throws
  /// Bytes of the record of the frame that was written last.
  var recordLength: Int { get }
  /// Adds a frame by its record, and by the line of its label where the set has labels.
  func write(record: [UInt8], label: String) throws
  /// Completes it.
  func finish() throws
}

/// A set among others in one file.
final class SharedFrameSet: FrameSet {
  private let name: String
  private let writer: StructureWriter
  private(set) var count = 0

  /// The set `name` in the file of `writer`, which others complete.
  init(_ name: String, in writer: StructureWriter) { (self.name, self.writer) = (name, writer) }

  func write(_ structure: Structure, _ label: FrameLabel) throws {
    var structure = structure
    structure.attributes += [
      Attribute(name: "sid", string: label.system),
      Attribute(name: "fid", text: "\(label.frame)"), Attribute(name: "set", string: name),
    ]
    if label.referenceEnergy != 0 {
      structure.attributes.append(
        Attribute(name: "reference_energy", text: "\(label.referenceEnergy)"))
    }
    try writer.write(structure)
    count += 1
  }

  var recordLength: Int { writer.recordLength }

  func write(record: [UInt8], label: String) throws {
    try writer.write(record: record)
    count += 1
  }

  func finish() {}
}

/// Writes a set of labelled frames as OC20 publishes them: a folder of `N.extxyz.xz` of at most so
/// many frames, each with an `N.txt.xz` of one `FrameLabel` a frame.
///
/// A chunk appears when it is complete. Nothing is made for a set without frames.
final class FrameSetWriter: FrameSet {
  private let folder: String
  private let chunkSize: Int
  /// Frames that were written so far.
  private(set) var count = 0
  /// The chunk that is being written.
  private var chunk = 0
  private var frames: StructureWriter?
  private var labels = ""

  /// A set in `folder`, which is made when there is a frame for it.
  init(folder: String, chunkSize: Int = defaultChunkSize) {
    (self.folder, self.chunkSize) = (folder, chunkSize)
  }

  func write(_ structure: Structure, _ label: FrameLabel) throws {
    try beginIfDue()
    try frames?.write(structure)
    labels += "\(label.line)\n"
    count += 1
  }

  var recordLength: Int { frames?.recordLength ?? 0 }

  func write(record: [UInt8], label: String) throws {
    try beginIfDue()
    try frames?.write(record: record)
    labels += "\(label)\n"
    count += 1
  }

  /// Names of the files with frames and of those with labels, of `count` frames, in the set's folder.
  static func names(of count: Int, chunkSize: Int = defaultChunkSize) -> [String] {
    ["extxyz.xz", "txt.xz"].flatMap { kind in
      (0..<(count + chunkSize - 1) / chunkSize).map { "\($0).\(kind)" }
    }
  }

  /// Frames of a chunk.
  static let defaultChunkSize = 5000

  /// Completes the last chunk.
  func finish() throws {
    guard let frames else { return }
    try frames.finish()
    let path = file("txt.xz")
    let output = try OutputFile(path: path, overwrite: true)
    try output.write(try Compression(path: path).member(Array(labels.utf8)))
    try output.finish()
    (self.frames, labels) = (nil, "")
  }

  private func beginIfDue() throws {
    guard count.isMultiple(of: chunkSize) else { return }
    try finish()
    try Folder.make(folder)
    chunk = count / chunkSize
    frames = try StructureWriter(path: file("extxyz.xz"), overwrite: true)
  }

  private func file(_ kind: String) -> String { "\(folder)/\(chunk).\(kind)" }
}
