// SPDX-License-Identifier: MIT

import CLZMA
import CLibrary

/// The one checksum of this project: CRC-64 as the xz format has it (ECMA-182, reflected).
///
/// It tells whether bytes are still the same, of a record or of a whole file; it is no protection
/// against malice.
public struct Checksum: Hashable, Sendable {
  /// The checksum of all bytes so far.
  public private(set) var value: UInt64 = 0

  /// The checksum of no bytes.
  public init() {}

  /// The checksum of `bytes`.
  public init(of bytes: [UInt8]) { update(bytes) }

  /// The checksum of a text as UTF-8.
  public init(of text: some StringProtocol) { update(Array(text.utf8)) }

  /// Goes on with `bytes`.
  public mutating func update(_ bytes: [UInt8]) { value = lzma_crc64(bytes, bytes.count, value) }

  /// Sixteen hexadecimal digits.
  public var text: String { value.hexadecimal }

  /// From what `text` gives; nil for anything else.
  public init?(text: some StringProtocol) {
    guard text.utf8.count == 16, text.first?.isHexDigit == true,
      let value = UInt64(text, radix: 16)
    else { return nil }
    self.value = value
  }

  /// Size in bytes and checksum of the file at `path`, or nil if it cannot be read.
  public static func ofFile(_ path: String) -> (bytes: Int, checksum: Checksum)? {
    let descriptor = FileSystem.open(path, O_RDONLY)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    var buffer = [UInt8](repeating: 0, count: 1 << 18)
    var checksum = Checksum()
    var bytes = 0
    while true {
      let count = buffer.withUnsafeMutableBytes { read(descriptor, $0.baseAddress, $0.count) }
      if count < 0 && errno == EINTR { continue }
      guard count >= 0 else { return nil }
      if count == 0 { return (bytes, checksum) }
      checksum.value = lzma_crc64(buffer, count, checksum.value)
      bytes += count
    }
  }
}

extension FixedWidthInteger {
  /// All its digits to the base 16, leading zeros included.
  var hexadecimal: String {
    let digits = String(self, radix: 16)
    return String(repeating: "0", count: bitWidth / 4 - digits.count) + digits
  }
}
