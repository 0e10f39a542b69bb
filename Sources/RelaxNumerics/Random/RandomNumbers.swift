// SPDX-License-Identifier: MIT

/// SplitMix64 (Steele, Lea and Flood 2014): a small seeded generator whose stream is part of our
/// results, so it never changes.
public struct SeededGenerator: RandomNumberGenerator, Sendable {
  private var state: UInt64

  /// A stream that depends on `seed` alone.
  public init(seed: UInt64) { state = seed }

  /// Stream number `stream` of `seed`: it depends on the two alone, so work that is shared out
  /// among threads draws the same numbers in any order.
  public init(seed: UInt64, stream: UInt64) {
    var seeds = SeededGenerator(seed: seed)
    var streams = SeededGenerator(seed: seeds.next() ^ stream)
    state = streams.next()
  }

  /// The next 64 random bits.
  public mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }

  /// A number of the interval [0, 1), with 53 random bits.
  public mutating func uniform() -> Double { Double(next() >> 11) * 0x1p-53 }

  /// A whole number from 0 to `count` − 1.
  public mutating func below(_ count: Int) -> Int {
    precondition(count > 0, "no number is below \(count)")
    return Int(next().multipliedFullWidth(by: UInt64(count)).high)
  }

  /// A number of the interval [`low`, `high`).
  public mutating func uniform(_ low: Double, _ high: Double) -> Double {
    low + (high - low) * uniform()
  }
}
