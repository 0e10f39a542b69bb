// SPDX-License-Identifier: MIT

import Files
import TestSupport
import Testing

@Suite struct ChecksumTests {
  @Test(
    "it is the CRC-64 of ECMA-182 as xz has it",
    arguments: [
      ("", "0000000000000000"), ("123456789", "995dc9bbdf1939fa"), ("a", "330284772e652b05"),
    ])
  func published(text: String, checksum: String) {
    #expect(Checksum(of: text).text == checksum)
  }

  @Test("pieces change nothing, any flipped bit does")
  func pieces() {
    let bytes = (0..<300).map { UInt8(truncatingIfNeeded: $0 * 7) }
    let whole = Checksum(of: bytes)
    var pieces = Checksum()
    for start in stride(from: 0, to: 300, by: 7) {
      pieces.update(Array(bytes[start..<min(300, start + 7)]))
    }
    #expect(pieces == whole)
    for bit in 0..<bytes.count * 8 {
      var other = bytes
      other[bit / 8] ^= 1 << UInt8(bit % 8)
      #expect(Checksum(of: other) != whole)
    }
  }

  @Test("a file has the checksum of its bytes, however long")
  func file() throws {
    let scratch = try Scratch()
    let bytes = (0..<600_000).map { UInt8(truncatingIfNeeded: $0 &* $0 >> 3) }
    let path = try scratch.write(bytes, to: "a")
    let found = try #require(Checksum.ofFile(path))
    #expect(found.bytes == bytes.count && found.checksum == Checksum(of: bytes))
    #expect(Checksum.ofFile(scratch.path("missing")) == nil)
    #expect(
      FileFingerprint.describe(path) == "a, 600000 bytes, checksum \(found.checksum.text)")
  }
}
