// SPDX-License-Identifier: MIT

import CLibrary

/// Numbers for reading, as opposed to those for computing on (`JSONText`).
public enum Decimals {
  /// What stands for a number that is not there.
  public static let missing = "–"

  /// `value` with a fixed number of decimals (0–12), rounded half away from zero: `0.050`.
  ///
  /// What is missing or not finite is `–`; what is too large for that is written with six digits and its
  /// power of ten: `1.5e22`.
  public static func fixed(_ value: Double?, _ decimals: Int) -> String {
    precondition((0...12).contains(decimals), "\(decimals) decimals")
    guard let value, value.isFinite else { return missing }
    let scale = (0..<decimals).reduce(1.0) { scale, _ in scale * 10 }
    let scaled = (abs(value) * scale).rounded(.toNearestOrAwayFromZero)
    guard scaled < 9e15 else { return withPower(value) }
    let digits = String(Int(scaled))
    let padded = String(repeating: "0", count: max(0, decimals + 1 - digits.count)) + digits
    let sign = value < 0 && scaled > 0 ? "-" : ""
    guard decimals > 0 else { return sign + padded }
    return sign + padded.dropLast(decimals) + "." + padded.suffix(decimals)
  }

  /// `value` with as many of at most four decimals as it needs: `95`, `99.9`.
  static func short(_ value: Double) -> String {
    var text = fixed(value, 4)
    while text.contains("."), text.hasSuffix("0") || text.hasSuffix(".") { text.removeLast() }
    return text
  }

  /// `value` with at most four digits, for pointing at: `0.01234`, `1500`, `2.5e-7`; what is not finite is `–`.
  static func digits(_ value: Double) -> String {
    guard value.isFinite, value != 0 else { return value == 0 ? "0" : "–" }
    let power = Int(log10(abs(value)).rounded(.down))
    if power >= 7 || power < -4 {
      let text = withPower(value)
      guard let mark = text.firstIndex(of: "e"), let mantissa = Double(text[..<mark]) else {
        return text
      }
      return fixed(mantissa, 3).trimmedDecimals + text[mark...]
    }
    return fixed(value, max(0, 3 - power)).trimmedDecimals
  }

  /// A time in the unit in which it has few digits, and that unit: `2.5`, `minutes`.
  static func duration(_ seconds: Double) -> (text: String, unit: String) {
    switch seconds {
    case ..<100: (fixed(seconds, 1), "seconds")
    case ..<6000: (fixed(seconds / 60, 1), "minutes")
    default: (fixed(seconds / 3600, 1), "hours")
    }
  }

  private static func withPower(_ value: Double) -> String {
    var power = Int(log10(abs(value)).rounded(.down))
    // Powers of ten end before numbers do.
    let shift = power < -300 ? 1e30 : 1
    let unit = Double("1e\(power < -300 ? power + 30 : power)") ?? 1
    var mantissa = fixed(abs(value) * shift / unit, 5)
    if mantissa.hasPrefix("10") { (mantissa, power) = ("1", power + 1) }
    while mantissa.contains("."), mantissa.hasSuffix("0") || mantissa.hasSuffix(".") {
      mantissa.removeLast()
    }
    return "\(value < 0 ? "-" : "")\(mantissa)e\(power)"
  }

  /// `value` with two digits and its power of ten, rounded half away from zero: `1.3e-12`; as it is if it
  /// is 0 or not finite.
  public static func scientific(_ value: Double) -> String {
    guard value.isFinite, value != 0 else { return "\(value)" }
    var power = Int(log10(abs(value)).rounded(.down))
    // From the decimal digits: a power of ten that was multiplied up may land on 9.999….
    var mantissa = fixed(abs(value) / (Double("1e\(power)") ?? 1), 1)
    if mantissa == "10.0" { (mantissa, power) = ("1.0", power + 1) }
    return "\(value < 0 ? "-" : "")\(mantissa)e\(power)"
  }

  /// A share (0–1) in percent: `31.44 %`.
  public static func percent(_ share: Double?, _ decimals: Int = 2) -> String {
    guard let share, share.isFinite else { return missing }
    return fixed(share * 100, decimals) + " %"
  }
}

extension String {
  /// Without zeros at the end of its decimals.
  fileprivate var trimmedDecimals: String {
    var text = self
    while text.contains("."), text.hasSuffix("0") || text.hasSuffix(".") { text.removeLast() }
    return text
  }
}
