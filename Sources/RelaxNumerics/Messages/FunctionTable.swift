// SPDX-License-Identifier: MIT

import CKernels

/// Smooth functions of one variable, made of quintic pieces: what a network computes from a distance
/// alone costs a few multiply-adds then.
///
/// Value, slope and curvature of each function are kept at equally distant knots. Between them is the
/// polynomial of degree five that agrees with all six numbers, so slopes are those of the values.
public struct FunctionTable: Sendable {
  /// Number of functions.
  public let count: Int
  /// Distance of knots.
  public let spacing: Double
  /// Number of knots.
  public let knots: Int
  /// Three rows a knot: value, slope times spacing, curvature times its square.
  let rows: FloatMatrix

  /// Values, slopes and curvatures of all functions at some points: a row of `count` numbers a point.
  public struct Jets: Sendable {
    /// The functions.
    public var values: [Double]
    /// Their first derivatives.
    public var slopes: [Double]
    /// Their second derivatives.
    public var curvatures: [Double]

    /// Three rows of numbers a point.
    public init(values: [Double], slopes: [Double], curvatures: [Double]) {
      (self.values, self.slopes, self.curvatures) = (values, slopes, curvatures)
    }
  }

  /// Tabulates functions from 0 to `last`.
  ///
  /// - Parameters:
  ///   - count: number of functions.
  ///   - last: where they end.
  ///   - spacing: largest distance of knots.
  ///   - jets: the functions at given points.
  public init(count: Int, upTo last: Double, spacing: Double, jets: ([Double]) -> Jets) {
    precondition(count > 0 && last > 0 && spacing > 0)
    let pieces = max(1, Int((last / spacing).rounded(.up)))
    self.count = count
    self.spacing = last / Double(pieces)
    knots = pieces + 1
    rows = FloatMatrix(rows: 3 * knots, columns: count)
    let h = last / Double(pieces)
    // Some knots at a time, for the memory of wide tables.
    for first in stride(from: 0, to: knots, by: 64) {
      let points = (first..<min(knots, first + 64)).map { Double($0) * h }
      let found = jets(points)
      for k in points.indices {
        for f in 0..<count {
          let place = k * count + f
          rows[3 * (first + k), f] = Float(found.values[place])
          rows[3 * (first + k) + 1, f] = Float(found.slopes[place] * h)
          rows[3 * (first + k) + 2, f] = Float(found.curvatures[place] * h * h)
        }
      }
    }
  }

  /// The largest spacing, `coarsest` or a half, a quarter … of it, with which no value and no slope is off
  /// by more than `tolerance` times the largest of its function; `finest` if none is.
  public static func spacing(
    count: Int, upTo last: Double, coarsest: Double, finest: Double, tolerance: Double,
    jets: ([Double]) -> Jets
  ) -> Double {
    var spacing = coarsest
    while spacing > finest {
      if error(count: count, upTo: last, spacing: spacing, jets: jets) <= tolerance { break }
      spacing /= 2
    }
    return max(spacing, finest)
  }

  /// How far values and slopes are off between knots, in units of the largest of each function.
  ///
  /// It is looked for at a quarter and at half of each piece: what is left out of values is nearly
  /// t³(1 − t)³, so one is where slopes are worst, the other where values are.
  public static func error(
    count: Int, upTo last: Double, spacing: Double, jets: ([Double]) -> Jets
  ) -> Double {
    let pieces = max(1, Int((last / spacing).rounded(.up)))
    let h = last / Double(pieces)
    var most = [(value: Double, slope: Double)](repeating: (0, 0), count: count)
    var worst = most
    for first in stride(from: 0, to: pieces, by: 64) {
      let range = first..<min(pieces, first + 64)
      let knots = jets((range.lowerBound...range.upperBound).map { Double($0) * h })
      for t in [0.25, 0.5] {
        let weights = hermite(t, spacing: h)
        let exact = jets(range.map { (Double($0) + t) * h })
        for piece in 0..<range.count {
          for f in 0..<count {
            let (a, b) = (piece * count + f, (piece + 1) * count + f)
            let six = [
              knots.values[a], knots.slopes[a] * h, knots.curvatures[a] * h * h,
              knots.values[b], knots.slopes[b] * h, knots.curvatures[b] * h * h,
            ]
            var (value, slope) = (-exact.values[a], -exact.slopes[a])
            for k in 0..<6 {
              value += weights[k] * six[k]
              slope += weights[6 + k] * six[k]
            }
            worst[f] = (max(worst[f].value, abs(value)), max(worst[f].slope, abs(slope)))
            most[f] = (
              max(most[f].value, abs(exact.values[a])), max(most[f].slope, abs(exact.slopes[a]))
            )
          }
        }
      }
    }
    return zip(worst, most).reduce(0) { result, pair in
      let (error, size) = pair
      return max(
        result, size.value > 0 ? error.value / size.value : 0,
        size.slope > 0 ? error.slope / size.slope : 0)
    }
  }

  /// What the six numbers around a point `t` of the way between two knots are multiplied by, for the value
  /// and then for the slope.
  static func hermite(_ t: Double, spacing: Double) -> [Double] {
    let (t2, t3, t4, t5) = (t * t, t * t * t, t * t * t * t, t * t * t * t * t)
    return [
      1 - 10 * t3 + 15 * t4 - 6 * t5, t - 6 * t3 + 8 * t4 - 3 * t5,
      0.5 * t2 - 1.5 * t3 + 1.5 * t4 - 0.5 * t5, 10 * t3 - 15 * t4 + 6 * t5,
      -4 * t3 + 7 * t4 - 3 * t5, 0.5 * t3 - t4 + 0.5 * t5,
      (-30 * t2 + 60 * t3 - 30 * t4) / spacing, (1 - 18 * t2 + 32 * t3 - 15 * t4) / spacing,
      (t - 4.5 * t2 + 6 * t3 - 2.5 * t4) / spacing, (30 * t2 - 60 * t3 + 30 * t4) / spacing,
      (-12 * t2 + 28 * t3 - 15 * t4) / spacing, (1.5 * t2 - 4 * t3 + 2.5 * t4) / spacing,
    ]
  }

  /// Values and slopes of all functions at `points`, a row each.
  public func evaluate(
    _ points: TablePoints, values: FloatMatrix, slopes: FloatMatrix, kernels: KernelSet
  ) {
    precondition(points.spacing == spacing && points.knotCount == knots)
    precondition(values.rows >= points.count && slopes.rows >= points.count)
    precondition(values.stride == rows.stride && slopes.stride == rows.stride)
    var native = view(points)
    relax_tabulate(
      kernels.rawValue, &native, 0, Int32(points.count), Int32(count), values.buffer.base,
      slopes.buffer.base, Int64(values.stride))
  }

  func view(_ points: TablePoints) -> relax_table {
    precondition(points.spacing == spacing && points.knotCount == knots)
    return relax_table(
      rows: rows.buffer.base, stride: Int64(rows.stride), knots: points.knots.base,
      weights: points.weights.base)
  }
}

/// Points at which tables of one spacing are evaluated.
public final class TablePoints: @unchecked Sendable {
  let spacing: Double
  let knotCount: Int
  let knots = AlignedBuffer<Int32>()
  let weights = AlignedBuffer<Float>()
  /// Number of points.
  public private(set) var count = 0

  /// No points yet, for tables like `table`.
  public init(for table: FunctionTable) {
    (spacing, knotCount) = (table.spacing, table.knots)
  }

  /// Replaces the points; those beyond the last knot, by rounding, are taken to be there.
  ///
  /// - Parameter unit: if there is one, functions are divided by the point in this unit: what is tabulated
  ///   are then functions without their pole at 0.
  public func replace(_ points: [Double], dividingByMultiplesOf unit: Double? = nil) {
    count = points.count
    knots.resize(count)
    weights.resize(12 * count)
    for (index, point) in points.enumerated() {
      let place = point / spacing
      let knot = min(max(Int(place), 0), knotCount - 2)
      knots.base[index] = Int32(knot)
      var twelve = FunctionTable.hermite(place - Double(knot), spacing: spacing)
      if let unit {
        let inverse = unit / point
        for k in 0..<6 {
          twelve[6 + k] = (twelve[6 + k] - twelve[k] / point) * inverse
          twelve[k] *= inverse
        }
      }
      for k in 0..<12 { weights.base[12 * index + k] = Float(twelve[k]) }
    }
  }
}
