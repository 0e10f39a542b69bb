// SPDX-License-Identifier: MIT

import CKernels

/// Smooth functions of one variable, made of quintic pieces: what a network computes from a distance
/// alone costs a few multiply-adds then.
///
/// Value, slope and curvature of each function are kept at equally distant knots. Between them is the
/// polynomial of degree five that agrees with all six numbers, so slopes are those of the values. Of the
/// values it takes one and the difference: slopes would otherwise be differences of rounded numbers.
public struct FunctionTable: Sendable {
  /// Number of functions.
  public let count: Int
  /// Distance of knots.
  public let spacing: Double
  /// Number of knots.
  public let knots: Int
  /// In panels of functions four rows a knot: slope times spacing, curvature times its square, value, and
  /// how much larger the next knot's value is.
  private let panels: AlignedBuffer<Float>
  /// Numbers of a panel.
  private var panel: Int { 4 * knots * Int(RELAX_PANEL) }

  /// What rounding to single precision changes, as a share: a table need not be more exact.
  public static let singlePrecision = 0x1p-24

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
    let width = Int(RELAX_PANEL)
    panels = AlignedBuffer(count: 4 * knots * width * ((count + width - 1) / width))
    let h = last / Double(pieces)
    // Some knots at a time, for the memory of wide tables.
    for first in stride(from: 0, to: knots, by: 64) {
      let points = (first...min(knots - 1, first + 64)).map { Double($0) * h }
      let found = jets(points)
      // The last point is only there for differences, but at the end.
      for k in 0..<min(64, knots - first) {
        let next = min(k + 1, points.count - 1)
        for f in 0..<count {
          let place = panels.base + (f / width * 4 * knots + 4 * (first + k)) * width + f % width
          let value = found.values[k * count + f]
          place[0] = Float(found.slopes[k * count + f] * h)
          place[width] = Float(found.curvatures[k * count + f] * h * h)
          place[2 * width] = Float(value)
          place[3 * width] = Float(found.values[next * count + f] - value)
        }
      }
    }
  }

  /// A spacing from `finest` to `coarsest` with which values and slopes are off by less than `tolerance`
  /// times the largest of their function, as far as a quarter of the pieces shows; `finest` if there is none.
  public static func spacing(
    count: Int, upTo last: Double, coarsest: Double, finest: Double, tolerance: Double,
    jets: ([Double]) -> Jets
  ) -> Double {
    var spacing = coarsest
    while spacing > finest {
      let found = error(count: count, upTo: last, spacing: spacing, every: 4, jets: jets)
      if found <= 0.8 * tolerance { break }
      // What slopes are off by goes with the fifth power of the spacing.
      spacing *= min(0.9, root(0.5 * tolerance / found))
    }
    return max(spacing, finest)
  }

  /// The fifth root, by Newton's method: enough digits for a choice, the same on every machine.
  private static func root(_ x: Double) -> Double {
    guard x > 0 && x < 1 else { return x >= 1 ? 1 : 0.1 }
    var y = 1.0
    for _ in 0..<60 { y -= (y - x / (y * y * y * y)) / 5 }
    return max(0.1, y)
  }

  /// How far values and slopes are off between knots, in units of the largest of each function.
  ///
  /// It is looked for at a quarter and at half of each piece: what is left out of values is nearly
  /// t³(1 − t)³, so one is where slopes are worst, the other where values are.
  ///
  /// - Parameter every: one piece in so many is looked at.
  public static func error(
    count: Int, upTo last: Double, spacing: Double, every: Int = 1, jets: ([Double]) -> Jets
  ) -> Double {
    let pieces = max(1, Int((last / spacing).rounded(.up)))
    let h = last / Double(pieces)
    var sizes = [SIMD2<Double>](repeating: .zero, count: count)
    var errors = sizes
    // Runs of pieces, since neighbours share knots.
    for first in stride(from: 0, to: pieces, by: 16 * every) {
      let range = first..<min(pieces, first + 16)
      let knots = jets((range.lowerBound...range.upperBound).map { Double($0) * h })
      for t in [0.25, 0.5] {
        let weights = hermite(t, spacing: h)
        let exact = jets(range.map { (Double($0) + t) * h })
        for piece in 0..<range.count {
          accumulate(
            piece * count..<(piece + 1) * count, knots, exact, h, weights, &sizes, &errors)
        }
      }
    }
    return zip(errors, sizes).reduce(0) { result, pair in
      let (error, size) = pair
      return max(
        result, size.x > 0 ? error.x / size.x : 0, size.y > 0 ? error.y / size.y : 0)
    }
  }

  /// Takes note of the largest values and slopes, and errors of them, of functions in a piece.
  private static func accumulate(
    _ range: Range<Int>, _ knots: Jets, _ exact: Jets, _ h: Double,
    _ weights: SIMD16<Double>, _ sizes: inout [SIMD2<Double>], _ errors: inout [SIMD2<Double>]
  ) {
    let count = range.count
    for a in range {
      let (b, f) = (a + count, a - range.lowerBound)
      let six = (
        knots.slopes[a] * h, knots.curvatures[a] * h * h, knots.values[a],
        knots.values[b] - knots.values[a], knots.slopes[b] * h, knots.curvatures[b] * h * h
      )
      var value = weights[0] * six.0 + weights[1] * six.1 + weights[2] * six.2
      value += weights[3] * six.3 + weights[4] * six.4 + weights[5] * six.5
      var slope = weights[6] * six.0 + weights[7] * six.1 + weights[8] * six.2
      slope += weights[9] * six.3 + weights[10] * six.4 + weights[11] * six.5
      let found = SIMD2(exact.values[a], exact.slopes[a])
      sizes[f] = pointwiseMax(sizes[f], largest(found))
      errors[f] = pointwiseMax(errors[f], largest(SIMD2(value, slope) - found))
    }
  }

  private static func largest(_ v: SIMD2<Double>) -> SIMD2<Double> { SIMD2(abs(v.x), abs(v.y)) }

  /// What the six numbers of a piece are multiplied by at a point `t` of the way between its knots, for the
  /// value and then for the slope.
  static func hermite(_ t: Double, spacing: Double) -> SIMD16<Double> {
    let t2 = t * t
    let (t3, t4, t5) = (t2 * t, t2 * t2, t2 * t2 * t)
    var w = SIMD16<Double>.zero
    w[0] = t - 6 * t3 + 8 * t4 - 3 * t5
    w[1] = 0.5 * t2 - 1.5 * t3 + 1.5 * t4 - 0.5 * t5
    w[2] = 1
    w[3] = 10 * t3 - 15 * t4 + 6 * t5
    w[4] = -4 * t3 + 7 * t4 - 3 * t5
    w[5] = 0.5 * t3 - t4 + 0.5 * t5
    w[6] = (1 - 18 * t2 + 32 * t3 - 15 * t4) / spacing
    w[7] = (t - 4.5 * t2 + 6 * t3 - 2.5 * t4) / spacing
    w[9] = (30 * t2 - 60 * t3 + 30 * t4) / spacing
    w[10] = (-12 * t2 + 28 * t3 - 15 * t4) / spacing
    w[11] = (1.5 * t2 - 4 * t3 + 2.5 * t4) / spacing
    return w
  }

  /// Values and slopes of all functions at `points`, a row each.
  public func evaluate(
    _ points: TablePoints, values: FloatMatrix, slopes: FloatMatrix, kernels: KernelSet
  ) {
    precondition(points.spacing == spacing && points.knotCount == knots)
    precondition(values.rows >= points.count && slopes.rows >= points.count)
    precondition(values.columns == count && slopes.stride == values.stride)
    var native = view(points)
    relax_tabulate(
      kernels.rawValue, &native, 0, Int32(points.count), Int32(count), values.buffer.base,
      slopes.buffer.base, Int64(values.stride))
  }

  func view(_ points: TablePoints) -> relax_table {
    precondition(points.spacing == spacing && points.knotCount == knots)
    return relax_table(
      panels: panels.base, panel: Int64(panel), knots: points.knots.base,
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
