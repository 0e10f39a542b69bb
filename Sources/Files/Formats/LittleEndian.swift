// SPDX-License-Identifier: MIT

// Numbers as the bytes that binary files and links between programs have: the smallest byte first.

extension UInt64 {
  /// The smallest byte first.
  package var littleEndianBytes: [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(8)
    appendLittleEndian(to: &bytes)
    return bytes
  }

  /// Appends its bytes, the smallest first.
  package func appendLittleEndian(to bytes: inout [UInt8]) {
    for shift in stride(from: UInt64(0), to: 64, by: 8) {
      bytes.append(UInt8(truncatingIfNeeded: self >> shift))
    }
  }
}

extension [Double] {
  /// Eight bytes a number, the smallest first.
  package var littleEndianBytes: [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(8 * count)
    for number in self {
      Swift.withUnsafeBytes(of: number.bitPattern.littleEndian) { bytes += $0 }
    }
    return bytes
  }

  /// As many numbers as `bytes` hold.
  package init(littleEndianBytes bytes: ArraySlice<UInt8>) {
    self = bytes.withUnsafeBytes { buffer in
      (0..<buffer.count / 8).map { index in
        let pattern = buffer.loadUnaligned(fromByteOffset: 8 * index, as: UInt64.self)
        return Double(bitPattern: UInt64(littleEndian: pattern))
      }
    }
  }
}
