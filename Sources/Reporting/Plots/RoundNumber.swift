// SPDX-License-Identifier: MIT

/// A number with few digits, as it stands beside a mark of an axis: `digits` times ten to the `exponent`.
struct RoundNumber: Hashable, Sendable {
  /// The digits that it is written with.
  var digits: Int
  /// The power of ten that they are multiplied by.
  var exponent: Int

  /// The number, correctly rounded; infinite beyond the largest one.
  var value: Double { Double("\(digits)e\(exponent)") ?? .infinity }

  /// How numbers are written: all those of one axis in the same way.
  enum Notation: Hashable, Sendable {
    /// `0.25`, `1500`.
    case plain
    /// `2.5e-1`, `1.5e3`.
    case scientific
  }

  /// The number in writing; 0 is `0` in both notations.
  func text(_ notation: Notation) -> String {
    guard digits != 0 else { return "0" }
    var (digits, exponent) = (digits, exponent)
    while digits % 10 == 0 { (digits, exponent) = (digits / 10, exponent + 1) }
    let text = "\(digits.magnitude)"
    let sign = digits < 0 ? "-" : ""
    // Where the first digit stands: 0 for ones, -1 for tenths.
    let first = text.count - 1 + exponent
    if notation == .scientific {
      return sign + text.prefix(1) + (text.count > 1 ? "." + text.dropFirst() : "") + "e\(first)"
    }
    if exponent >= 0 { return sign + text + String(repeating: "0", count: exponent) }
    if first < 0 { return sign + "0." + String(repeating: "0", count: -first - 1) + text }
    return sign + text.prefix(first + 1) + "." + text.dropFirst(first + 1)
  }

  /// The least of 1, 2 and 5 times powers of ten that is not below `least`, but for rounding.
  ///
  /// - Precondition: `least` is positive and finite.
  static func step(notBelow least: Double) -> RoundNumber? {
    precondition(least > 0 && least.isFinite)
    // A decade lower, because logarithms of the smallest numbers are rough.
    var number = RoundNumber(digits: 1, exponent: Axis.decade(of: least) - 1)
    for _ in 0..<12 {
      if number.value > 0 && number.value >= least * (1 - 1e-9) { return number }
      number =
        switch number.digits {
        case 1: RoundNumber(digits: 2, exponent: number.exponent)
        case 2: RoundNumber(digits: 5, exponent: number.exponent)
        default: RoundNumber(digits: 1, exponent: number.exponent + 1)
        }
    }
    return nil
  }

  /// The same number so many times.
  func times(_ factor: Int) -> RoundNumber {
    RoundNumber(digits: digits * factor, exponent: exponent)
  }
}
