// SPDX-License-Identifier: MIT

import Files
import Structures

/// The formats there are: found by content first, then by name, and for outputs by name.
public enum StructureFormats {
  /// All of them; the first is taken for inputs that nothing speaks against and for outputs whose name
  /// says nothing.
  public static let all: [any StructureFormat] = [
    ExtendedXYZ(), Poscar(), Vasprun(), Outcar(), ASETrajectory(), ASEDatabase(), ASEJSON(), LMDB(),
    CIF(),
  ]

  /// What files of structures may be called.
  public static let outputKind = OutputKind(
    "a file of structures", endings: all.filter(\.isWritten).flatMap(\.endings),
    isCompressible: true, foreignNames: ["outcar", "xdatcar", "vasprun"])

  /// The format of a file that begins so.
  ///
  /// - Throws: kind `framing`, if it is of a format that is not read; the message says which, and how
  ///   to get on.
  static func recognize(_ start: FileStart) throws(FileError) -> any StructureFormat {
    if start.bytes.isEmpty && start.isWhole {
      throw FileError(.framing, file: start.file, "the file is empty: it contains no structures")
    }
    if let format = all.first(where: { $0.recognizes(start) }) { return format }
    if let foreign = ForeignFormat.recognize(start) {
      throw FileError(.framing, file: start.file, foreign.complaint(about: start.file))
    }
    if let signature = FileSignature.recognize(start.bytes) {
      throw FileError(
        .framing, file: start.file,
        "\(signature.description); structures are read from \(names) files")
    }
    let name = FileName(start.file)
    return all.first { $0.isName(name) } ?? all[0]
  }

  /// Names of all formats, for messages, such as `extended XYZ`.
  static var names: String { all.map(\.name).joined(separator: ", ") }
}

/// How the structures of an output are written: a format and a compression, by the name's ending.
public struct StructureOutput: Sendable {
  /// Path as it was given; `-` is standard output.
  public let path: String
  /// Format of the content, once it is unpacked.
  public let format: any StructureFormat
  private let encoder: any FrameEncoder
  /// How the content is packed.
  public let compression: Compression

  /// What the name of an output asks for.
  ///
  /// - Throws: kind `wrongName`, if that is nothing we write.
  public init(path: String) throws(FileError) {
    try StructureFormats.outputKind.requireName(path)
    let kind = FileName(path).kind
    self.path = path
    let written = StructureFormats.all.filter(\.isWritten)
    let named =
      written.first { $0.endings.contains(kind ?? "") }
      ?? written.first { $0.isName(FileName(path)) }
    let format = named ?? ExtendedXYZ()
    (self.format, encoder) = (format, format.encoder ?? ExtxyzFormatter())
    compression = Compression(path: path)
    guard compression == .none || format.isCompressible else {
      throw FileError(
        .wrongName, file: path,
        "files of \(format.name) are not compressed; leave the last ending out")
    }
  }

  /// - Throws: kind `wrongName`, if the file holds one structure only.
  public func requireRoomForMore() throws(FileError) {
    guard format.holdsOneStructure else { return }
    throw FileError(
      .wrongName, file: path,
      "a POSCAR holds one structure, and there are more; files whose names end in .extxyz, .traj or .db take many"
    )
  }

  /// Why a structure can't be written to the file; nil if it can.
  public func objection(to structure: Structure) -> String? { encoder.objection(to: structure) }

  /// Appends the record of a frame, not yet compressed.
  public func append(_ structure: Structure, to bytes: inout [UInt8]) {
    encoder.append(structure, to: &bytes)
  }

  /// The record of a frame, compressed so that it can be appended to the file as it is.
  ///
  /// - Throws: kind `unwritable` if memory is short.
  public func record(of structure: Structure) throws(FileError) -> [UInt8] {
    var bytes: [UInt8] = []
    append(structure, to: &bytes)
    return try compression.member(bytes)
  }

  /// The file that takes the records.
  ///
  /// - Throws: kind `exists`, `unwritable` or `inconsistent`.
  public func records(_ start: RecordFileStart) throws(FileError) -> any RecordFile {
    try format.records(path, start)
  }
}
