// SPDX-License-Identifier: MIT

import Reporting

/// The line that a person watches while a command works.
enum ProgressLine {
  /// How far the work is: with a bar and the time left, once it is known how much there is.
  static func text(done: Int, of total: Int?, _ things: String, rate: Double) -> String {
    let speed = "\(things), \(Decimals.fixed(rate, 1))/s"
    guard let total, total > 0 else { return "\(done) \(speed)" }
    let filled = min(24, 24 * done / total)
    let bar = String(repeating: "#", count: filled) + String(repeating: ".", count: 24 - filled)
    let left = rate > 0 ? Double(max(total - done, 0)) / rate : 0
    return "[\(bar)] \(done)/\(total) \(speed), \(duration(left)) left"
  }

  /// A time span for people: `42 s`, `3 min 05 s`, `2 h 10 min`.
  static func duration(_ seconds: Double) -> String {
    let whole = Int(seconds.rounded())
    if whole < 60 { return "\(whole) s" }
    if whole < 3600 { return "\(whole / 60) min \(whole % 60 < 10 ? "0" : "")\(whole % 60) s" }
    return "\(whole / 3600) h \(whole % 3600 / 60) min"
  }
}
