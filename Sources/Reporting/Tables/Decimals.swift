// SPDX-License-Identifier: MIT

import Files

/// Numbers for reading, as opposed to those for computing on (`JSONText`).
public enum Decimals {
  /// `value` with a fixed number of decimals (0–12), rounded half away from zero: `0.050`.
  ///
  /// What is missing or not finite is `–` (`-` if only ASCII may be used); what is too large to have
  /// decimals is written as it is.
  public static func fixed(_ value: Double?, _ decimals: Int, style: TextTable.Style = .unicode)
    -> String
  {
    precondition((0...12).contains(decimals), "\(decimals) decimals")
    guard let value, value.isFinite else { return style == .unicode ? "–" : "-" }
    let scale = (0..<decimals).reduce(1.0) { scale, _ in scale * 10 }
    let scaled = (abs(value) * scale).rounded(.toNearestOrAwayFromZero)
    guard scaled < 9e15 else { return "\(value)" }
    let digits = String(Int(scaled))
    let padded = String(repeating: "0", count: max(0, decimals + 1 - digits.count)) + digits
    let sign = value < 0 && scaled > 0 ? "-" : ""
    guard decimals > 0 else { return sign + padded }
    return sign + padded.dropLast(decimals) + "." + padded.suffix(decimals)
  }

  /// A share (0–1) in percent: `31.44 %`.
  public static func percent(
    _ share: Double?, _ decimals: Int = 2, style: TextTable.Style = .unicode
  )
    -> String
  {
    guard let share, share.isFinite else { return fixed(nil, 0, style: style) }
    return fixed(share * 100, decimals) + " %"
  }
}
