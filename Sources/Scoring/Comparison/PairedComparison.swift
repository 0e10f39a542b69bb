// SPDX-License-Identifier: MIT

import RelaxNumerics

/// Two sets of predictions of the same structures, judged by the same references in the same way.
///
/// Every metric is a mean of one number a structure, so that differences can be paired: what is hard for
/// both cancels. Intervals are percentile bootstrap ones: structures are drawn with replacement, each
/// split on its own, and both sets are judged on the same draw (Efron and Tibshirani 1993, chapter 13).
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

    /// Second less first.
    public var difference: Double { second - first }
    /// Whether the interval leaves no doubt about the sign.
    public var isDecided: Bool { low > 0 || high < 0 }
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
  public func rows() -> [Row] { metrics.compactMap(row) }

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

  private func row(_ metric: Metric) -> Row? {
    var groups: [String?: [SIMD2<Double>]] = [:]
    var order: [String?] = []
    for (a, b) in zip(first.structures, second.structures) {
      guard let x = metric.value(a), let y = metric.value(b) else { continue }
      if groups[a.split] == nil { order.append(a.split) }
      groups[a.split, default: []].append(SIMD2(x, y))
    }
    let samples = order.compactMap { groups[$0] }
    guard !samples.isEmpty else { return nil }
    func mean(_ value: (SIMD2<Double>) -> Double) -> Double {
      Mean.of(samples.map { Mean.of($0.map(value)) ?? .nan }) ?? .nan
    }
    let differences = bootstrap(samples.map { $0.map { $0.y - $0.x } })
    let tail = (1 - confidence) / 2
    return Row(
      name: metric.name, isShare: metric.isShare, moreIsBetter: metric.moreIsBetter,
      structures: samples.reduce(0) { $0 + $1.count }, first: mean(\.x), second: mean(\.y),
      low: Quantile.of(differences, tail), high: Quantile.of(differences, 1 - tail))
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
