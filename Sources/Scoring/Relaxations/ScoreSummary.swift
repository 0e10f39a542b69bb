// SPDX-License-Identifier: MIT

/// The numbers that a set of structures comes to; nil where there is nothing to average.
public struct ScoreSummary: Hashable, Sendable {
  /// How many structures there are of each kind.
  public struct Counts: Hashable, Sendable {
    /// References that were to be predicted.
    public var references = 0
    /// With a distance.
    public var scored = 0
    /// Without a prediction.
    public var missing = 0
    /// Predicted without a result.
    public var failed = 0
    /// Scored, but nobody computed their forces.
    public var unlabelled = 0
    /// Scored, but their forces could not be had.
    public var withoutForces = 0
    /// Whose prediction says how its relaxation ended.
    public var withStatus = 0
    /// With energies on both sides.
    public var withEnergies = 0
  }

  /// A share of structures at one limit.
  public struct Mark: Hashable, Sendable {
    /// Å or eV/Å.
    public var limit: Double
    /// Structures below the limit in all that count, from 0 to 1.
    public var share: Double
  }

  /// How many structures there are of each kind.
  public var counts = Counts()
  /// Average share of structures within distance limits (0–1).
  public var adwt = 0.0
  /// Average share with forces below limits (0–1); nil if not asked for.
  public var afbt: Double?
  /// AFbT over structures whose forces are known, whatever the settings say; nil if not asked for.
  public var afbtOfKnown: Double?
  /// Shares of structures within single distances.
  public var dwt: [Mark] = []
  /// Shares with forces below single limits; empty if not asked for.
  public var fbt: [Mark] = []
  /// Share within the first distance mark whose forces are below the first force mark.
  public var joint: Double?
  /// Mean over structures of their mean distances in Å.
  public var meanDistance: Double?
  /// Mean over structures of their mean absolute component in Å.
  public var positionError: Double?
  /// Mean over structures of their root mean square displacement in Å.
  public var rootMeanSquare: Double?
  /// Mean absolute error of energies in eV.
  public var energyError: Double?
  /// Share of structures converged, of those that say how they ended.
  public var converged: Double?
  /// Mean number of steps, of those that say it.
  public var steps: Double?

  /// The numbers of `entries`.
  ///
  /// - Complexity: O(entries · log limits).
  init(_ entries: [RelaxationScore.Entry], _ settings: ScoringSettings) {
    for entry in entries {
      counts.references += 1
      switch entry.verdict {
      case .scored: counts.scored += 1
      case .missing: counts.missing += 1
      case .failed: counts.failed += 1
      }
      switch entry.forces {
      case .unlabelled: counts.unlabelled += 1
      case .failed: counts.withoutForces += 1
      case .none, .known: break
      }
    }
    let distances = ScoreSummary.distances(entries, settings)
    adwt = settings.distanceLimits.meanShare(of: distances)
    dwt = settings.distanceMarks.map { limit in
      Mark(limit: limit, share: ScoreSummary.share(of: distances, below: limit))
    }
    if settings.forces != .none {
      let forces = ScoreSummary.forces(entries, settings)
      afbt = settings.forceLimits.meanShare(of: forces)
      let known = entries.compactMap(\.fmax)
      afbtOfKnown = settings.forceLimits.meanShare(of: known)
      fbt = settings.forceMarks.map { limit in
        Mark(limit: limit, share: ScoreSummary.share(of: forces, below: limit))
      }
      if let near = settings.distanceMarks.first, let calm = settings.forceMarks.first {
        let both = entries.count { ($0.distance ?? .nan) < near && ($0.fmax ?? .nan) < calm }
        joint = forces.isEmpty ? 0 : Double(both) / Double(forces.count)
      }
    }
    meanDistance = Mean.of(entries.compactMap { $0.displacements?.mean })
    positionError = Mean.of(entries.compactMap { $0.displacements?.meanAbsoluteComponent })
    rootMeanSquare = Mean.of(entries.compactMap { $0.displacements?.rootMeanSquare })
    let errors = entries.compactMap(\.energyError)
    counts.withEnergies = errors.count
    energyError = Mean.of(errors.map { abs($0) })
    let statuses = entries.compactMap(\.status)
    counts.withStatus = statuses.count
    converged = Mean.of(statuses.map { $0 == .converged ? 1 : 0 })
    steps = Mean.of(entries.compactMap { $0.steps.map(Double.init) })
  }

  /// Plain means over splits, each of equal weight as in the paper's tables; nil without splits.
  ///
  /// What one split lacks has no average.
  static func average(of splits: [ScoreSummary]) -> ScoreSummary? {
    guard var result = splits.first else { return nil }
    func mean(_ value: (ScoreSummary) -> Double?) -> Double? {
      let known = splits.compactMap(value)
      return known.count == splits.count ? Mean.of(known) : nil
    }
    func marks(_ marks: KeyPath<ScoreSummary, [Mark]>) -> [Mark] {
      result[keyPath: marks].indices.map { index in
        Mark(
          limit: result[keyPath: marks][index].limit,
          share: mean { $0[keyPath: marks][index].share } ?? .nan)
      }
    }
    for split in splits.dropFirst() { result.counts.add(split.counts) }
    (result.dwt, result.fbt) = (marks(\.dwt), marks(\.fbt))
    result.adwt = mean { $0.adwt } ?? .nan
    result.afbt = mean(\.afbt)
    result.afbtOfKnown = mean(\.afbtOfKnown)
    result.joint = mean(\.joint)
    result.meanDistance = mean(\.meanDistance)
    result.positionError = mean(\.positionError)
    result.rootMeanSquare = mean(\.rootMeanSquare)
    result.energyError = mean(\.energyError)
    result.converged = mean(\.converged)
    result.steps = mean(\.steps)
    return result
  }

  // MARK: - What counts

  /// Distances that count, nil for failures.
  static func distances(
    _ entries: [RelaxationScore.Entry], _ settings: ScoringSettings
  ) -> [Double?] {
    entries.filter { counts($0, settings) }.map(\.distance)
  }

  /// Forces that count, nil for failures.
  static func forces(
    _ entries: [RelaxationScore.Entry], _ settings: ScoringSettings
  ) -> [Double?] {
    entries.filter { entry in
      let isKnown = entry.fmax != nil || entry.displacements == nil
      return counts(entry, settings) && (isKnown || settings.unlabelled == .failure)
    }.map(\.fmax)
  }

  /// Whether a structure is in the denominator.
  static func counts(_ entry: RelaxationScore.Entry, _ settings: ScoringSettings) -> Bool {
    switch entry.verdict {
    case .scored: true
    case .missing: settings.missing == .failure
    case .failed: settings.failed == .failure
    }
  }

  /// Share of structures within each distance limit (0–1).
  static func distanceShares(
    _ entries: [RelaxationScore.Entry], _ settings: ScoringSettings
  ) -> [Double] {
    settings.distanceLimits.shares(of: distances(entries, settings))
  }

  /// Share of structures with forces below each force limit (0–1).
  static func forceShares(
    _ entries: [RelaxationScore.Entry], _ settings: ScoringSettings
  ) -> [Double] {
    settings.forceLimits.shares(of: forces(entries, settings))
  }

  private static func share(of values: [Double?], below limit: Double) -> Double {
    guard !values.isEmpty else { return 0 }
    return Double(values.count { ($0 ?? .nan) < limit }) / Double(values.count)
  }
}

extension ScoreSummary.Counts {
  fileprivate mutating func add(_ other: Self) {
    references += other.references
    scored += other.scored
    missing += other.missing
    failed += other.failed
    unlabelled += other.unlabelled
    withoutForces += other.withoutForces
    withStatus += other.withStatus
    withEnergies += other.withEnergies
  }
}
