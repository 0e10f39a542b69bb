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

  private let kernels: KernelSet

  init(
    _ block: SchNetPlan.Block, _ plan: SchNetPlan, of model: NetworkModel, kernels: KernelSet
  ) {
    self.kernels = kernels
    first = AffineMap(model, block.filter[0])
    second = AffineMap(model, block.filter[1])
    columns = (first.transposedWeights, second.transposedWeights)
    centers = model.values(plan.centers)
    cutoff = plan.cutoff
    let width = Self.width(centers)
    coefficient = -0.5 / (width * width)
  }

  /// Å, of a Gaussian: the distance of the first two centres, as the released code takes it, a difference in
  /// single precision.
  static func width(_ centers: [Double]) -> Double {
    Double(Float(centers[1]) - Float(centers[0]))
  }

  /// W, dW/dd and d²W/dd² at `distances`, a row of all filters each.
  func jets(_ distances: [Double]) -> FunctionTable.Jets {
    let (points, width) = (distances.count, first.outputs)
    var hidden = firstLayer(distances)
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
    var result = secondLayer(hidden, points: points)
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

  /// The first layer on Gaussians, of which all but some are below 10⁻²² at any distance.
  private func firstLayer(_ distances: [Double]) -> FunctionTable.Jets {
    let width = first.outputs
    var (values, slopes, curvatures) = ([Double](), [Double](), [Double]())
    let reach = (-51 / coefficient).squareRoot()
    for d in distances {
      let start = values.count
      values += first.bias
      slopes += repeatElement(0, count: width)
      curvatures += repeatElement(0, count: width)
      for (k, center) in centers.enumerated() where abs(d - center) < reach {
        let x = d - center
        let value = exp(coefficient * x * x)
        let slope = 2 * coefficient * x * value
        let curvature = (2 * coefficient + 4 * coefficient * coefficient * x * x) * value
        for output in 0..<width {
          let weight = columns.first[k * width + output]
          values[start + output] += weight * value
          slopes[start + output] += weight * slope
          curvatures[start + output] += weight * curvature
        }
      }
    }
    return .init(values: values, slopes: slopes, curvatures: curvatures)
  }

  private func secondLayer(_ x: FunctionTable.Jets, points: Int) -> FunctionTable.Jets {
    let (inner, width) = (second.inputs, second.outputs)
    func product(_ rows: [Double]) -> [Double] {
      LinearAlgebra.product(
        rows, columns.second, rows: points, inner: inner, columns: width, kernels: kernels)
    }
    var values = product(x.values)
    for point in 0..<points {
      for output in 0..<width { values[point * width + output] += second.bias[output] }
    }
    return .init(values: values, slopes: product(x.slopes), curvatures: product(x.curvatures))
  }
}
