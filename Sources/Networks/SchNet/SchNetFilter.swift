// SPDX-License-Identifier: MIT

import CLibrary
import RelaxNumerics

/// The filter W(d) of one block of SchNet with its derivatives, in double precision: what is tabulated.
struct SchNetFilter {
  private let first: AffineMap
  private let second: AffineMap
  /// Weights of both by input, then output.
  private let columns: (first: [Double], second: [Double])
  private let centers: [Double]
  private let cutoff: Double
  /// −1/2 over the square of the distance of the first two centres.
  private let coefficient: Double

  /// ln 2, which the released code's library keeps in single precision.
  private static let shift = 0x1.62e43p-1

  init(_ block: SchNetPlan.Block, _ plan: SchNetPlan, of model: NetworkModel) {
    first = AffineMap(model, block.filter[0])
    second = AffineMap(model, block.filter[1])
    columns = (first.transposedWeights, second.transposedWeights)
    centers = model.values(plan.centers)
    cutoff = plan.cutoff
    coefficient = -0.5 / (spacing(of: model, plan) * spacing(of: model, plan))
  }

  /// W, dW/dd and d²W/dd² at `distances`, a row of all filters each.
  func jets(_ distances: [Double]) -> FunctionTable.Jets {
    let (points, width) = (distances.count, first.outputs)
    let zeros = [Double](repeating: 0, count: points * centers.count)
    var gaussians = FunctionTable.Jets(values: zeros, slopes: zeros, curvatures: zeros)
    for (point, d) in distances.enumerated() {
      for (k, center) in centers.enumerated() {
        let (x, place) = (d - center, point * centers.count + k)
        let value = exp(coefficient * x * x)
        gaussians.values[place] = value
        gaussians.slopes[place] = 2 * coefficient * x * value
        gaussians.curvatures[place] =
          (2 * coefficient + 4 * coefficient * coefficient * x * x) * value
      }
    }
    var hidden = first.jets(gaussians, points: points, columns: columns.first)
    for k in hidden.values.indices {
      let x = hidden.values[k]
      let small = exp(-abs(x))
      let sigmoid = (x > 0 ? 1 : small) / (1 + small)
      let slope = hidden.slopes[k]
      hidden.values[k] = max(x, 0) + log1p(small) - Self.shift
      hidden.slopes[k] = sigmoid * slope
      hidden.curvatures[k] =
        sigmoid * hidden.curvatures[k] + sigmoid * (1 - sigmoid) * slope * slope
    }
    var result = second.jets(hidden, points: points, columns: columns.second)
    for (point, d) in distances.enumerated() {
      let w = Double.pi / cutoff
      let (c, c1, c2) = (0.5 * (cos(w * d) + 1), -0.5 * w * sin(w * d), -0.5 * w * w * cos(w * d))
      for k in point * width..<(point + 1) * width {
        let (f, f1, f2) = (result.values[k], result.slopes[k], result.curvatures[k])
        result.values[k] = f * c
        result.slopes[k] = f1 * c + f * c1
        result.curvatures[k] = f2 * c + 2 * f1 * c1 + f * c2
      }
    }
    return result
  }
}

/// The distance of the first two centres, Å, as the released code takes it: a difference in single
/// precision.
private func spacing(of model: NetworkModel, _ plan: SchNetPlan) -> Double {
  let centers = model.values(plan.centers)
  return Double(Float(centers[1]) - Float(centers[0]))
}

extension AffineMap {
  /// The map applied to functions and their derivatives.
  fileprivate func jets(
    _ x: FunctionTable.Jets, points: Int, columns: [Double]
  ) -> FunctionTable.Jets {
    func product(_ rows: [Double]) -> [Double] {
      LinearAlgebra.multiply(rows, columns, m: points, k: inputs, n: outputs)
    }
    var values = product(x.values)
    for point in 0..<points {
      for output in 0..<outputs { values[point * outputs + output] += bias[output] }
    }
    return .init(values: values, slopes: product(x.slopes), curvatures: product(x.curvatures))
  }
}
