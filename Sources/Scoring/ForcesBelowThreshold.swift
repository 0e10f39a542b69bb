// SPDX-License-Identifier: MIT

import Numerics
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
    let mask = reference.moveMask?.freedoms
    var largest = -Double.infinity
    for atom in forces.indices {
      let freedom = mask.map { $0[atom] } ?? .free
      guard freedom != .fixed else { continue }
      let norm = freedom.masking(forces[atom]).length
      guard norm.isFinite else { return .nan }
      largest = max(largest, norm)
    }
    return largest.isFinite ? largest : .nan
  }

  /// AFbT of largest forces in eV/Å (0–1); nil or NaN counts as failure.
  public static func average(_ forces: some Collection<Double?>) -> Double {
    Thresholds.force.meanShare(of: forces)
  }
}
