// SPDX-License-Identifier: MIT

/// A Cartesian grid of bins over points, and which bins to search around each.
///
/// Empty space is cut out first where the box is so large and sparse that bins would outnumber the
/// points: along each axis, gaps wider than the reach shrink to the reach, which no pair within it
/// notices. So memory is bounded by the number of points whatever their distances.
struct BinGrid {
  /// Number of bins along x, y and z.
  var bins = SIMD3<Int>(1, 1, 1)
  /// Lines of bins to search around a bin: steps in y and z, and bins to either side in x.
  var runs: [Int32] = []
  /// Square of the reach with the margin that single precision needs.
  var limit: Float
  /// Bin of each point.
  private var binOfPoint: [Int32]

  init(points: [SIMD4<Double>], reach: Double) {
    var low = SIMD4<Double>(repeating: .infinity)
    var high = -low
    for point in points {
      low = pointwiseMin(low, point)
      high = pointwiseMax(high, point)
    }
    if points.isEmpty { (low, high) = (.zero, .zero) }
    var placed = points
    let most = 4 * points.count + 64
    var edge = SIMD4<Double>(repeating: max(reach, 1e-3) / 2)
    if BinGrid.count(extent: high - low, edge: edge) > Double(most) {
      for axis in 0..<3 {
        BinGrid.cutGaps(&placed, axis: axis, reach: reach * 1.0001 + 1e-9)
        high[axis] = placed.lazy.map { $0[axis] }.max() ?? 0
        low[axis] = placed.lazy.map { $0[axis] }.min() ?? 0
      }
    }
    while BinGrid.count(extent: high - low, edge: edge) > Double(most) { edge *= 1.25 }

    let extent = high - low
    let scale = 1 / edge
    for axis in 0..<3 { bins[axis] = Int(extent[axis] * scale[axis]) + 1 }
    // Rounding may put a point into the bin beside its own; widen the search accordingly.
    let size = Swift.max(extent.x, extent.y, extent.z)
    let safeReach = reach * (1 + 1e-6) + size * 1e-12
    let single = safeReach + 4 * Double(Float.ulpOfOne) * (safeReach + 2 * edge.x)
    limit = Float(single * single).nextUp

    binOfPoint = []
    binOfPoint.reserveCapacity(points.count)
    for point in placed {
      let position = (point - low) * scale
      let x = Swift.min(Int(position.x), bins.x - 1)
      let y = Swift.min(Int(position.y), bins.y - 1)
      let z = Swift.min(Int(position.z), bins.z - 1)
      binOfPoint.append(Int32((z * bins.y + y) * bins.x + x))
    }

    let steps = SIMD3<Int>(
      Swift.min(Int(safeReach * scale.x) + 1, bins.x - 1),
      Swift.min(Int(safeReach * scale.y) + 1, bins.y - 1),
      Swift.min(Int(safeReach * scale.z) + 1, bins.z - 1))
    for z in -steps.z...steps.z {
      for y in -steps.y...steps.y {
        let gapY = Double(Swift.max(abs(y) - 1, 0)) * edge.y
        let gapZ = Double(Swift.max(abs(z) - 1, 0)) * edge.z
        let rest = safeReach * safeReach - gapY * gapY - gapZ * gapZ
        guard rest >= 0 else { continue }
        let x = Swift.min(Int(rest.squareRoot() * scale.x) + 1, bins.x - 1)
        runs += [Int32(y), Int32(z), Int32(x)]
      }
    }
  }

  /// Points bin by bin, atoms before images: their order, and where each bin begins.
  func sort(
    atomCount: Int
  ) -> (order: [Int32], atomStarts: [Int32], imageStarts: [Int32]) {
    var order = [Int32](repeating: 0, count: binOfPoint.count)
    let atomStarts = place(0..<atomCount, into: &order)
    let imageStarts = place(atomCount..<binOfPoint.count, into: &order)
    return (order, atomStarts, imageStarts)
  }

  /// Counting sort of a range of points by bin, into the same range of `order`.
  private func place(_ range: Range<Int>, into order: inout [Int32]) -> [Int32] {
    let count = bins.x * bins.y * bins.z
    var starts = [Int32](repeating: 0, count: count + 2)
    for index in range { starts[Int(binOfPoint[index]) + 2] += 1 }
    starts[0] = Int32(range.lowerBound)
    starts[1] = Int32(range.lowerBound)
    for bin in 0..<count { starts[bin + 2] += starts[bin + 1] }
    for index in range {
      let bin = Int(binOfPoint[index]) + 1
      order[Int(starts[bin])] = Int32(index)
      starts[bin] += 1
    }
    return starts
  }

  /// How many bins an extent takes, as a real number because it may be astronomical.
  private static func count(extent: SIMD4<Double>, edge: SIMD4<Double>) -> Double {
    let bins = extent / edge + 1
    return bins.x * bins.y * bins.z
  }

  /// Moves points along one axis so that no two neighbours are farther apart than `reach`.
  private static func cutGaps(_ points: inout [SIMD4<Double>], axis: Int, reach: Double) {
    let order = points.indices.sorted { points[$0][axis] < points[$1][axis] }
    var cut = 0.0
    var previous = order.first.map { points[$0][axis] } ?? 0
    let first = previous
    for index in order {
      let value = points[index][axis]
      if value - previous > reach { cut += value - previous - reach }
      // Relative to the first point, so that what is left keeps its digits.
      points[index][axis] = (value - first) - cut
      previous = value
    }
  }
}
