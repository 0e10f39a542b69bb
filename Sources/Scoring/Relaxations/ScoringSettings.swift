// SPDX-License-Identifier: MIT

import Structures

/// What a score depends on besides the structures.
///
/// Papers leave much of this open; every default here is stated with the score.
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

  /// Which atoms of a structure are judged.
  public enum AtomChoice: String, Hashable, Sendable, CaseIterable {
    /// Those that are free in the reference.
    case free
    /// Free ones that the reference tags as adsorbate.
    case adsorbate
    /// All, the fixed ones too.
    case all
  }

  /// How the forces on the judged atoms become one number a structure.
  public enum ForceMeasure: String, Hashable, Sendable, CaseIterable {
    /// The largest norm.
    case norm
    /// The largest component, of any atom.
    case component
    /// The mean norm.
    case mean
  }

  /// What becomes of a structure without a value.
  public enum Treatment: String, Hashable, Sendable, CaseIterable {
    /// It passes no limit and stays in the denominator.
    case failure
    /// It is not counted at all.
    case leaveOut = "leave-out"
  }

  /// Whose arithmetic is followed.
  public var convention: ScoringConvention
  /// Where the forces for AFbT come from.
  public var forces: ForceSource
  /// Which atoms are judged.
  public var atoms = AtomChoice.free
  /// What a structure's force is.
  public var forceMeasure = ForceMeasure.norm
  /// Limits of ADwT in Å.
  public var distanceLimits = Thresholds.distance
  /// Limits of AFbT in eV/Å.
  public var forceLimits = Thresholds.force
  /// Single limits in Å at which DwT is quoted.
  public var distanceMarks = [0.1, 0.2, 0.5]
  /// Single limits in eV/Å at which FbT is quoted.
  public var forceMarks = [0.05, 0.1]
  /// What becomes of references without a prediction.
  public var missing = Treatment.failure
  /// What becomes of predictions that are no result.
  public var failed = Treatment.failure
  /// What becomes, in AFbT, of predictions whose forces were not computed or did not converge.
  public var unlabelled = Treatment.failure
  /// Bounds of anomalies; nil to look for none.
  public var anomalies: AnomalyLimits?

  /// Settings of a score.
  public init(convention: ScoringConvention = .nearestImage, forces: ForceSource = .none) {
    (self.convention, self.forces) = (convention, forces)
  }

  /// In which components each atom of `reference` is judged.
  public func judged(_ reference: Structure) -> [Freedom] {
    switch atoms {
    case .free: return reference.freedoms
    case .all: return Array(repeating: .free, count: reference.count)
    case .adsorbate:
      guard let tags = reference.tags else {
        return Array(repeating: .fixed, count: reference.count)
      }
      return zip(reference.freedoms, tags).map { $1 == 2 ? $0 : .fixed }
    }
  }
}
