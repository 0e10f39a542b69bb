// SPDX-License-Identifier: MIT

/// What a score depends on besides the structures.
public struct ScoringSettings: Hashable, Sendable {
  /// Where the reference method's forces come from.
  public enum ForceSource: Hashable, Sendable {
    /// Nowhere: AFbT is not asked for.
    case none
    /// Structures with forces, by the name of their file.
    case labels(String)
    /// A provider that stands in for the reference method, by its full specification.
    case provider(String)
  }

  /// Whose arithmetic is followed.
  public var convention: ScoringConvention
  /// Where the forces for AFbT come from.
  public var forces: ForceSource

  /// Settings of a score.
  public init(convention: ScoringConvention = .nearestImage, forces: ForceSource = .none) {
    (self.convention, self.forces) = (convention, forces)
  }
}

/// How well relaxed structures reproduce a reference.
public struct RelaxationScore: Hashable, Sendable {
  /// What is known of one structure.
  public struct Entry: Hashable, Sendable {
    /// Its id, as written.
    public var id: String
    /// Mean distance of free atoms from the reference in Å; nil counts as failure.
    public var distance: Double?
    /// Largest force of the reference method on a free atom in eV/Å; nil counts as failure, unless
    /// AFbT is not asked for.
    public var fmax: Double?
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

  /// What the score depends on.
  public let settings: ScoringSettings
  /// One entry a reference, in the order of the references.
  public let structures: [Entry]
  /// Ids of references without a prediction; failures in every metric.
  public let missing: [String]
  /// Ids of predictions without a reference; not scored.
  public let extra: [String]
  /// Predictions that count as failures.
  public let failures: [Failure]
  /// Ids of scored predictions without a label; failures of AFbT.
  public let unlabelled: [String]
  /// Ids of labels that belong to no reference; not used.
  public let unusedLabels: [String]
  /// The score after each step, if trajectories were given.
  public let curves: StepCurves?

  /// Average share of structures within distance thresholds (ADwT, 0–1).
  public let adwt: Double
  /// Average share of structures with forces below thresholds (AFbT, 0–1); nil if not asked for.
  public let afbt: Double?

  /// Number of structures whose distance is known.
  public var scored: Int { structures.count { $0.distance != nil } }
  /// Whether every reference was predicted and judged in all that was asked for.
  public var isComplete: Bool { missing.isEmpty && failures.isEmpty && unlabelled.isEmpty }
  /// Mean of the known distances in Å; nil if there are none.
  public var meanDistance: Double? {
    let known = structures.compactMap(\.distance)
    return known.isEmpty ? nil : known.reduce(0, +) / Double(known.count)
  }
  /// Share of structures within each of `Thresholds.distance` (0–1).
  public var distanceShares: [Double] {
    Thresholds.distance.shares(of: structures.lazy.map(\.distance))
  }
  /// Share of structures with forces below each of `Thresholds.force` (0–1); nil if not asked for.
  public var forceShares: [Double]? {
    afbt == nil ? nil : Thresholds.force.shares(of: structures.lazy.map(\.fmax))
  }

  init(
    settings: ScoringSettings, structures: [Entry], missing: [String], extra: [String],
    failures: [Failure], unlabelled: [String], unusedLabels: [String], curves: StepCurves?
  ) {
    self.settings = settings
    self.structures = structures
    self.missing = missing
    self.extra = extra
    self.failures = failures
    self.unlabelled = unlabelled
    self.unusedLabels = unusedLabels
    self.curves = curves
    adwt = DistanceWithinThreshold.average(structures.lazy.map(\.distance))
    afbt =
      settings.forces == .none
      ? nil : ForcesBelowThreshold.average(structures.lazy.map(\.fmax))
  }
}
