// SPDX-License-Identifier: MIT

import RelaxNumerics

/// About how many pairs a neighbour search finds, told from some of the atoms: for estimates of memory, before
/// anything is searched.
///
/// The same structure gives the same numbers. They are upper estimates: exact for crystals, and two standard errors
/// above the mean of the atoms that were asked where these differ; and never more than a search would list before it
/// gives up (`TooManyNeighbors`).
public struct PairEstimate: Hashable, Sendable {
  /// Atoms.
  public let atoms: Double
  /// Atoms and their periodic images within reach of any.
  public let points: Double
  /// Ordered pairs within the reach, periodic images included.
  public let pairs: Double

  /// Atoms whose neighbours are counted at most.
  private static let sampleSize = 32
  /// Atoms and images that are looked at one by one around an atom at most; where there are more, as many are near as
  /// the volume says.
  private static let mostLooks = 300_000.0

  /// Pairs of atoms at `positions` (Å) in `cell`, which needs to have no defect, within `reach` (Å).
  ///
  /// - Complexity: O(atoms).
  public init(positions: [Vector3], cell: Cell, reach: Double) {
    let count = Double(positions.count)
    atoms = count
    guard !positions.isEmpty else {
      (points, pairs) = (0, 0)
      return
    }
    points =
      cell.periodicity.any
      ? min(
        PairEstimate.points(positions, cell, reach),
        Double(TooManyNeighbors.mostPoints(atoms: positions.count))) : count
    let sample = PairEstimate.sample(of: positions.count).map {
      PairEstimate.neighbors(of: positions[$0], positions, cell, reach)
    }
    let mean = sample.reduce(0, +) / Double(sample.count)
    let variance = sample.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(sample.count)
    let isExact = sample.count == positions.count
    let error = isExact ? 0 : (variance / Double(sample.count)).squareRoot()
    pairs = min(
      count * (mean + 2 * error), Double(TooManyNeighbors.mostPairs(atoms: positions.count)))
  }

  /// The same of a structure.
  public init(_ structure: Structure, reach: Double) {
    self.init(positions: structure.positions, cell: structure.cell, reach: reach)
  }

  /// Pairs with no more than `most` neighbours of an atom.
  public func pairs(withAtMost most: Double) -> Double { min(pairs, most * atoms) }

  /// Atoms that are asked: all of a few, else some that are spread evenly, but not by steps, which might
  /// meet the same layer of a slab each time.
  private static func sample(of count: Int) -> [Int] {
    guard count > sampleSize else { return Array(0..<count) }
    let golden = 0.6180339887498949
    return (0..<sampleSize).map { number in
      let share = (Double(number) + 0.5) * golden
      return min(count - 1, Int((share - share.rounded(.down)) * Double(count)))
    }
  }

  /// Atoms and images as the neighbour search makes them: of a box around all atoms.
  private static func points(_ positions: [Vector3], _ cell: Cell, _ reach: Double) -> Double {
    let axes = (0..<3).filter { cell.periodicity[$0] }
    var low = Vector3(repeating: .infinity)
    var high = -low
    for position in positions {
      let s = cell.fractional(position)
      low = pointwiseMin(low, s - s.rounded(.down))
      high = pointwiseMax(high, s - s.rounded(.down))
    }
    return axes.reduce(Double(positions.count)) { product, axis in
      // An atom is in so many cells on the average, at least in its own.
      product * max(1, high[axis] - low[axis] + 2 * reach / cell.height(axis))
    }
  }

  /// Atoms and images within `reach` of a place, itself left out.
  private static func neighbors(
    of place: Vector3, _ positions: [Vector3], _ cell: Cell, _ reach: Double
  ) -> Double {
    let axes = (0..<3).filter { cell.periodicity[$0] }
    var most = SIMD3<Double>.zero
    // From the nearest image along each axis, which is half a cell away at most.
    for axis in axes { most[axis] = (reach / cell.height(axis) + 0.5).rounded(.down) }
    let square: Double = reach * reach
    let images: SIMD3<Double> = 2 * most + 1
    guard Double(positions.count) * images.x * images.y * images.z <= mostLooks else {
      return crowd(positions, cell, axes, reach)
    }
    var count = -1.0
    for position in positions {
      var s = cell.fractional(position - place)
      for axis in axes { s[axis] -= s[axis].rounded() }
      for x in stride(from: -most.x, through: most.x, by: 1) {
        for y in stride(from: -most.y, through: most.y, by: 1) {
          for z in stride(from: -most.z, through: most.z, by: 1) {
            let vector = cell.cartesian(s + Vector3(x, y, z))
            if vector.lengthSquared <= square { count += 1 }
          }
        }
      }
    }
    return count
  }

  /// Atoms within a reach over several cells: their share of the ball, disc or line, and half a cell more.
  private static func crowd(
    _ positions: [Vector3], _ cell: Cell, _ axes: [Int], _ reach: Double
  ) -> Double {
    let count = Double(positions.count)
    switch axes.count {
    case 3: return count * 4 / 3 * .pi * reach * reach * reach / cell.volume
    case 2:
      let area = cell.vector(axes[0]).cross(cell.vector(axes[1])).length
      return count * .pi * reach * reach / area
    default: return count * (2 * reach / cell.vector(axes[0]).length + 1)
    }
  }
}
