// SPDX-License-Identifier: MIT

/// How well relaxed structures reproduce a reference.
public struct RelaxationScore: Hashable, Sendable {
  /// What is known of one structure.
  public struct Entry: Hashable, Sendable {
    /// Whether there is a prediction to judge.
    public enum Verdict: Hashable, Sendable {
      /// There is, this far from the reference.
      case scored(Displacements)
      /// There is none.
      case missing
      /// It is no result, for this reason.
      case failed(String)
    }

    /// What is known of the reference method's forces at the predicted positions.
    public enum Forces: Hashable, Sendable {
      /// Nobody asked for them, or there is no prediction.
      case none
      /// Their size, in eV/Å.
      case known(Double)
      /// There are none, for this reason.
      case failed(String)
      /// Nobody computed them.
      case unlabelled
    }

    /// Its id, as written.
    public var id: String
    /// Name of the split that it belongs to, if there are splits.
    public var split: String?
    /// Whether and how far from the reference it is.
    public var verdict: Verdict
    /// Forces at the predicted positions.
    public var forces = Forces.none
    /// Predicted energy in eV, if given.
    public var energy: Double?
    /// Predicted minus reference energy in eV, where both are given.
    public var energyError: Double?
    /// How its relaxation ended, if the prediction says so.
    public var status: PredictionStatus?
    /// Steps that its relaxation took, if the prediction says so.
    public var steps: Int?
    /// What happened to it; nil if that cannot be told.
    public var anomalies: Set<Anomaly>?
    /// How much closer it would be with rows of one element in another order; nil if not much.
    public var exchange: AtomExchange?

    /// Displacements of a scored prediction.
    public var displacements: Displacements? {
      if case .scored(let displacements) = verdict { displacements } else { nil }
    }
    /// Mean distance of judged atoms from the reference in Å; nil for a failure.
    public var distance: Double? { displacements?.mean }
    /// Largest force of the reference method on a judged atom in eV/Å, if known.
    public var fmax: Double? {
      if case .known(let size) = forces { size } else { nil }
    }
  }

  /// A structure that was predicted but could not be judged.
  public struct Failure: Hashable, Sendable {
    /// Which of the metrics it counts against.
    public enum Extent: Hashable, Sendable {
      /// Distance and forces.
      case all
      /// Forces only: its distance is scored.
      case forces
    }

    /// Its id, as written.
    public var id: String
    /// What happened, in words.
    public var reason: String
    /// Which of the metrics it counts against.
    public var extent: Extent
  }

  /// A reference that nothing can be judged in; it is in no number.
  public struct LeftOut: Hashable, Sendable {
    /// Its id, as written.
    public var id: String
    /// Why, in words.
    public var reason: String
  }

  /// What the score depends on.
  public let settings: ScoringSettings
  /// One entry a reference, in the order of the references.
  public let structures: [Entry]
  /// References that nothing can be judged in.
  public let leftOut: [LeftOut]
  /// Ids of predictions without a reference; not scored.
  public let extra: [String]
  /// Ids of labels that belong to no reference; not used.
  public let unusedLabels: [String]
  /// What is unmatched and why that may be; nil if every reference has a prediction.
  public let mismatch: IdentifierMismatch?
  /// The score after each step, if trajectories were given.
  public let curves: StepCurves?
  /// All structures together.
  public let overall: ScoreSummary
  /// Each split, in the order in which they first occur; empty without splits.
  public let splits: [Split]
  /// Structures that are known to have no anomaly; nil if that cannot
  /// be told of any.
  public let normal: ScoreSummary?

  /// References that belong together, such as those of one catalyst, judged by themselves.
  public struct Split: Hashable, Sendable {
    /// What the split is called in the references or in the map.
    public var name: String
    /// What its structures come to.
    public var summary: ScoreSummary
  }

  init(
    settings: ScoringSettings, structures: [Entry], leftOut: [LeftOut] = [], extra: [String] = [],
    unusedLabels: [String] = [], mismatch: IdentifierMismatch? = nil, curves: StepCurves? = nil
  ) {
    self.settings = settings
    self.structures = structures
    self.extra = extra
    self.unusedLabels = unusedLabels
    (self.leftOut, self.mismatch) = (leftOut, mismatch)
    self.curves = curves
    overall = ScoreSummary(structures, settings)
    var names: [String] = []
    for case let name? in structures.map(\.split) where !names.contains(name) { names.append(name) }
    splits = names.map { name in
      Split(
        name: name, summary: ScoreSummary(structures.filter { $0.split == name }, settings))
    }
    normal =
      structures.allSatisfy { $0.anomalies == nil }
      ? nil : ScoreSummary(structures.filter { $0.anomalies?.isEmpty == true }, settings)
  }

  /// Average share of structures within distance thresholds (ADwT, 0–1).
  public var adwt: Double { overall.adwt }
  /// Average share of structures with forces below thresholds (AFbT, 0–1); nil if not asked for.
  public var afbt: Double? { overall.afbt }
  /// The paper's average: the plain mean over splits; nil without splits.
  public var average: ScoreSummary? { ScoreSummary.average(of: splits.map(\.summary)) }
  /// Number of structures whose distance is known.
  public var scored: Int { overall.counts.scored }
  /// Whether every reference was predicted and judged in all that was asked for.
  public var isComplete: Bool {
    missing.isEmpty && failures.isEmpty && unlabelled.isEmpty && leftOut.isEmpty
  }
  /// Mean of the known distances in Å; nil if there are none.
  public var meanDistance: Double? { overall.meanDistance }
  /// Share of structures within each of the distance limits (0–1).
  public var distanceShares: [Double] { ScoreSummary.distanceShares(structures, settings) }
  /// Share of structures with forces below each of the force limits (0–1); nil if not asked for.
  public var forceShares: [Double]? {
    afbt == nil ? nil : ScoreSummary.forceShares(structures, settings)
  }

  /// Ids of references without a prediction.
  public var missing: [String] {
    structures.filter { $0.verdict == .missing }.map(\.id)
  }
  /// Ids of scored predictions without a label.
  public var unlabelled: [String] {
    structures.filter { $0.forces == .unlabelled }.map(\.id)
  }
  /// Predictions that count as failures, and those whose forces do.
  public var failures: [Failure] {
    structures.compactMap { entry in
      switch (entry.verdict, entry.forces) {
      case (.failed(let reason), _): Failure(id: entry.id, reason: reason, extent: .all)
      case (_, .failed(let reason)): Failure(id: entry.id, reason: reason, extent: .forces)
      default: nil
      }
    }
  }
  /// How many structures show each anomaly.
  public var anomalyCounts: [(anomaly: Anomaly, count: Int)] {
    Anomaly.allCases.map { anomaly in
      (anomaly, structures.count { $0.anomalies?.contains(anomaly) == true })
    }
  }
}
