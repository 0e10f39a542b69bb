// SPDX-License-Identifier: MIT

import RelaxNumerics
import Structures

/// What may have become of a structure that makes its energy that of another system.
public enum Anomaly: String, Hashable, Sendable, CaseIterable {
  /// Bonds within the adsorbate are others than at the start.
  case dissociated
  /// No atom of the adsorbate is bonded to the slab any more.
  case desorbed
  /// An atom of the adsorbate is bonded to a sub-surface atom.
  case intercalated
  /// Bonds within the slab were made or broken.
  case reconstructed
  /// The adsorbate has gone along the surface.
  case migrated

  /// In what it consists, in words.
  public var meaning: String {
    switch self {
    case .dissociated: "bonds within the adsorbate differ from the initial ones"
    case .desorbed: "no atom of the adsorbate is bonded to the slab"
    case .intercalated: "the adsorbate is bonded to a sub-surface atom"
    case .reconstructed: "bonds within the slab were made or broken"
    case .migrated: "the adsorbate has moved along the surface"
    }
  }
}

/// Bounds of anomalies.
///
/// The first four are those of the public detector of OC20 (fairchem's `flag_anomaly.py`): bonded is
/// what is closer than m (rᵢ + rⱼ) + 0.6 Å for Cordero's covalent radii r.
public struct AnomalyLimits: Hashable, Sendable {
  /// m of bonds that count.
  public var bond = 1.0
  /// m of bonds that count generously: nothing is called desorbed, or broken off the slab, below it.
  public var looseBond = 1.5
  /// Å along the surface beyond which an adsorbate has migrated: ours, about half the distance between
  /// sites.
  public var migration = 1.5

  /// The public bounds.
  public init() {}

  /// Anomalies of `final` against `initial`, which have the same atoms and cell.
  ///
  /// - Returns: nil if there are no tags to tell adsorbate and slab, or positions are out of bounds or heaped up.
  /// - Complexity: O(atoms).
  public func anomalies(of final: Structure, initial: Structure) -> Set<Anomaly>? {
    AnomalyDetector(limits: self).anomalies(of: final, initial: initial)
  }
}

/// Looks for anomalies of relaxed structures.
struct AnomalyDetector {
  var limits = AnomalyLimits()

  /// Anomalies of `final` against `initial`, which have the same atoms and cell.
  ///
  /// - Returns: nil if there are no tags to tell adsorbate and slab, or positions are out of bounds or heaped up.
  /// - Complexity: O(atoms).
  func anomalies(of final: Structure, initial: Structure) -> Set<Anomaly>? {
    guard let tags = final.tags, tags.contains(2), tags.contains(where: { $0 != 2 }),
      PositionBounds.contain(final.positions), PositionBounds.contain(initial.positions),
      let before = try? ContactTable(initial), let after = try? ContactTable(final)
    else { return nil }
    func isAdsorbate(_ a: Int, _ b: Int) -> Bool { tags[a] == 2 && tags[b] == 2 }
    func isSlab(_ a: Int, _ b: Int) -> Bool { tags[a] != 2 && tags[b] != 2 }
    func isBetween(_ a: Int, _ b: Int) -> Bool { (tags[a] == 2) != (tags[b] == 2) }
    func isDeep(_ a: Int, _ b: Int) -> Bool {
      isBetween(a, b) && (tags[a] == 0 || tags[b] == 0)
    }
    func isNew(_ bonds: [[Int]], _ known: [[Int]]) -> Bool {
      !Set(bonds).isSubset(of: Set(known))
    }

    var found: Set<Anomaly> = []
    let (bond, loose) = (limits.bond, limits.looseBond)
    if before.bonds(bond, where: isAdsorbate) != after.bonds(bond, where: isAdsorbate) {
      found.insert(.dissociated)
    }
    if after.bonds(loose, where: isBetween).isEmpty { found.insert(.desorbed) }
    if !after.bonds(bond, where: isDeep).isEmpty { found.insert(.intercalated) }
    if isNew(after.bonds(bond, where: isSlab), before.bonds(loose, where: isSlab))
      || isNew(before.bonds(bond, where: isSlab), after.bonds(loose, where: isSlab))
    {
      found.insert(.reconstructed)
    }
    if migration(from: initial, to: final, tags: tags) > limits.migration {
      found.insert(.migrated)
    }
    return found
  }

  /// How far the adsorbate's centre has gone along the surface, in Å.
  private func migration(from initial: Structure, to final: Structure, tags: [Int]) -> Double {
    var (sum, count) = (Vector3.zero, 0)
    for atom in tags.indices where tags[atom] == 2 {
      sum += final.cell.nearestImage(of: final.positions[atom] - initial.positions[atom])
      count += 1
    }
    let moved = sum / Double(count)
    let normal = final.cell.a.cross(final.cell.b)
    guard normal.length > 0 else { return moved.length }
    let up = normal / normal.length
    return (moved - moved.dot(up) * up).length
  }
}
