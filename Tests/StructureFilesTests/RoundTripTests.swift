// SPDX-License-Identifier: MIT

import Files
import Structures
import Testing

@testable import StructureFiles

@Suite struct RoundTripTests {
  @Test("what is written is read back bit for bit", arguments: 0..<50)
  func bitForBit(seed: Int) throws {
    var random = RandomStructures(seed: UInt64(seed))
    let structures = (0..<20).map { _ in random.next() }
    let bytes = write(structures)
    let frames = try readFrames(bytes)
    #expect(frames.count == structures.count)
    for (frame, structure) in zip(frames, structures) {
      #expect(try frame.structure().isIdentical(to: structure))
    }
    #expect(write(try frames.map { try $0.structure() }) == bytes)
  }

  @Test("tabs, blanks and Windows line ends change nothing", arguments: 0..<10)
  func layoutOfText(seed: Int) throws {
    var random = RandomStructures(seed: UInt64(1000 + seed))
    let structures = (0..<5).map { _ in random.next() }
    // Only rows: in a comment, blanks inside quotes belong to the value.
    for (blank, end) in [("\t", "\n"), ("  \t ", " \t\n"), (" ", "\r\n"), ("   ", "  \r\n")] {
      var text = ""
      for structure in structures {
        let lines = String(decoding: write([structure]), as: UTF8.self).split(separator: "\n")
        for (index, line) in lines.enumerated() {
          let spaced = line.split(separator: " ").joined(separator: blank)
          text += index == 1 ? line + end : blank + spaced + end
        }
      }
      let frames = try readFrames(text: text)
      #expect(frames.count == structures.count)
      for (frame, structure) in zip(frames, structures) {
        #expect(try frame.structure().isIdentical(to: structure))
      }
    }
  }

  @Test("the pieces in which a file arrives change nothing", arguments: [1, 2, 3, 7, 64, 65, 1000])
  func pieces(size: Int) throws {
    var random = RandomStructures(seed: 7)
    let structures = (0..<6).map { _ in random.next() }
    let bytes = write(structures)
    for capacity in [1, 100, 1 << 16] {
      let frames = try readFrames(bytes, piece: size, capacity: capacity)
      #expect(frames.count == structures.count)
      for (frame, structure) in zip(frames, structures) {
        #expect(try frame.structure().isIdentical(to: structure))
      }
    }
  }

  @Test("a boundary at any byte changes nothing")
  func everyBoundary() throws {
    var random = RandomStructures(seed: 8)
    let structures = (0..<2).map { _ in random.next(atoms: 5) }
    let bytes = write(structures)
    for boundary in 1..<bytes.count {
      let reader = try StructureReader(
        MemoryBytes(bytes, piece: boundary), file: "a.xyz", capacity: bytes.count)
      for structure in structures {
        #expect(try reader.next()?.structure().isIdentical(to: structure) == true)
      }
      #expect(try reader.next() == nil)
    }
  }

  @Test("both integer masks are read and written as logical ones")
  func integerMask() throws {
    let structure = try readStructure(
      "2\nProperties=species:S:1:pos:R:3:move_mask:I:3\nH 0 0 0 0 0 1\nH 0 0 1 1 1 1\n")
    #expect(structure.moveMask == MoveMask(components: [.z, .free]))
    let text = String(decoding: write([structure]), as: UTF8.self)
    #expect(text.contains("move_mask:L:3") && text.contains("H 0.0 0.0 0.0 F F T\n"))
  }

  @Test("a frame is spelled as ASE spells it, with shortest numbers")
  func spelling() throws {
    let text = """
      2
      Lattice="4.0 0.0 0.0 0.0 4.0 0.0 0.0 0.0 20.5" \
      Properties=species:S:1:pos:R:3:move_mask:L:1:tags:I:1:charge:R:1:forces:R:3 energy=-1.25 \
      sid=00123 note="two words" relaxed pbc="T T F"
      Cu 0.0 0.1 1e-05 F 0 -0.0 0.0 0.0 5e-324
      O 1.5 2.25 1e+16 T 2 nan inf -inf 0.30000000000000004

      """
    #expect(String(decoding: write([try readStructure(text)]), as: UTF8.self) == text)
  }

  @Test(
    "a text becomes a value that is read as the same text",
    arguments: [
      "plain", "", "two words", "it's", "\"", "\\", "a\\\"b", "[1, 2]", "{", "a=b", "µ", "a\tb",
      "\u{A0}", "x,y",
    ])
  func values(text: String) throws {
    let attribute = Attribute(name: "reason", string: text)
    let structure = Structure(
      elements: [.init(symbol: "H")].compactMap { $0 }, positions: [.zero],
      attributes: [attribute])
    let read = try readFrames(write([structure]))[0].structure()
    #expect(read.attributes == [attribute])
    #expect(read.attributes.first?.unquoted == text)
  }
}
