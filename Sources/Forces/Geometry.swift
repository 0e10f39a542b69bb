// SPDX-License-Identifier: MIT

import RelaxNumerics
import Structures

/// What may change between two evaluations of one structure: where its atoms are, and the cell.
///
/// Elements, their order and the axes along which the cell repeats stay as they were when the
/// evaluator was made.
public struct Geometry: Hashable, Sendable {
  /// Å, one an atom, not wrapped into the cell.
  public var positions: [Vector3]
  /// The cell, repeating along the axes that the structure's does.
  public var cell: Cell

  /// Atoms at `positions` (Å) in `cell`.
  public init(positions: [Vector3], cell: Cell) { (self.positions, self.cell) = (positions, cell) }

  /// The geometry of a structure as it is.
  public init(_ structure: Structure) {
    self.init(positions: structure.positions, cell: structure.cell)
  }

  /// Why nothing can be computed here, in words, or nil: a cell without a volume, an atom at no
  /// finite place or absurdly far away.
  public var defect: String? { PositionBounds.defect(of: positions) ?? cell.defect }

  /// Refuses what has a defect; the first thing that an evaluator does.
  ///
  /// - Throws: `ForceError.impossibleGeometry`.
  public func requireSound() throws(ForceError) {
    if let defect { throw .impossibleGeometry(defect) }
  }
}
