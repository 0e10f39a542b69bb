// SPDX-License-Identifier: MIT

import RelaxNumerics

/// Two sets of predictions of the same structures, judged by the same references in the same way.
///
/// Every metric is a mean of one number a structure, so that differences can be paired: what is hard for
/// both cancels. Intervals are percentile bootstrap ones: structures are drawn with replacement, each
/// split on its own, and both sets are judged on the same draw (Efron and Tibshirani 1993, chapter 13).
///
/// An interval is what it is by a number of random draws and of a number of structures, and decides nothing that
/// either could not: see ``Row/isDecided``.
public struct PairedComparison: Sendable {
  /// One metric of both sets.
  public struct Row: Hashable, Sendable {
    /// What it is, with its limit and unit.
    public var name: String
    /// Whether it is a share, 0–1.
    public var isShare: Bool
    /// Whether more is better.
    public var moreIsBetter: Bool
    /// Structures that have the number in both sets.
    public var structures: Int
    /// Mean of the first set; with splits, the mean of their means.
    public var first: Double
    /// The same of the second.
    public var second: Double
    /// Ends of the interval of the difference, second less first.
    public var low: Double
    /// The upper end.
    public var high: Double
    /// How far the draws may have put the ends from where endless draws would: twice their standard error, towards 0
    /// or beyond.
    public var slack = Slack()
    /// Whether so few structures differ that their signs alone could be chance; bootstrap intervals of a handful of
    /// structures are too narrow to be trusted by themselves.
    public var isOfFew = false

    /// How far ends of an interval may be off.
    public struct Slack: Hashable, Sendable {
      /// Of the lower end, downwards.
      public var low = 0.0
      /// Of the upper end, upwards.
      public var high = 0.0
    }

    /// Second less first.
    public var difference: Double { second - first }
    /// Whether all structures (of each split) differ by the same, so that draws of them say nothing of others.
    public var isWithoutSpread: Bool { high - low <= 1e-12 * max(abs(low), abs(high)) }
    /// Whether the interval leaves no doubt about the sign, whatever the seed of its draws.
    public var isDecided: Bool { !isOfFew && (low - slack.low > 0 || high + slack.high < 0) }
    /// Whether the interval leaves out 0 by less than its draws can tell, or for too few structures.
    public var isTooCloseToCall: Bool { !isDecided && (low > 0 || high < 0) }
  }

  /// The rows of one split by itself.
  public struct SplitRows: Hashable, Sendable {
    /// What the split is called.
    public var name: String
    /// Its metrics.
    public var rows: [Row]
  }

  /// How many structures have an anomaly in one set, in the other and in both.
  public struct AnomalyCount: Hashable, Sendable {
    /// Which; nil for none of them.
    public var anomaly: Anomaly?
    /// Structures that have it in both sets.
    public var both = 0
    /// In the first set only.
    public var first = 0
    /// In the second set only.
    public var second = 0
  }

  /// A structure that passes a limit in one set and not in the other.
  public struct Flip: Hashable, Sendable {
    /// Identifier of the structure in both sets.
    public var id: String
    /// Number in the first set; nil for a failure.
    public var first: Double?
    /// Number in the second set.
    public var second: Double?
    /// Whether it passes in the second set.
    public var isGain: Bool
  }

  /// What is counted as a flip.
  public struct Flips: Hashable, Sendable {
    /// The limit, in words.
    public var name: String
    /// The unit of the limit and of the structures' values.
    public var unit: String
    /// Structures, in the order of the references.
    public var structures: [Flip]

    /// How many pass in the second set only.
    public var gains: Int { structures.count { $0.isGain } }
    /// How many pass in the first set only.
    public var losses: Int { structures.count - gains }
  }

  /// How sure an interval is, 0–1.
  public var confidence = 0.95
  /// Draws of the bootstrap.
  public var resamples = 2000
  /// Decides the draws.
  public var seed: UInt64 = 0

  /// What the other is compared with.
  public let first: RelaxationScore
  /// What is compared.
  public let second: RelaxationScore

  /// Compares two scores.
  ///
  /// - Throws: `ScoringError.differentReferences` unless both are of the same references under the
  ///   same settings.
  public init(_ first: RelaxationScore, _ second: RelaxationScore) throws(ScoringError) {
    guard first.settings == second.settings,
      first.structures.map(\.id) == second.structures.map(\.id)
    else { throw .differentReferences }
    (self.first, self.second) = (first, second)
  }

  /// A number of each structure, nil where there is none.
  private struct Metric {
    var name: String
    var isShare: Bool
    var moreIsBetter: Bool
    var value: (RelaxationScore.Entry) -> Double?
  }

  /// All metrics that both sets have.
  ///
  /// - Complexity: O(metrics · resamples · structures).
  public func rows() -> [Row] { (metrics + normalMetrics).compactMap { row($0) } }

  /// The metrics of each split by itself, in the order of the references; none without splits.
  ///
  /// - Complexity: as ``rows()``.
  public func splitRows() -> [SplitRows] {
    first.splits.map { split in
      SplitRows(name: split.name, rows: metrics.compactMap { row($0, of: split.name) })
    }
  }

  /// Structures by their anomalies, over those of which it is known in both sets; nil if there are none.
  public func anomalies() -> [AnomalyCount]? {
    let known = zip(first.structures, second.structures).compactMap { a, b in
      a.anomalies.flatMap { a in b.anomalies.map { (a, $0) } }
    }
    guard !known.isEmpty else { return nil }
    return (Anomaly.allCases.map(Optional.some) + [nil]).map { anomaly in
      func has(_ found: Set<Anomaly>) -> Bool { anomaly.map(found.contains) ?? found.isEmpty }
      var count = AnomalyCount(anomaly: anomaly)
      for (a, b) in known {
        switch (has(a), has(b)) {
        case (true, true): count.both += 1
        case (true, false): count.first += 1
        case (false, true): count.second += 1
        case (false, false): continue
        }
      }
      return count
    }
  }

  /// Metrics that initial structures allow: how many have no anomaly, and the others over structures that have none in
  /// either set.
  private var normalMetrics: [Metric] {
    let pairs = zip(first.structures, second.structures)
    guard pairs.contains(where: { $0.anomalies != nil && $1.anomalies != nil }) else { return [] }
    let normal = Set(
      pairs.filter { $0.anomalies?.isEmpty == true && $1.anomalies?.isEmpty == true }.map(\.0.id))
    let wanted = ["ADwT", "AFbT", "mean distance (Å)", "energy MAE (eV)"]
    return [
      Metric(name: "no anomaly", isShare: true, moreIsBetter: true) {
        $0.anomalies.map { $0.isEmpty ? 1 : 0 }
      }
    ]
      + metrics.filter { wanted.contains($0.name) }.map { metric in
        var metric = metric
        // The unit stays at the end, where it is looked for.
        let (name, unit) = PairedComparison.parts(of: metric.name)
        metric.name = "\(name), no anomaly\(unit)"
        let value = metric.value
        metric.value = { normal.contains($0.id) ? value($0) : nil }
        return metric
      }
  }

  private static func parts(of name: String) -> (name: Substring, unit: Substring) {
    guard let bracket = name.firstIndex(of: "(") else { return (name[...], "") }
    let blank = name.index(before: bracket)
    return (name[..<blank], name[blank...])
  }

  private var metrics: [Metric] {
    let settings = first.settings
    func counted(
      _ value: @escaping (RelaxationScore.Entry) -> Double
    ) -> (RelaxationScore.Entry) -> Double? {
      { ScoreSummary.counts($0, settings) ? value($0) : nil }
    }
    func countedForces(
      _ value: @escaping (Double) -> Double
    ) -> (RelaxationScore.Entry) -> Double? {
      { entry in
        let isOut =
          settings.unlabelled == .leaveOut && entry.displacements != nil && entry.fmax == nil
        return ScoreSummary.counts(entry, settings) && !isOut ? value(entry.fmax ?? .nan) : nil
      }
    }
    func passed(_ limits: Thresholds, _ value: Double) -> Double {
      Double(limits.passed(by: value)) / Double(limits.count)
    }
    var metrics = [
      Metric(
        name: "ADwT", isShare: true, moreIsBetter: true,
        value: counted {
          passed(settings.distanceLimits, $0.distance ?? .nan)
        })
    ]
    for limit in settings.distanceMarks {
      metrics.append(
        Metric(
          name: "DwT (\(limit) Å)", isShare: true, moreIsBetter: true,
          value: counted {
            ($0.distance ?? .nan) < limit ? 1 : 0
          }))
    }
    if settings.forces != .none {
      metrics.append(
        Metric(
          name: "AFbT", isShare: true, moreIsBetter: true,
          value: countedForces {
            passed(settings.forceLimits, $0)
          }))
      for limit in settings.forceMarks {
        metrics.append(
          Metric(
            name: "FbT (\(limit) eV/Å)", isShare: true, moreIsBetter: true,
            value: countedForces {
              $0 < limit ? 1 : 0
            }))
      }
    }
    metrics += [
      Metric(name: "mean distance (Å)", isShare: false, moreIsBetter: false) { $0.distance },
      Metric(name: "position MAE (Å)", isShare: false, moreIsBetter: false) {
        $0.displacements?.meanAbsoluteComponent
      },
      Metric(name: "RMSD (Å)", isShare: false, moreIsBetter: false) {
        $0.displacements?.rootMeanSquare
      },
      Metric(name: "energy MAE (eV)", isShare: false, moreIsBetter: false) {
        $0.energyError.map { abs($0) }
      },
      Metric(name: "converged", isShare: true, moreIsBetter: true) {
        $0.status.map { $0 == .converged ? 1 : 0 }
      },
      Metric(name: "steps", isShare: false, moreIsBetter: false) { $0.steps.map(Double.init) },
    ]
    return metrics
  }

  /// The row of `metric` over all structures, or over those of `split`.
  private func row(_ metric: Metric, of split: String? = nil) -> Row? {
    var groups: [String?: [SIMD2<Double>]] = [:]
    var order: [String?] = []
    for (a, b) in zip(first.structures, second.structures) where split == nil || a.split == split {
      guard let x = metric.value(a), let y = metric.value(b) else { continue }
      if groups[a.split] == nil { order.append(a.split) }
      groups[a.split, default: []].append(SIMD2(x, y))
    }
    let samples = order.compactMap { groups[$0] }
    guard !samples.isEmpty else { return nil }
    func mean(_ value: (SIMD2<Double>) -> Double) -> Double {
      Mean.of(samples.map { Mean.of($0.map(value)) ?? .nan }) ?? .nan
    }
    let differences = samples.map { $0.map { $0.y - $0.x } }
    let means = bootstrap(differences)
    let tail = (1 - confidence) / 2
    var row = Row(
      name: metric.name, isShare: metric.isShare, moreIsBetter: metric.moreIsBetter,
      structures: samples.reduce(0) { $0 + $1.count }, first: mean(\.x), second: mean(\.y),
      low: Quantile.of(means, tail), high: Quantile.of(means, 1 - tail))
    // How many draws fall below an end is a binomial number: within two of its deviations lies the true end.
    let reach = 2 * (tail * (1 - tail) / Double(resamples)).squareRoot()
    // Sums of what cancels need not be 0 to the last bit.
    let rounding = 1e-12 * (differences.joined().map { abs($0) }.max() ?? 0)
    row.slack.low = row.low - Quantile.of(means, max(0, tail - reach)) + rounding
    row.slack.high = Quantile.of(means, min(1, 1 - tail + reach)) - row.high + rounding
    row.isOfFew = isOfFew(differences.joined().count { $0 != 0 })
    return row
  }

  /// Whether a sign test of so many structures that differ never decides at this confidence, even if all agree.
  private func isOfFew(_ count: Int) -> Bool {
    guard count > 0 else { return true }
    return count < 64 && 2 / Double(UInt64(1) << UInt64(count)) > 1 - confidence
  }

  /// Means of draws from `groups`, each of equal weight, ascending.
  private func bootstrap(_ groups: [[Double]]) -> [Double] {
    // Sums of very large numbers are taken of a fraction of them: a power of two costs no digit.
    let isLarge = groups.contains { $0.contains { abs($0) > 1e290 } }
    let scale = isLarge ? 0x1p-32 : 1
    let groups = isLarge ? groups.map { $0.map { $0 * scale } } : groups
    var generator = SeededGenerator(seed: seed)
    return (0..<resamples).map { _ in
      var mean = 0.0
      for group in groups {
        var sum = 0.0
        for _ in group.indices { sum += group[generator.below(group.count)] }
        mean += sum / Double(group.count)
      }
      return mean / Double(groups.count) / scale
    }.sorted()
  }

  /// Structures that pass a quoted limit in one set only.
  public func flips() -> [Flips] {
    let settings = first.settings
    var result: [Flips] = []
    func collect(
      _ words: String, _ limit: Double, _ unit: String,
      _ value: (RelaxationScore.Entry) -> Double?
    ) {
      var flips: [Flip] = []
      for (a, b) in zip(first.structures, second.structures) {
        let (x, y) = (value(a), value(b))
        let (before, after) = ((x ?? .nan) < limit, (y ?? .nan) < limit)
        if before != after { flips.append(Flip(id: a.id, first: x, second: y, isGain: after)) }
      }
      result.append(Flips(name: "\(words) \(limit) \(unit)", unit: unit, structures: flips))
    }
    for limit in settings.distanceMarks {
      collect("within", limit, "Å") { $0.distance }
    }
    if settings.forces != .none {
      for limit in settings.forceMarks {
        collect("forces below", limit, "eV/Å") { $0.fmax }
      }
    }
    return result
  }
}
