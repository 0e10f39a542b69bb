// SPDX-License-Identifier: MIT

import RelaxNumerics

/// Neighbours of every atom, kept while atoms move a little.
///
/// The list is built out to `cutoff + skin`. As long as no atom has moved farther than half the
/// skin since then and the cell is the same, every pair within `cutoff` is still in it, and an
/// update only refreshes coordinates. A kernel must mask by its own cutoff: the list holds farther
/// pairs too.
public struct VerletList: Sendable {
  /// Distance in Å within which no pair is missing.
  public let cutoff: Double
  /// Extra distance in Å that the list reaches beyond the cutoff.
  public let skin: Double
  /// Coordinates and neighbours; see `owners` for which atom a row is.
  public private(set) var rows = NeighborRows()
  /// The atom, in the order of the input, that each row is or is an image of.
  public private(set) var owners: [Int32] = []

  private let kernels: KernelSet
  /// What is added to the owner's position, in Å; one a row.
  private var shifts: [SIMD4<Double>] = []
  private var builtPositions: [Vector3] = []
  private var builtCell: Cell?

  /// An empty list.
  ///
  /// - Parameters:
  ///   - cutoff: Å, positive.
  ///   - skin: Å, not negative; a larger one is rebuilt less often and has more pairs to mask.
  ///   - kernels: what to search with; pairs within `cutoff` and their order do not depend on it.
  public init(cutoff: Double, skin: Double, kernels: KernelSet = .preferred) {
    precondition(cutoff > 0 && cutoff.isFinite, "cutoff \(cutoff) Å")
    precondition(skin >= 0 && skin.isFinite, "skin \(skin) Å")
    (self.cutoff, self.skin, self.kernels) = (cutoff, skin, kernels)
  }

  /// Makes the list valid for `positions` (Å) in `cell`.
  ///
  /// Positions must be within `PositionBounds` and the cell without a defect: a caller that may see
  /// others asks first.
  ///
  /// - Returns: whether the list was rebuilt; if not, only coordinates are new.
  /// - Throws: `TooManyNeighbors`; the list is empty then.
  /// - Complexity: O(atoms + pairs).
  @discardableResult
  public mutating func update(
    positions: [Vector3], cell: Cell
  ) throws(TooManyNeighbors) -> Bool {
    if builtCell == cell && isValid(for: positions) {
      rows.move(to: positions, owners: owners, shifts: shifts)
      return false
    }
    try rebuild(positions: positions, cell: cell)
    return true
  }

  /// Makes the next update build it anew, as a new list does.
  public mutating func forget() { builtCell = nil }

  /// Whether no atom is farther than half the skin from where it was when the list was built.
  private func isValid(for positions: [Vector3]) -> Bool {
    guard positions.count == builtPositions.count else { return false }
    let limit = 0.25 * skin * skin * (1 - 1e-9)
    for index in positions.indices {
      let move = positions[index] - builtPositions[index]
      guard move.lengthSquared <= limit else { return false }
    }
    return true
  }

  private mutating func rebuild(positions: [Vector3], cell: Cell) throws(TooManyNeighbors) {
    builtCell = nil
    let reach = cutoff + skin
    let images = try PeriodicImages(positions: positions, cell: cell, reach: reach)
    let pointShifts = images.offsets.map { SIMD4(cell.translation($0), 0) }
    let points = images.owners.indices.map {
      SIMD4(positions[Int(images.owners[$0])], 0) + pointShifts[$0]
    }
    let order = try rows.rebuild(
      points: points, atomCount: positions.count, reach: reach, kernels: kernels)
    owners = order.map { images.owners[Int($0)] }
    shifts = order.map { pointShifts[Int($0)] }
    (builtPositions, builtCell) = (positions, cell)
  }
}
