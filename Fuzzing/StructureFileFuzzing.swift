// SPDX-License-Identifier: MIT

import CLibrary
import Files
import Structures

@testable import StructureFiles

// What the fuzzers of formats have in common.

/// Reads bytes as a file of structures that is called `name`.
///
/// Whatever the bytes are, reading must end without a crash and say in one line what is wrong; the pieces
/// in which they arrive must not matter; and what was read must survive being written and read again.
func fuzzStructureFile(_ start: UnsafePointer<UInt8>?, _ count: Int, name: String) {
  let bytes = Array(UnsafeBufferPointer(start: start, count: count))
  let whole = ReadFile(bytes, name: name, piece: Int.max, capacity: 1 << 13)
  let pieces = ReadFile(bytes, name: name, piece: 1 + count % 7, capacity: 1 + count % 90)
  guard whole.agrees(with: pieces) else { fatalError("\(whole)\ndiffers in pieces:\n\(pieces)") }
  whole.requireShortMessages()
  whole.requireSurvival(choice: count)
}

/// As `fuzzStructureFile`, of a file of which the reader takes any part at any time.
///
/// - Parameter byPath: whether it gets a name for it; else the reader keeps the bytes where it likes.
func fuzzStructureDatabase(
  _ start: UnsafePointer<UInt8>?, _ count: Int, name: String, byPath: Bool = false
) {
  let bytes = Array(UnsafeBufferPointer(start: start, count: count))
  let whole =
    byPath
    ? ReadFile(bytes, path: ".build-fuzz/\(getpid())-\(name)")
    : ReadFile(bytes, name: name)
  whole.requireShortMessages()
  whole.requireSurvival(choice: count)
}

/// Everything that reading some bytes gives.
private struct ReadFile {
  var structures: [Structure] = []
  /// The structures as text, in which NaN equals itself.
  var texts: [[UInt8]] = []
  var identifiers: [String] = []
  var errors: [String] = []

  /// More frames than this are not looked at: a database may repeat one row in many places.
  private static let mostFrames = 1000

  /// Reads `bytes` from memory.
  init(_ bytes: [UInt8], name: String, piece: Int = Int.max, capacity: Int = 1 << 13) {
    read { () throws(FileError) in
      try StructureReader(MemoryBytes(bytes, piece: piece), file: name, capacity: capacity)
    }
  }

  /// Reads `bytes` from a file that is made at `path` and removed.
  init(_ bytes: [UInt8], path: String) {
    let file = fopen(path, "w")
    defer { unlink(path) }
    fwrite(bytes, 1, bytes.count, file)
    fclose(file)
    read { () throws(FileError) in try StructureReader(path: path) }
  }

  private mutating func read(_ open: () throws(FileError) -> StructureReader) {
    do throws(FileError) {
      let reader = try open()
      while identifiers.count < ReadFile.mostFrames, let frame = try reader.next() {
        identifiers.append(frame.identifier)
        switch frame.content {
        case .success(let structure):
          var text: [UInt8] = []
          ExtxyzFormatter.append(structure, to: &text)
          structures.append(structure)
          texts.append(text)
        case .failure(let error): errors.append(error.description)
        }
      }
      if let warning = reader.warning { errors.append(warning.description) }
    } catch {
      errors.append(error.description)
    }
  }

  /// Whether two ways of reading the same bytes give the same.
  ///
  /// Where compressed data are damaged, how much comes out before that is noticed is up to the
  /// decoder and its buffers: one way may give more frames than the other, but no others.
  func agrees(with other: ReadFile) -> Bool {
    guard errors.last == other.errors.last else { return false }
    guard let last = errors.last, last.contains(" data are corrupt or followed") else {
      return texts == other.texts && identifiers == other.identifiers && errors == other.errors
    }
    let (few, many) = texts.count < other.texts.count ? (self, other) : (other, self)
    return many.texts.starts(with: few.texts)
  }

  /// Requires that the first structures can be written and read again.
  func requireSurvival(choice: Int) {
    for structure in structures.prefix(2) {
      WrittenStructure(structure).requireSurvival(choice: choice)
    }
  }

  /// Requires that messages have one line.
  func requireShortMessages() {
    for error in errors {
      guard !error.utf8.contains(10), error.utf8.count < 2000 else {
        fatalError("no line to show: \(error)")
      }
    }
  }
}

/// A structure in all formats that are written.
private struct WrittenStructure {
  let structure: Structure

  init(_ structure: Structure) { self.structure = structure }

  /// Requires that the structure survives extended XYZ, and one of the other formats, by `choice`: all of
  /// them would take most of the time.
  func requireSurvival(choice: Int) {
    require(ExtxyzFormatter(), "a.xyz", isExact: true) { $0 }
    switch choice % 5 {
    case 0: require(PoscarEncoder(), "a.vasp") { $0 }
    case 1: require(CIFEncoder(), "a.cif") { $0 }
    case 2:
      require(ASEJSONEncoder(), "a.json") { record in
        Array("{\"1\": {".utf8) + record.dropFirst(8) + Array("}}".utf8)
      }
    case 3:
      require(ASETrajectoryEncoder(), "a.traj") { item in
        Array("- of UlmASE-Trajectory  ".utf8)
          + [3, 1, 48, 56].flatMap { (number: UInt64) in number.littleEndianBytes } + item
      }
    default:
      let row = encoded(ASEDatabaseEncoder())
      guard ASEDatabaseEncoder.values(of: row[...]) != nil else {
        fatalError("\(structure)\nmakes a row of a database that is none")
      }
    }
  }

  /// Requires that the structure can be read again from a file that holds its record.
  private func require(
    _ encoder: some FrameEncoder, _ name: String, isExact: Bool = false,
    file: ([UInt8]) -> [UInt8]
  ) {
    guard encoder.objection(to: structure) == nil else { return }
    let content = file(encoded(encoder))
    let again = ReadFile(content, name: name)
    guard again.errors.isEmpty, again.structures.count == 1,
      again.structures[0].elements == structure.elements,
      !isExact || again.structures[0].attributes == structure.attributes,
      !isExact || again.texts == [content]
    else {
      let text = String(decoding: content, as: UTF8.self)
      fatalError("\(structure)\nwas written to \(name) as\n\(text)\nand read as:\n\(again)")
    }
  }

  private func encoded(_ encoder: some FrameEncoder) -> [UInt8] {
    var bytes: [UInt8] = []
    encoder.append(structure, to: &bytes)
    return bytes
  }
}
