// SPDX-License-Identifier: MIT

import Files
import RelaxNumerics

/// Numbers as they go over a link: their bytes, the smallest first.
enum WireNumbers {
  static func bytes(_ number: UInt32) -> [UInt8] {
    withUnsafeBytes(of: number.littleEndian) { Array($0) }
  }

  static func bytes(_ numbers: [Double]) -> [UInt8] { numbers.littleEndianBytes }

  /// A count of four bytes.
  static func unsigned(_ bytes: ArraySlice<UInt8>) -> Int {
    bytes.reversed().reduce(0) { $0 << 8 | Int($1) }
  }

  /// As many numbers as `bytes` hold.
  static func doubles(_ bytes: ArraySlice<UInt8>) -> [Double] {
    [Double](littleEndianBytes: bytes)
  }

  /// Three numbers a vector.
  static func vectors(_ numbers: ArraySlice<Double>) -> [Vector3] {
    stride(from: numbers.startIndex, to: numbers.endIndex - 2, by: 3).map {
      Vector3(numbers[$0], numbers[$0 + 1], numbers[$0 + 2])
    }
  }
}
