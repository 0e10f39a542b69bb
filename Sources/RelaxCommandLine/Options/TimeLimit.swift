// SPDX-License-Identifier: MIT

import ArgumentParser

/// `--time-limit`, on the commands that can be stopped in order.
struct TimeLimitOption: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      """
      Stop so long after the start of the process, as at SIGTERM: with exit code 75, within 5 s. \
      Leave a batch job's time some room for that.
      """, .timeLimit))
  var timeLimit: TimeLimit?
}

/// A span of time as people write it: `3h50m`, `90s`, `2m`, `1d`, or `3:50:00` as schedulers do.
///
/// A bare number is none: minutes for some programs, seconds for others.
struct TimeLimit: Hashable, Sendable, ExpressibleByArgument, CustomStringConvertible {
  /// Its length, 1 s or more.
  let seconds: Int
  /// As it was given.
  let description: String

  private static let units: [(letter: Character, seconds: Int)] = [
    ("d", 86_400), ("h", 3_600), ("m", 60), ("s", 1),
  ]
  /// More digits than this have no meaning for a clock.
  private static let mostDigits = 9

  init?(argument: String) {
    guard let seconds = TimeLimit.clock(argument) ?? TimeLimit.withUnits(argument), seconds > 0
    else { return nil }
    (self.seconds, description) = (seconds, argument)
  }

  /// Hours, minutes and seconds with colons.
  private static func clock(_ text: String) -> Int? {
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    guard parts.count == 3, let hours = number(parts[0]) else { return nil }
    let rest = parts[1...].compactMap { $0.count == 2 ? number($0) : nil }
    guard rest.count == 2, rest.allSatisfy({ $0 < 60 }) else { return nil }
    return hours * 3_600 + rest[0] * 60 + rest[1]
  }

  /// Numbers with units, the larger units first.
  private static func withUnits(_ text: String) -> Int? {
    var seconds = 0
    var rest = text[...]
    for unit in units {
      guard let end = rest.firstIndex(of: unit.letter) else { continue }
      guard let count = number(rest[..<end]) else { return nil }
      seconds += count * unit.seconds
      rest = rest[end...].dropFirst()
    }
    return rest.isEmpty ? seconds : nil
  }

  private static func number(_ digits: Substring) -> Int? {
    guard (1...mostDigits).contains(digits.utf8.count),
      digits.utf8.allSatisfy({ UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 })
    else { return nil }
    return Int(digits)
  }
}
