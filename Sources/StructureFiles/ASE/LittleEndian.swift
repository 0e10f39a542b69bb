// SPDX-License-Identifier: MIT

extension UInt64 {
  /// The smallest byte first.
  var littleEndianBytes: [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(8)
    appendLittleEndian(to: &bytes)
    return bytes
  }

  /// Appends its bytes, the smallest first.
  func appendLittleEndian(to bytes: inout [UInt8]) {
    for shift in stride(from: UInt64(0), to: 64, by: 8) {
      bytes.append(UInt8(truncatingIfNeeded: self >> shift))
    }
  }
}
