// SPDX-License-Identifier: MIT

import RelaxNumerics
import Structures

/// Whose arithmetic a score follows.
public enum ScoringConvention: String, Hashable, Sendable, CaseIterable {
  /// The shortest periodic image in any cell; relaxations that failed count as failures.
  case nearestImage = "nearest"
  /// The released `ocp` evaluator, kept to compare with published scores: its own way to the
  /// image, and every finite position scored whatever became of the relaxation.
  case ocp

  /// From `reference` to `predicted` (Å), by this convention's periodic image.
  ///
  /// - Throws: `LinearAlgebraError` for a degenerate cell (`ocp` only).
  public func displacement(
    from reference: Vector3, to predicted: Vector3, in cell: Cell
  ) throws -> Vector3 {
    let difference = predicted - reference
    switch self {
    case .nearestImage: return cell.nearestImage(of: difference)
    case .ocp: return try Self.releasedImage(of: difference, in: cell)
    }
  }

  /// The image that `min_diff` of `ocpmodels` takes (commit c6d6d46c).
  ///
  /// Fractional coordinates are reduced to [0, 1) along periodic axes, then those above ½ lose 1
  /// along *all* axes. In skewed cells that misses the shortest image of a far displacement, and
  /// it wraps beyond half a cell along an axis that does not repeat. A solve by LAPACK, as there,
  /// decides displacements of exactly half a cell alike.
  private static func releasedImage(of difference: Vector3, in cell: Cell) throws -> Vector3 {
    guard difference.isFinite else { return difference }
    let (a, b, c) = (cell.vector(0), cell.vector(1), cell.vector(2))
    let transposed = [a.x, b.x, c.x, a.y, b.y, c.y, a.z, b.z, c.z]
    let solution = try LinearAlgebra.solve(
      transposed, [difference.x, difference.y, difference.z])
    var fractional = Vector3(solution[0], solution[1], solution[2])
    for axis in 0..<3 where cell.periodicity[axis] {
      // Twice there, because a tiny negative number becomes exactly 1; what follows mends that too.
      fractional[axis] = floored(fractional[axis])
    }
    for axis in 0..<3 where fractional[axis] > 0.5 { fractional[axis] -= 1 }
    return fractional.x * a + fractional.y * b + fractional.z * c
  }

  /// Remainder after division by 1 with the sign of the divisor, as in Python.
  private static func floored(_ value: Double) -> Double {
    let remainder = value.truncatingRemainder(dividingBy: 1)
    return remainder < 0 ? remainder + 1 : remainder
  }
}
