// SPDX-License-Identifier: MIT

import Files
import Structures
import Testing

@testable import StructureFiles

@Suite struct TruncationTests {
  private static func threeFrames() -> (structures: [Structure], bytes: [UInt8]) {
    var random = RandomStructures(seed: 3)
    let structures = (0..<3).map { _ in random.next(atoms: 5) }
    return (structures, write(structures))
  }

  /// The frames that can be read, and the error after them.
  private func read(
    _ bytes: [UInt8], piece: Int = Int.max, capacity: Int = 1 << 16
  ) -> (frames: [Frame], error: FileError?) {
    var frames: [Frame] = []
    do throws(FileError) {
      let reader = try StructureReader(
        MemoryBytes(bytes, piece: piece), file: "a.xyz", capacity: capacity)
      while let frame = try reader.next() { frames.append(frame) }
      return (frames, nil)
    } catch {
      return (frames, error)
    }
  }

  @Test("a file cut off at any byte has its complete frames and then an error")
  func anyByte() throws {
    let (structures, bytes) = Self.threeFrames()
    let ends = structures.indices.map { write(Array(structures[...$0])).count }
    for length in 1..<bytes.count {
      let (frames, error) = read(Array(bytes[..<length]))
      // Without its line feed, a last row may still be complete, or look so.
      let complete = ends.filter { length >= $0 }.count
      #expect(frames.count == complete || frames.count == complete + 1)
      for index in 0..<complete {
        #expect(try frames[index].structure().isIdentical(to: structures[index]))
      }
      if frames.count > complete {
        let lastLine = bytes[..<length].lastIndex(of: 10) ?? 0
        #expect(!bytes[(lastLine + 1)..<(ends[complete] - 1)].contains(10))
      } else if ends.contains(length) {
        #expect(error == nil)
      } else {
        let message = try #require(error)
        #expect(message.kind == .framing)
        #expect(message.message.hasPrefix("the file ends inside frame \(complete + 1), which"))
      }
    }
  }

  @Test("compressed data cut off at any byte are an error", arguments: [Compression.gzip, .xz])
  func compressed(compression: Compression) throws {
    let (structures, bytes) = Self.threeFrames()
    let member = try compression.member(bytes)
    for length in 6..<member.count {
      let (frames, error) = read(Array(member[..<length]))
      #expect(error?.kind == .framing)
      #expect(error?.message.hasSuffix("data end too early; the file is incomplete") == true)
      for (frame, structure) in zip(frames, structures) {
        #expect(try frame.structure().isIdentical(to: structure))
      }
    }
  }

  @Test("what incomplete data hold does not depend on the size of pieces")
  func incompleteInPieces() throws {
    let text = Array((String(repeating: "1\nsid=a\nHe 0 0 0\n", count: 50)).utf8)
    for compression in [Compression.gzip, .xz] {
      let member = try compression.member(text)
      for cut in 1..<min(16, member.count - 12) {
        let counts = [(Int.max, 1 << 16), (1, 1), (3, 20)].map { piece, capacity in
          read(Array(member.dropLast(cut)), piece: piece, capacity: capacity).frames.count
        }
        #expect(Set(counts).count == 1, "\(compression), \(cut) bytes short: \(counts)")
      }
    }
  }

  @Test("the frames before a damaged member can be used", arguments: [Compression.gzip, .xz])
  func damagedMember(compression: Compression) throws {
    let (structures, _) = Self.threeFrames()
    var bytes: [UInt8] = []
    for structure in structures { bytes += try compression.member(write([structure])) }
    let damaged = try compression.member(write(Array(structures[..<2]))).count
    let first = try compression.member(write([structures[0]])).count
    bytes[first + (damaged - first) / 2] ^= 0x55
    let (frames, error) = read(bytes)
    #expect(error?.kind == .framing)
    #expect(error?.message.contains("corrupt") == true, "\(error.debugDescription)")
    #expect(try frames.first?.structure().isIdentical(to: structures[0]) == true)
  }

  @Test("any flipped byte of a compressed file is noticed", arguments: [Compression.gzip, .xz])
  func anyFlip(compression: Compression) throws {
    let bytes = Array("1\nsid=a\nHe 0 0 0\n1\nsid=b\nHe 0 0 0.5\n".utf8)
    let member = try compression.member(bytes)
    for index in member.indices {
      // Bytes 3 to 9 of a gzip header are a hint, a date and names of systems: nothing checks them.
      if compression == .gzip && (3..<10).contains(index) { continue }
      var damaged = member
      damaged[index] ^= 0x01
      let (_, error) = read(damaged)
      #expect(error != nil, "byte \(index)")
    }
  }

  @Test("several members are one file", arguments: [Compression.none, .gzip, .xz])
  func members(compression: Compression) throws {
    let (structures, _) = Self.threeFrames()
    var bytes: [UInt8] = []
    for structure in structures { bytes += try compression.member(write([structure])) }
    for piece in [1, 5, Int.max] {
      let frames = try readFrames(bytes, piece: piece)
      #expect(frames.count == 3)
      for (frame, structure) in zip(frames, structures) {
        #expect(try frame.structure().isIdentical(to: structure))
      }
    }
  }

  @Test("what follows compressed data is an error, unless it is padding")
  func trailing() throws {
    let text = Array("1\n\nHe 0 0 0\n".utf8)
    for compression in [Compression.gzip, .xz] {
      let member = try compression.member(text)
      #expect(try readFrames(member + [0, 0, 0, 0]).count == 1)
      let (frames, error) = read(member + Array("this is something else".utf8))
      #expect(frames.count <= 1)
      #expect(
        error?.message.hasSuffix("followed by something else") == true,
        "\(compression): \(error.debugDescription)")
    }
  }

  @Test("other compressions are named")
  func otherFormats() {
    let (_, error) = read([0x28, 0xB5, 0x2F, 0xFD, 0, 0, 0])
    #expect(
      error?.description
        == "a.xyz: this is zstd-compressed data; uncompressed, gzip and xz files can be read; "
        + "structures are read from \(StructureFormats.names) files")
  }

  @Test("a huge announced count takes no memory")
  func hugeCount() {
    let (frames, error) = read(Array("9223372036854775807\n\nHe 0 0 0\n".utf8))
    #expect(frames.isEmpty)
    #expect(error?.kind == .framing)
  }
}
