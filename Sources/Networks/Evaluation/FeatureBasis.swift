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

  /// The basis whose tensors begin with `name` in a complete model.
  init(
    _ basis: Basis, name: String, width: Int, activation: DenseActivation, of model: NetworkModel
  ) {
    switch basis {
    case .raw, .concatenatedRaw: self = .raw
    case .linearActivation: self = .linear(AffineMap(model, "\(name).smearing.0").layer(activation))
    case .powerSine, .fourierSine:
      self = .spread(.sines(model, "\(name).smearing.freq_filter", width: width))
    case .powerCosine:
      let sines = SpreadFunctions.sines(model, "\(name).smearing.freq_filter", width: width)
      self = .spread(SpreadFunctions(.cosines, parameters: sines.parameters))
    case .gaussian:
      let centers = SpreadFunctions.sines(model, "\(name).smearing.offset", width: width).parameters
      // The spacing is taken in single precision there.
      let spacing = centers.count > 1 ? Double(Float(centers[1]) - Float(centers[0])) : 1
      self = .spread(
        SpreadFunctions(
          .gaussians(coefficient: -0.5 / (spacing * spacing)), parameters: centers))
    case .spherical:
      preconditionFailure("harmonics are no functions of single features")
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

extension SpreadFunctions {
  /// Sines whose factors stand in the constant table `name`, where each is repeated for all features.
  static func sines(_ model: NetworkModel, _ name: String, width: Int) -> SpreadFunctions {
    let table = model.values(name)
    return SpreadFunctions(
      .sines, parameters: stride(from: 0, to: table.count, by: width).map { table[$0] })
  }
}
