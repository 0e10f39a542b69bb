// SPDX-License-Identifier: MIT

/// Whole numbers as few bytes, and bytes as text.
enum PackedBytes {
  /// Appends a number in groups of seven bits, the lowest first; the eighth bit says that another follows.
  static func append(_ value: UInt64, to bytes: inout [UInt8]) {
    var rest = value
    while rest > 127 {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 128)
      rest >>= 7
    }
    bytes.append(UInt8(rest))
  }

  /// The same for a number of either sign, which goes to the lowest bit: 0, -1, 1, -2 are 0, 1, 2, 3.
  static func append(signed value: Int, to bytes: inout [UInt8]) {
    append(UInt64(bitPattern: Int64(value << 1 ^ value >> (Int.bitWidth - 1))), to: &bytes)
  }

  private static let digits = Array(
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

  /// `bytes` in base64 (RFC 4648), as browsers read it.
  static func base64(_ bytes: [UInt8]) -> String {
    var text: [UInt8] = []
    text.reserveCapacity((bytes.count + 2) / 3 * 4)
    for start in stride(from: 0, to: bytes.count, by: 3) {
      let group = bytes[start..<min(start + 3, bytes.count)]
      var bits = 0
      for place in 0..<3 {
        bits = bits << 8 | (place < group.count ? Int(group[start + place]) : 0)
      }
      for place in 0..<4 {
        text.append(place <= group.count ? digits[bits >> (18 - 6 * place) & 63] : 61)
      }
    }
    return String(decoding: text, as: UTF8.self)
  }
}
