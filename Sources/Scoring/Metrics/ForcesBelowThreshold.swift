// SPDX-License-Identifier: MIT

import RelaxNumerics
import Structures

/// FbT and AFbT: whether relaxed structures are at rest under the reference method.
///
/// A structure's force is the largest norm of the reference method's forces at its predicted
/// positions, over the atoms that are free in the reference. FbT at a limit is the share of
/// structures strictly below it, AFbT its average over `Thresholds.force` (ForceNet,
/// arXiv:2103.01436, appendix H).
public enum ForcesBelowThreshold {
  /// The largest force in eV/Å on an atom of `reference` that may move; NaN if any is not finite or
  /// no atom is free.
  ///
  /// Forces are raw, as the method gives them; an atom that may move along some components only is
  /// judged by these.
  ///
  /// - Parameter forces: eV/Å, one an atom, in the order of the reference.
  /// - Complexity: O(atoms).
  public static func largestForce(_ forces: [Vector3], in reference: Structure) -> Double {
    precondition(
      forces.count == reference.count, "\(forces.count) forces for \(reference.count) atoms")
    return force(forces, judged: reference.freedoms, by: .norm)
  }

  /// The number in eV/Å that `forces` come to on the atoms whose entry in `judged` is not fixed, by
  /// the components in which they may move; NaN if any is not finite or no atom is judged.
  static func force(
    _ forces: [Vector3], judged: [Freedom], by measure: ScoringSettings.ForceMeasure
  ) -> Double {
    var (largest, sum, count) = (0.0, 0.0, 0)
    for (force, freedom) in zip(forces, judged) where freedom != .fixed {
      let seen = freedom.masking(force)
      let size = measure == .component ? max(abs(seen.x), abs(seen.y), abs(seen.z)) : seen.length
      guard seen.isFinite, size.isFinite else { return .nan }
      largest = max(largest, size)
      sum += size
      count += 1
    }
    guard count > 0 else { return .nan }
    return measure == .mean ? sum / Double(count) : largest
  }

  /// AFbT of largest forces in eV/Å (0–1); nil or NaN counts as failure.
  public static func average(_ forces: some Collection<Double?>) -> Double {
    Thresholds.force.meanShare(of: forces)
  }
}
