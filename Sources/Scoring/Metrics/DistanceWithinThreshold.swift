// SPDX-License-Identifier: MIT

import RelaxNumerics
import Structures

/// DwT and ADwT: how close relaxed structures come to the reference.
///
/// A structure's distance is the mean, over the atoms that are free in the reference, of the length
/// of the displacement to the periodic image. DwT at a limit is the share of structures strictly
/// below it, ADwT its average over `Thresholds.distance` (Open Catalyst 2020, arXiv:2010.09990).
public enum DistanceWithinThreshold {
  /// Mean distance in Å over the free atoms of `reference`, in its cell; NaN if it has none or a
  /// position is not finite.
  ///
  /// - Parameters:
  ///   - positions: predicted positions in Å, one an atom, in the order of the reference.
  ///   - reference: positions, cell, periodicity and free atoms to judge by.
  ///   - convention: how the periodic image is chosen.
  /// - Throws: `LinearAlgebraError` for a degenerate cell (`ocp` only).
  /// - Complexity: O(atoms).
  public static func meanDistance(
    of positions: [Vector3], to reference: Structure,
    convention: ScoringConvention = .nearestImage
  ) throws -> Double {
    try Displacements(
      of: positions, to: reference, judged: reference.freedoms, convention: convention
    ).mean
  }

  /// ADwT of mean distances in Å (0–1); nil or NaN counts as failure.
  public static func average(_ distances: some Collection<Double?>) -> Double {
    Thresholds.distance.meanShare(of: distances)
  }
}
