// SPDX-License-Identifier: MIT

// Fuzzes StructureFiles: compiled into it by fuzz.py, so that it can read from memory.
import Files
import Structures

/// What libFuzzer calls with every input that it thinks of.
///
/// Whatever the bytes are, reading must end without a crash; the pieces in which they arrive must
/// not matter; and what was read must survive being written and read again.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzExtxyz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> Int32 {
  let bytes = Array(UnsafeBufferPointer(start: start, count: count))
  let whole = Outcome(bytes, piece: Int.max, capacity: 1 << 16)
  let pieces = Outcome(bytes, piece: 1 + count % 7, capacity: 1 + count % 90)
  guard whole.agrees(with: pieces) else { fatalError("\(whole)\ndiffers in pieces:\n\(pieces)") }
  for structure in whole.structures {
    var text: [UInt8] = []
    ExtxyzFormatter.append(structure, to: &text)
    let again = Outcome(text, piece: Int.max, capacity: 1 << 16)
    guard again.errors.isEmpty, again.structures.count == 1, again.texts == [text],
      again.structures[0].attributes == structure.attributes,
      again.structures[0].moveMask?.freedoms == structure.moveMask?.freedoms,
      again.structures[0].elements == structure.elements
    else { fatalError("\(structure)\nwas written and read as:\n\(again)") }
  }
  return 0
}

/// Everything that reading some bytes gives.
private struct Outcome {
  var structures: [Structure] = []
  var texts: [[UInt8]] = []
  var identifiers: [String] = []
  var errors: [String] = []

  init(_ bytes: [UInt8], piece: Int, capacity: Int) {
    do throws(FileError) {
      let source = MemoryBytes(bytes, piece: piece)
      let reader = try StructureReader(source, file: "a.xyz", capacity: capacity)
      while let frame = try reader.next() {
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
    } catch {
      errors.append(error.description)
    }
  }

  /// Whether two ways of reading the same bytes give the same; structures are compared as text, in
  /// which NaN equals itself.
  ///
  /// Where compressed data are damaged, how much comes out before that is noticed is up to the
  /// decoder and its buffers: one way may give more frames than the other, but no others.
  func agrees(with other: Outcome) -> Bool {
    guard errors.last == other.errors.last else { return false }
    guard let last = errors.last, last.contains(" data are corrupt or followed") else {
      return texts == other.texts && identifiers == other.identifiers && errors == other.errors
    }
    let (few, many) = texts.count < other.texts.count ? (self, other) : (other, self)
    return many.texts.starts(with: few.texts)
  }
}
