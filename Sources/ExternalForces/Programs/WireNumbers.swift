// SPDX-License-Identifier: MIT

import RelaxNumerics

/// Numbers as they go over a link: their bytes, the smallest first, as all processors have them that this
/// package runs on.
enum WireNumbers {
  static func bytes(_ number: UInt32) -> [UInt8] {
    withUnsafeBytes(of: number.littleEndian) { Array($0) }
  }

  static func bytes(_ numbers: [Double]) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(8 * numbers.count)
    for number in numbers {
      withUnsafeBytes(of: number.bitPattern.littleEndian) { bytes += $0 }
    }
    return bytes
  }

  /// A count of four bytes.
  static func unsigned(_ bytes: ArraySlice<UInt8>) -> Int {
    bytes.reversed().reduce(0) { $0 << 8 | Int($1) }
  }

  /// As many numbers as `bytes` hold.
  static func doubles(_ bytes: ArraySlice<UInt8>) -> [Double] {
    bytes.withUnsafeBytes { buffer in
      (0..<buffer.count / 8).map { index in
        let pattern = buffer.loadUnaligned(fromByteOffset: 8 * index, as: UInt64.self)
        return Double(bitPattern: UInt64(littleEndian: pattern))
      }
    }
  }

  /// Three numbers a vector.
  static func vectors(_ numbers: ArraySlice<Double>) -> [Vector3] {
    stride(from: numbers.startIndex, to: numbers.endIndex - 2, by: 3).map {
      Vector3(numbers[$0], numbers[$0 + 1], numbers[$0 + 2])
    }
  }
}
