// SPDX-License-Identifier: MIT

import RelaxNumerics

/// A basis that treats every raw feature alike (appendix A of the paper): all but the spherical ones.
enum FeatureBasis: Sendable {
  /// Features as they are.
  case raw
  /// Functions of each feature.
  case spread(SpreadFunctions)
  /// A trained layer.
  case linear(DenseLayer)

  /// A basis of `features` raw features of a complete model.
  init(_ basis: ForceCentricPlan.FeatureBasis, features: Int, of model: NetworkModel) {
    switch basis {
    case .raw: self = .raw
    case .trained(let linear, let activation):
      self = .linear(AffineMap(model, linear).layer(activation.kernel))
    case .sines(let table):
      let parameters = model.parameters(table, features: features)
      self = .spread(SpreadFunctions(.sines, parameters: parameters))
    case .cosines(let table):
      let parameters = model.parameters(table, features: features)
      self = .spread(SpreadFunctions(.cosines, parameters: parameters))
    case .gaussians(let table):
      let centers = model.parameters(table, features: features)
      // The spacing is taken in single precision there.
      let spacing = centers.count > 1 ? Double(Float(centers[1]) - Float(centers[0])) : 1
      self = .spread(
        SpreadFunctions(
          .gaussians(coefficient: -0.5 / (spacing * spacing)), parameters: centers))
    }
  }

  /// All functions of whole rows of `width` features; rows of `out` receive them.
  func evaluate(_ features: [Double], width: Int, into out: FloatMatrix, kernels: KernelSet) {
    switch self {
    case .spread(let functions):
      functions.evaluate(features, width: width, into: out, kernels: kernels)
    case .raw: out.fill(features, width: width)
    case .linear(let layer):
      let raw = FloatMatrix(rows: features.count / width, columns: width)
      raw.fill(features, width: width)
      layer.apply(raw.rows, to: .init(raw), .store(.init(out)), kernels: kernels)
    }
  }
}

extension NetworkModel {
  /// Parameters of functions from a constant table, where each is repeated for all features.
  func parameters(_ table: TensorSpecification, features: Int) -> [Double] {
    let values = values(table)
    return stride(from: 0, to: values.count, by: features).map { values[$0] }
  }
}
