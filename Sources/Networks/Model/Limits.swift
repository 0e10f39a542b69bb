// SPDX-License-Identifier: MIT

/// What can be asked for: wide enough for any network that fits into memory, and narrow enough that
/// products of sizes cannot overflow.
enum Limits {
  static let widths = 1...16_384
  static let blocks = 1...256
  /// SchNet's updates are folded into all that reads them, a product for each pair of blocks.
  static let foldedBlocks = 1...32
  static let neighbors = 1...100_000
  /// 1.1ᵏ must stay a number in single precision.
  static let frequencies = 1...900
  static let degrees = 1...32
  static let depths = 0...64
  static let gaussians = 16_384
  /// Harmonics of a degree l cost (2 l + 1) numbers an edge.
  static let sphericalDegrees = 16
  static let radials = 256
  static let exponents = 64
  /// In Å: no atoms are nearer than the least, and functions of far shorter lengths are lost in rounding.
  static let cutoffs = 0.1...100.0
}
