// SPDX-License-Identifier: MIT

import CLibrary
import RelaxNumerics

/// Equally distant distances at which SchNet's filters are evaluated in training, with what goes into their
/// layers: the same at every step.
///
/// Values between them are interpolated by eight knots. A sixth of a Gaussian's width apart, that and rounding change
/// filters by less than 10⁻⁶ of their largest, and slopes by some 10⁻⁵, with the weights that trainings begin with.
struct KnotPoints: Sendable {
  /// Å.
  let spacing: Double
  let gaussians: FloatMatrix
  /// The function that cuts off.
  let cutoffs: AlignedBuffer<Float>
  /// Every fourth place halfway between knots, for comparison.
  let between: [Int]
  let betweenGaussians: FloatMatrix
  let betweenCutoffs: AlignedBuffer<Float>
  private let cutoff: Double
  private let centers: [Double]

  /// Knots that a value is interpolated from; as many lie below it as above.
  static let order = 8

  var count: Int { cutoffs.count }

  /// The knots that are fine enough for most weights.
  init(_ plan: SchNetPlan, centers: [Double]) {
    self.init(cutoff: plan.cutoff, centers, spacing: SchNetFilter.width(centers) / 6)
  }

  private init(cutoff: Double, _ centers: [Double], spacing: Double) {
    (self.cutoff, self.centers, self.spacing) = (cutoff, centers, spacing)
    let count = Int((cutoff / spacing).rounded(.up)) + Self.order
    let width = SchNetFilter.width(centers)
    func spread(_ points: [Double]) -> (FloatMatrix, AlignedBuffer<Float>) {
      let matrix = FloatMatrix(rows: points.count, columns: centers.count)
      for (row, x) in points.enumerated() {
        for (column, center) in centers.enumerated() {
          let t = (x - center) / width
          matrix[row, column] = Float(exp(-0.5 * t * t))
        }
      }
      return (matrix, AlignedBuffer(points.map { Float(0.5 * (cos(.pi / cutoff * $0) + 1)) }))
    }
    let below = Self.order / 2 - 1
    (gaussians, cutoffs) = spread((0..<count).map { Double($0 - below) * spacing })
    between = Array(stride(from: 0, to: count - Self.order, by: 4))
    (betweenGaussians, betweenCutoffs) = spread(between.map { (Double($0) + 0.5) * spacing })
  }

  /// Knots half as far apart.
  var twiceAsMany: KnotPoints { KnotPoints(cutoff: cutoff, centers, spacing: spacing / 2) }

  /// Lagrange's polynomials of the knots −3 … 4 at t from 0 to 1, and their derivatives.
  static func weights(_ t: Double) -> (values: [Double], slopes: [Double]) {
    let nodes = (0..<order).map { Double($0 - order / 2 + 1) }
    var (values, slopes) = ([Double](), [Double]())
    for k in 0..<order {
      var (value, slope) = (1.0, 0.0)
      for j in 0..<order where j != k {
        let factor = 1 / (nodes[k] - nodes[j])
        slope = (slope * (t - nodes[j]) + value) * factor
        value *= (t - nodes[j]) * factor
      }
      values.append(value)
      slopes.append(slope)
    }
    return (values, slopes)
  }
}
