// SPDX-License-Identifier: MIT

import CLibrary

/// An axis of a plot: which numbers it shows and where its marks are.
///
/// It begins and ends at round numbers, which have marks. Any finite numbers have an axis, and so have none:
/// at most `Axis.most` marks, and arithmetic that stays finite to the ends of `Double`; there alone an end
/// may be no round number.
struct Axis: Hashable, Sendable {
  /// How numbers are spread along it.
  enum Scale: Hashable, Sendable {
    case linear
    /// By their decimal logarithms; only positive numbers have a place.
    case logarithmic
  }

  /// What an axis is to show.
  struct Range: Hashable, Sendable {
    /// Where it ends if no value is beyond; nil for the largest value.
    var end: Double?
    /// Whether it begins at the smallest value instead of 0; linear axes only.
    var isTight = false
    /// Whether it is of counts, which have no marks between whole numbers; linear axes only.
    var isWhole = false
    /// The least that lies between its ends, with the values in the middle; linear axes only.
    var least = 0.0
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
  /// Round numbers along it, the ends among them: at most `most`, all in one notation.
  let ticks: [Tick]
  /// What the labels count from; nil for 0.
  ///
  /// Numbers that are alike in their first digits would else be too long to read.
  let origin: String?
  /// Numbers between the marks of a logarithmic axis, so that it can be seen how it is spread.
  let minor: [Double]

  /// An axis on which all of `values` have a place, but for those that are not finite and, on logarithmic
  /// axes, not positive; linear ones begin at 0 unless a value is below, or they are tight.
  init(_ values: some Sequence<Double>, scale: Scale = .linear, _ range: Range = Range()) {
    var (smallest, largest) = (Double.infinity, -Double.infinity)
    for value in values where value.isFinite && (scale == .linear || value > 0) {
      smallest = min(smallest, value)
      largest = max(largest, value)
    }
    if smallest > largest { (smallest, largest) = scale == .linear ? (0, 1) : (0.1, 1) }
    if let end = range.end, end.isFinite { largest = max(largest, end) }
    self.scale = scale
    let marks: [RoundNumber]
    switch scale {
    case .linear:
      if !range.isTight { (smallest, largest) = (min(0, smallest), max(0, largest)) }
      (smallest, largest) = Axis.widened(smallest, largest, least: range.least)
      marks = Axis.multiples(smallest, largest, isWhole: range.isWhole)
    case .logarithmic:
      if largest / smallest <= 1.01 {
        smallest = max(smallest / 2, .leastNonzeroMagnitude)
        largest = min(largest * 2, .greatestFiniteMagnitude)
      }
      // So few decades, none of which may begin between the ends, are divided as a linear axis is.
      marks =
        largest / smallest < 2.5 && smallest > Axis.smallest
        ? Axis.multiples(smallest, largest, isWhole: false)
        : Axis.decades(smallest, largest)
    }
    let shown = marks.filter { $0.value.isFinite }
    start = min(smallest, shown.first?.value ?? smallest)
    end = max(largest, shown.last?.value ?? largest)
    let labels = Axis.labels(of: shown, scale)
    (ticks, origin) = (
      zip(shown, labels.texts).map { Tick(value: $0.value, label: $1) }, labels.origin
    )
    minor = scale == .linear ? [] : Axis.minor(start, end, besides: Set(shown.map(\.value)))
  }

  /// The range, or a wider one about it: one of at least `least`, and not so narrow that there are no numbers
  /// between its ends to be marked.
  private static func widened(
    _ start: Double, _ end: Double, least: Double
  ) -> (Double, Double) {
    let size = max(abs(start), abs(end), Axis.smallest)
    var (start, end) = (start, end)
    if start == 0 && end == 0 && least == 0 { return (0, 1) }
    let missing = least / 2 - (end / 2 - start / 2)
    if missing > 0 { (start, end) = (start - missing, end + missing) }
    if end / 2 - start / 2 < max(size * 2e-14, Axis.smallest * 1e-7) {
      // Equal but for rounding.
      let margin = max(size * 0.05, Axis.smallest)
      (start, end) = (start - margin, end + margin)
    }
    return (max(start, -.greatestFiniteMagnitude), min(end, .greatestFiniteMagnitude))
  }

  /// Below this `Double` has too few digits to divide an axis.
  private static let smallest = Double.leastNormalMagnitude * 0x1p-23

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

  // MARK: - Marks

  /// Most marks that an axis has.
  static let most = 12

  /// The power of ten that a positive number begins with.
  static func decade(of value: Double) -> Int { Int(log10(value).rounded(.down)) }

  /// Multiples of one step, from the last one not above `start` to the first one not below `end`.
  private static func multiples(_ start: Double, _ end: Double, isWhole: Bool) -> [RoundNumber] {
    // At most five steps, and one more at each end.
    let least = max((end / 2 - start / 2) / 2.5, isWhole ? 1 : 0)
    guard let step = RoundNumber.step(notBelow: least) else { return [] }
    // A number that is a multiple but for rounding is one.
    let first = Int((start / step.value + 1e-7).rounded(.down))
    let last = Int((end / step.value - 1e-7).rounded(.up))
    return (first...max(first, last)).map(step.times)
  }

  /// Round numbers of a logarithmic axis: 1, 2 and 5 in each decade, or 1 and 3, or powers of ten, or every
  /// so manieth of these.
  private static func decades(_ start: Double, _ end: Double) -> [RoundNumber] {
    let span = log10(end) - log10(start)
    let factors = span < 1.5 ? [1, 2, 5] : span < 3.5 ? [1, 3] : [1]
    let stride = factors.count > 1 ? 1 : max(1, Int((span / 6).rounded(.up)))
    func multiple(_ exponent: Int, _ rule: FloatingPointRoundingRule) -> Int {
      Int((Double(exponent) / Double(stride)).rounded(rule)) * stride
    }
    let lowest = multiple(decade(of: start) - 1, .down)
    let highest = multiple(decade(of: end) + 2, .up)
    let all = Swift.stride(from: lowest, through: highest, by: stride).flatMap { exponent in
      factors.map { RoundNumber(digits: $0, exponent: exponent) }
    }.filter { $0.value > 0 }
    let first = all.lastIndex { $0.value <= start * (1 + 1e-9) } ?? 0
    let last = all.firstIndex { $0.value >= end * (1 - 1e-9) } ?? all.count - 1
    return Array(all[first...max(first, last)])
  }

  /// 1 to 9 times powers of ten between the marks, if there are few decades.
  private static func minor(_ start: Double, _ end: Double, besides marks: Set<Double>) -> [Double]
  {
    let (first, last) = (decade(of: start), decade(of: end))
    guard end / start >= 2.5, last - first <= 8 else { return [] }
    return (first...last).flatMap { exponent in
      (1...9).map { RoundNumber(digits: $0, exponent: exponent).value }
    }.filter { $0 > start && $0 < end && !marks.contains($0) }
  }

  // MARK: - Labels

  /// More characters than these are too many for a label.
  private static let longest = 8

  /// What stands beside `marks`, all in one notation, and what it is counted from.
  private static func labels(
    of marks: [RoundNumber], _ scale: Scale
  ) -> (texts: [String], origin: String?) {
    let plain = texts(of: marks, scale)
    guard scale == .linear, plain.contains(where: { $0.count > longest }),
      let first = marks.first, let last = marks.last,
      marks.allSatisfy({ $0.exponent == first.exponent })
    else { return (plain, nil) }
    // The roundest number among them, counted in units of their last digit.
    var unit = 1
    while unit <= last.digits - first.digits { unit *= 10 }
    let middle = Double(first.digits) / 2 + Double(last.digits) / 2
    let origin = Int((middle / Double(unit)).rounded()) * unit
    guard origin != 0 else { return (plain, nil) }
    let rest = marks.map { RoundNumber(digits: $0.digits - origin, exponent: $0.exponent) }
    let whole = RoundNumber(digits: origin, exponent: first.exponent)
    let name = whole.text(.plain)
    return (texts(of: rest, scale), name.count <= 16 ? name : whole.text(.scientific))
  }

  private static func texts(of marks: [RoundNumber], _ scale: Scale) -> [String] {
    let notation = notation(marks, scale)
    let texts = marks.map { $0.text(notation) }
    // Those of one step; powers of ten differ in theirs.
    guard notation == .plain, Set(marks.map(\.exponent)).count == 1 else { return texts }
    // As many decimals everywhere, but for 0.
    let decimals = texts.map { $0.split(separator: ".").dropFirst().first?.count ?? 0 }
    let most = decimals.max() ?? 0
    return zip(texts, decimals).map { text, count in
      text == "0" || count == most
        ? text : text + (count == 0 ? "." : "") + String(repeating: "0", count: most - count)
    }
  }

  /// The notation in which all of `marks` are short.
  private static func notation(_ marks: [RoundNumber], _ scale: Scale) -> RoundNumber.Notation {
    let sizes = marks.map { abs($0.value) }.filter { $0 > 0 }
    guard let largest = sizes.max(), let smallest = sizes.min() else { return .plain }
    let decisive = scale == .linear ? largest : smallest
    return largest < 1e7 && decisive >= 1e-4 * (1 - 1e-9) ? .plain : .scientific
  }
}
