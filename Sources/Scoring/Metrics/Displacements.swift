// SPDX-License-Identifier: MIT

import RelaxNumerics
import Structures

/// How far the judged atoms of a structure are from the reference, in Å, each taken to its periodic
/// image; nothing is aligned.
public struct Displacements: Hashable, Sendable {
  /// Mean length: what DwT and ADwT look at.
  public var mean: Double
  /// Root of the mean squared length (RMSD).
  public var rootMeanSquare: Double
  /// Mean absolute component (position MAE).
  public var meanAbsoluteComponent: Double
  /// Length of the largest displacement in Å.
  public var largest: Double

  /// Displacements of `positions` (Å) from `reference`, over the atoms whose entry in `judged` is not
  /// fixed; NaN if there are none or a position is not finite.
  ///
  /// - Throws: `LinearAlgebraError` for a degenerate cell (`ocp` only).
  /// - Complexity: O(atoms).
  public init(
    of positions: [Vector3], to reference: Structure, judged: [Freedom],
    convention: ScoringConvention = .nearestImage
  ) throws {
    precondition(
      positions.count == reference.count,
      "\(positions.count) positions for \(reference.count) atoms")
    var (sum, squares, components, longest, count) = (0.0, 0.0, 0.0, 0.0, 0)
    for atom in positions.indices where judged[atom] != .fixed {
      let displacement = try convention.displacement(
        from: reference.positions[atom], to: positions[atom], in: reference.cell)
      let length = displacement.length
      sum += length
      squares += displacement.lengthSquared
      components += abs(displacement.x) + abs(displacement.y) + abs(displacement.z)
      longest = max(longest, length)
      count += 1
    }
    let mean = sum / Double(count)
    guard mean.isFinite else {
      (self.mean, rootMeanSquare, meanAbsoluteComponent, largest) = (.nan, .nan, .nan, .nan)
      return
    }
    self.mean = mean
    rootMeanSquare = (squares / Double(count)).squareRoot()
    meanAbsoluteComponent = components / Double(3 * count)
    largest = longest
  }
}
