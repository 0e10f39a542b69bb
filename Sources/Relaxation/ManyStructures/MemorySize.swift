// SPDX-License-Identifier: MIT

import RelaxNumerics

/// An amount of memory with its unit, as people write it: `8GB`, `500MB`, `2GiB`, `1.5 GB`.
public struct MemorySize: Hashable, Sendable, CustomStringConvertible {
  /// In bytes, at least 1.
  public let bytes: Int
  /// As it was written.
  public let description: String

  /// So many bytes.
  public init(bytes: Int) {
    (self.bytes, description) = (max(1, bytes), MemorySize.words(atMost: max(1, bytes)))
  }

  /// From a number and KB, MB, GB or TB (powers of 1000), or KiB, MiB, GiB or TiB (powers of 1024), in any case, with a
  /// blank or without.
  ///
  /// A number without a unit is none, and neither is a letter alone, which to some programs means one and to some the
  /// other. Nil also where it is less than a byte or more than there can be.
  public init?(_ text: String) {
    let number = text.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
    let unit = text.dropFirst(number.count).drop { $0 == " " }.lowercased()
    guard number.first?.isNumber == true, number.last?.isNumber == true,
      let value = Double(number), let factor = MemorySize.units[unit]
    else { return nil }
    let bytes = (value * factor).rounded(.down)
    guard bytes >= 1, bytes < 1e18 else { return nil }
    (self.bytes, description) = (Int(bytes), text)
  }

  private static let units: [String: Double] = [
    "kb": 1e3, "mb": 1e6, "gb": 1e9, "tb": 1e12, "kib": 0x1p10, "mib": 0x1p20, "gib": 0x1p30,
    "tib": 0x1p40,
  ]

  /// In two digits, rounded up: what something needs.
  public static func words(atLeast bytes: Int) -> String { words(Double(bytes), .up) }

  /// In two digits, rounded down: what there is.
  public static func words(atMost bytes: Int) -> String { words(Double(bytes), .down) }

  private static func words(_ bytes: Double, _ rule: FloatingPointRoundingRule) -> String {
    var bytes = max(0, bytes)
    var digit = 1.0
    while bytes >= 100 * digit { digit *= 10 }
    bytes = (bytes / digit).rounded(rule) * digit
    let units = [(1e12, "TB"), (1e9, "GB"), (1e6, "MB")]
    let (unit, name) = units.first { bytes >= $0.0 } ?? (1e3, "kB")
    let value = (bytes / unit * 10).rounded() / 10
    return (value == value.rounded() ? "\(Int(value))" : "\(value)") + " " + name
  }
}
