// SPDX-License-Identifier: MIT

import CLibrary

/// An axis of a plot: which numbers it shows and where its marks are.
struct Axis: Hashable, Sendable {
  /// How numbers are spread along it.
  enum Scale: Hashable, Sendable {
    case linear
    /// By their decimal logarithms; only positive numbers have a place.
    case logarithmic
  }

  /// The smallest number shown.
  let start: Double
  /// The largest number shown.
  let end: Double
  let scale: Scale

  /// An axis on which all of `values` have a place; linear ones begin at 0 unless a value is below, or
  /// `isTight`.
  init(
    _ values: some Sequence<Double>, scale: Scale = .linear, end: Double? = nil,
    isTight: Bool = false
  ) {
    let usable = values.filter { $0.isFinite && (scale == .linear || $0 > 0) }
    let (smallest, largest) = (usable.min() ?? 0, usable.max() ?? 1)
    self.scale = scale
    switch scale {
    case .linear:
      let start = isTight ? smallest : min(0, smallest)
      self.start = start
      self.end = max(end ?? largest, start + 1e-9 * max(1, abs(start)))
    case .logarithmic:
      self.start = smallest > 0 ? smallest : 0.1
      self.end = max(end ?? largest, self.start * 1.01)
    }
  }

  /// Where `value` is, from 0 at the start to 1 at the end; nil for what has no place.
  func place(_ value: Double) -> Double? {
    guard value.isFinite else { return nil }
    switch scale {
    case .linear: return (value - start) / (end - start)
    case .logarithmic:
      guard value > 0 else { return nil }
      return (log10(value) - log10(start))
        / (log10(end) - log10(start))
    }
  }

  /// Round numbers along it: about five, or the powers of ten.
  var ticks: [Double] {
    guard start.isFinite, end.isFinite, end > start else { return [] }
    switch scale {
    case .linear:
      var step = 1e-9
      // 1, 2, 5, 10, 20, … times the smallest step until few enough fit.
      for index in 0..<75 {
        if (end - start) / step <= 6 { break }
        step *= index % 3 == 1 ? 2.5 : 2
      }
      let first = (start / step - 1e-9).rounded(.up)
      let count = Int((end / step * (1 + 1e-9) - first).rounded(.down))
      return count < 0 ? [] : (0...count).map { (first + Double($0)) * step }
    case .logarithmic:
      let lowest = Int(log10(start).rounded(.up))
      let highest = Int(log10(end).rounded(.down))
      let factors = highest - lowest < 2 ? [1.0, 2, 5] : [1]
      return (lowest - 1...max(highest, lowest)).flatMap { power -> [Double] in
        let decade = (0..<abs(power)).reduce(1.0) { value, _ in power < 0 ? value / 10 : value * 10
        }
        return factors.map { $0 * decade }.filter { (start...end).contains($0) }
      }
    }
  }

  /// A number beside its mark.
  static func label(_ value: Double) -> String {
    var text = Decimals.fixed(value, 6)
    while text.contains(".") && (text.last == "0" || text.last == ".") {
      let dropped = text.removeLast()
      if dropped == "." { break }
    }
    return text
  }
}
