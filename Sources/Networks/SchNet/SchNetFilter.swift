// SPDX-License-Identifier: MIT

import CLibrary
import RelaxNumerics

/// The filter W(d) of one block of SchNet with its derivatives, in double precision: what is tabulated.
struct SchNetFilter {
  private let first: AffineMap
  private let second: AffineMap
  private let centers: [Double]
  private let cutoff: Double
  /// −1/2 over the square of the distance of the first two centres.
  private let coefficient: Double

  /// ln 2, which the released code's library keeps in single precision.
  private static let shift = 0x1.62e43p-1

  init(_ block: SchNetPlan.Block, _ plan: SchNetPlan, of model: NetworkModel) {
    first = AffineMap(model, block.filter[0])
    second = AffineMap(model, block.filter[1])
    centers = model.values(plan.centers)
    cutoff = plan.cutoff
    coefficient = -0.5 / (spacing(of: model, plan) * spacing(of: model, plan))
  }

  /// W, dW/dd and d²W/dd² at `distances`, a row of all filters each.
  func jets(_ distances: [Double]) -> FunctionTable.Jets {
    let (points, width) = (distances.count, first.outputs)
    var gaussians = FunctionTable.Jets(values: [], slopes: [], curvatures: [])
    for d in distances {
      for center in centers {
        let x = d - center
        let value = exp(coefficient * x * x)
        gaussians.values.append(value)
        gaussians.slopes.append(2 * coefficient * x * value)
        gaussians.curvatures.append(
          (2 * coefficient + 4 * coefficient * coefficient * x * x) * value)
      }
    }
    var hidden = first.jets(gaussians, points: points)
    for k in hidden.values.indices {
      let x = hidden.values[k]
      let sigmoid = 1 / (1 + exp(-x))
      let slope = hidden.slopes[k]
      hidden.values[k] = max(x, 0) + log1p(exp(-abs(x))) - Self.shift
      hidden.slopes[k] = sigmoid * slope
      hidden.curvatures[k] =
        sigmoid * hidden.curvatures[k] + sigmoid * (1 - sigmoid) * slope * slope
    }
    var result = second.jets(hidden, points: points)
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
  fileprivate func jets(_ x: FunctionTable.Jets, points: Int) -> FunctionTable.Jets {
    let columns = transposedWeights
    func product(_ rows: [Double]) -> [Double] {
      LinearAlgebra.multiply(rows, columns, m: points, k: inputs, n: outputs)
    }
    var values = product(x.values)
    for k in values.indices { values[k] += bias[k % outputs] }
    return .init(values: values, slopes: product(x.slopes), curvatures: product(x.curvatures))
  }
}
