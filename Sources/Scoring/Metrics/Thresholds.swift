// SPDX-License-Identifier: MIT

/// Equally spaced limits over which a share of structures is averaged.
///
/// A limit is passed by values strictly below it; what has no value, or NaN, passes none.
public struct Thresholds: Hashable, Sendable, CustomStringConvertible {
  /// The first limit.
  public let first: Double
  /// Nominal distance between limits.
  public let step: Double
  /// All limits, ascending.
  public let values: [Double]

  /// Limits from `start` up to, but not including, `stop`.
  ///
  /// The values are those of NumPy's `arange`, rounding included: its increment is
  /// `(start + step) - start`, and scores of other codes depend on it.
  public init(start: Double, stop: Double, step: Double) {
    precondition(step > 0 && stop > start, "thresholds run upwards")
    let increment = (start + step) - start
    let count = Int(((stop - start) / step).rounded(.up))
    first = start
    self.step = step
    values = (0..<count).map { start + Double($0) * increment }
  }

  /// The same limits and one more, so that the end is among them: the other way to read "from 0.01 to
  /// 0.5 Å".
  public var withEnd: Thresholds {
    Thresholds(start: first, stop: first + (Double(count) + 0.5) * step, step: step)
  }

  /// ADwT's limits on the mean distance: 0.010, 0.011, … 0.499 Å, 490 of them.
  public static let distance = Thresholds(start: 0.01, stop: 0.5, step: 0.001)
  /// AFbT's limits on the largest force: 0.010, 0.011, … 0.399 eV/Å, 390 of them.
  public static let force = Thresholds(start: 0.01, stop: 0.4, step: 0.001)

  /// Number of limits.
  public var count: Int { values.count }
  /// The last limit.
  public var last: Double { values.last ?? first }

  /// Number, start and step.
  public var description: String { "\(count) limits from \(first) by \(step)" }

  /// How many limits `value` is strictly below; none for NaN.
  ///
  /// - Complexity: O(log `count`).
  public func passed(by value: Double) -> Int {
    var low = 0
    var high = values.count
    // Invariant: limits before `low` are not above the value, limits from `high` on are.
    while low < high {
      let middle = (low + high) / 2
      if value < values[middle] { high = middle } else { low = middle + 1 }
    }
    return values.count - low
  }

  /// The share of structures below a limit, averaged over the limits (0–1).
  ///
  /// - Parameter structures: one value a structure; nil or NaN counts as failure at every limit.
  /// - Returns: 0 if there are no structures.
  public func meanShare(of structures: some Collection<Double?>) -> Double {
    guard !structures.isEmpty else { return 0 }
    let total = structures.reduce(0) { $0 + ($1.map(passed(by:)) ?? 0) }
    return Double(total) / Double(structures.count * count)
  }

  /// The share of structures strictly below each limit (0–1), one entry a limit.
  ///
  /// - Parameter structures: one value a structure; nil or NaN counts as failure at every limit.
  public func shares(of structures: some Collection<Double?>) -> [Double] {
    var firstPassed = [Int](repeating: 0, count: count + 1)
    for value in structures { firstPassed[count - (value.map(passed(by:)) ?? 0)] += 1 }
    var below = 0
    return firstPassed.dropLast().map { new in
      below += new
      return structures.isEmpty ? 0 : Double(below) / Double(structures.count)
    }
  }
}
