// SPDX-License-Identifier: MIT

import CLibrary

/// An axis of a plot: which numbers it shows and where its marks are.
///
/// Any finite numbers have an axis, and so have none: at most `Axis.most` marks, and arithmetic that stays
/// finite to the ends of `Double`.
struct Axis: Hashable, Sendable {
  /// How numbers are spread along it.
  enum Scale: Hashable, Sendable {
    case linear
    /// By their decimal logarithms; only positive numbers have a place.
    case logarithmic
  }

  /// A round number on the axis.
  struct Tick: Hashable, Sendable {
    /// Where it is.
    var value: Double
    /// What stands beside it.
    var label: String
  }

  /// The smallest number shown.
  let start: Double
  /// The largest number shown, above `start`.
  let end: Double
  let scale: Scale

  /// An axis on which all of `values` have a place, but for those that are not finite and, on logarithmic
  /// axes, not positive; linear ones begin at 0 unless a value is below, or `isTight`.
  ///
  /// - Parameter end: where it ends if no value is beyond; nil for the largest value.
  init(
    _ values: some Sequence<Double>, scale: Scale = .linear, end: Double? = nil,
    isTight: Bool = false
  ) {
    var (smallest, largest) = (Double.infinity, -Double.infinity)
    for value in values where value.isFinite && (scale == .linear || value > 0) {
      smallest = min(smallest, value)
      largest = max(largest, value)
    }
    if smallest > largest { (smallest, largest) = scale == .linear ? (0, 1) : (0.1, 1) }
    if let end, end.isFinite { largest = max(largest, end) }
    self.scale = scale
    switch scale {
    case .linear:
      if !isTight { (smallest, largest) = (min(0, smallest), max(0, largest)) }
      (start, self.end) = Axis.widened(smallest, largest)
    case .logarithmic:
      let isWide = largest / smallest > 1.01
      start = isWide ? smallest : max(smallest / 2, .leastNonzeroMagnitude)
      self.end = isWide ? largest : min(largest * 2, .greatestFiniteMagnitude)
    }
  }

  /// The range, or a wider one about it if it is so narrow that its marks could not be told apart by eight
  /// digits.
  private static func widened(_ start: Double, _ end: Double) -> (Double, Double) {
    let size = max(abs(start), abs(end), Axis.smallest)
    guard end / 2 - start / 2 < size * 1e-7 else { return (start, end) }
    if start == 0 && end == 0 { return (0, 1) }
    let margin = max(size * 1e-7, Axis.smallest)
    return (
      max(start - margin, -.greatestFiniteMagnitude), min(end + margin, .greatestFiniteMagnitude)
    )
  }

  /// Below this `Double` has too few digits to divide an axis.
  private static let smallest = 1e-315

  /// Where `value` is, from 0 at the start to 1 at the end; nil for what has no place.
  func place(_ value: Double) -> Double? {
    guard value.isFinite else { return nil }
    switch scale {
    // Halves, because the ends may be farther apart than the largest number.
    case .linear: return (value / 2 - start / 2) / (end / 2 - start / 2)
    case .logarithmic:
      guard value > 0 else { return nil }
      return (log10(value) - log10(start)) / (log10(end) - log10(start))
    }
  }

  /// Most marks that an axis has.
  static let most = 12

  /// Round numbers along it: about five, or powers of ten; never more than `most`.
  var ticks: [Tick] {
    switch scale {
    case .linear: return roundNumbers
    case .logarithmic:
      let (lowest, highest) = (Int(log10(start).rounded(.down)), Int(log10(end).rounded(.up)))
      // 1, 2, 5 within two decades, then powers of ten, then every so manieth of them.
      let factors = highest - lowest <= 3 ? [1, 2, 5] : [1]
      let stride = max(1, (highest - lowest + 6) / 7)
      var ticks: [Tick] = []
      for exponent in lowest...highest where exponent % stride == 0 {
        for factor in factors { append(factor, exponent, to: &ticks) }
      }
      return ticks.count > 1 ? ticks : roundNumbers
    }
  }

  /// Multiples of 1, 2 or 5 times a power of ten, at most seven.
  private var roundNumbers: [Tick] {
    let least = (end / 2 - start / 2) / 3
    let begin = Int(log10(least).rounded(.down)) - 1
    for exponent in begin...begin + 3 {
      for factor in [1, 2, 5] {
        let step = Axis.number(factor, exponent)
        guard step > 0, step >= least * (1 - 1e-9) else { continue }
        var ticks: [Tick] = []
        for multiple in Int(start / step) - 1...Int(end / step) + 1 {
          append(multiple * factor, exponent, to: &ticks)
        }
        return ticks
      }
    }
    return []
  }

  private func append(_ digits: Int, _ exponent: Int, to ticks: inout [Tick]) {
    let value = Axis.number(digits, exponent)
    guard ticks.count < Axis.most, let place = place(value), (-1e-9...1 + 1e-9).contains(place)
    else { return }
    ticks.append(Tick(value: value, label: Axis.label(digits, exponent)))
  }

  /// `digits` times a power of ten, correctly rounded; infinite beyond the largest number.
  private static func number(_ digits: Int, _ exponent: Int) -> Double {
    Double("\(digits)e\(exponent)") ?? .infinity
  }

  /// The same in writing: `0.25`, `1500`, `2e22`.
  static func label(_ digits: Int, _ exponent: Int) -> String {
    guard digits != 0 else { return "0" }
    var (digits, exponent) = (digits, exponent)
    while digits % 10 == 0 { (digits, exponent) = (digits / 10, exponent + 1) }
    let text = "\(digits.magnitude)"
    let sign = digits < 0 ? "-" : ""
    // Where the first digit stands: 0 for ones, -1 for tenths.
    let first = text.count - 1 + exponent
    guard (-5...6).contains(first) else {
      return sign + text.prefix(1) + (text.count > 1 ? "." + text.dropFirst() : "") + "e\(first)"
    }
    if exponent >= 0 { return sign + text + String(repeating: "0", count: exponent) }
    if first < 0 { return sign + "0." + String(repeating: "0", count: -first - 1) + text }
    return sign + text.prefix(first + 1) + "." + text.dropFirst(first + 1)
  }
}
