// SPDX-License-Identifier: MIT

import Files
import Structures

/// The formats there are: found by content first, then by name, and for outputs by name.
public enum StructureFormats {
  /// All of them; the first is taken for inputs that nothing speaks against and for outputs whose name
  /// says nothing.
  public static let all: [any StructureFormat] = [ExtendedXYZ()]

  /// What files of structures may be called.
  public static let outputKind = OutputKind(
    "a file of structures", endings: all.filter { $0.encoder != nil }.flatMap(\.endings),
    isCompressible: true, foreignNames: ["poscar", "contcar", "outcar", "xdatcar", "vasprun"])

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
    let kind = FileName(start.file).kind
    return all.first { format in kind.map(format.endings.contains) ?? false } ?? all[0]
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
  /// How the content is packed.
  public let compression: Compression

  /// What the name of an output asks for.
  ///
  /// - Throws: kind `wrongName`, if that is nothing we write.
  public init(path: String) throws(FileError) {
    try StructureFormats.outputKind.requireName(path)
    let kind = FileName(path).kind
    self.path = path
    format =
      StructureFormats.all.first { format in kind.map(format.endings.contains) ?? false }
      ?? StructureFormats.all[0]
    compression = Compression(path: path)
  }

  /// Appends a frame, not yet compressed.
  ///
  /// - Throws: kind `wrongName`, if the format has no frames that can be appended.
  public func append(_ structure: Structure, to bytes: inout [UInt8]) throws(FileError) {
    guard let encoder = format.encoder else {
      throw FileError(
        .wrongName, file: path, "frames cannot be appended to a file of \(format.name)")
    }
    encoder.append(structure, to: &bytes)
  }

  /// One frame, compressed so that it can be appended to the file as it is.
  ///
  /// - Throws: kind `wrongName` as `append`; kind `unwritable` if memory is short.
  public func record(of structure: Structure) throws(FileError) -> [UInt8] {
    var bytes: [UInt8] = []
    try append(structure, to: &bytes)
    return try compression.member(bytes)
  }
}
