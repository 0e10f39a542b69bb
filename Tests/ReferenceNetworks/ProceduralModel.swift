// SPDX-License-Identifier: MIT

import Files
import Foundation
import Networks

/// Networks of any configuration with weights by a formula, tables included.
///
/// Tensors are numbered in the order of their names; `ProceduralNumbers` gives v of each element.
/// Trained tensors are as there; running means are 0.1 v, running variances 1 + 0.5 v, element
/// properties (v + 1)/2, radii 0.8 + 0.6 v Å. Elements 36 (krypton) and 85 (astatine) have neither,
/// as in the released tables.
enum ProceduralModel {
  static func model(_ architecture: NetworkModel.Architecture, seed: UInt64) -> NetworkModel {
    let numbers = ProceduralNumbers(seed: seed)
    var tensors: [String: Tensor] = [:]
    let shapes = ReferenceShapes.shapes(of: architecture)
    for (index, (name, shape)) in shapes.sorted(by: { $0.key < $1.key }).enumerated() {
      tensors[name] = tensor(name, shape, index, numbers, architecture)
    }
    return NetworkModel(architecture: architecture, tensors: tensors)
  }

  private static func tensor(
    _ name: String, _ shape: [Int], _ index: Int, _ numbers: ProceduralNumbers,
    _ architecture: NetworkModel.Architecture
  ) -> Tensor {
    let v = (0..<shape.reduce(1, *)).map { numbers.value(index, $0) }
    func made(_ value: (Int) -> Double) -> Tensor {
      Tensor(shape: shape, values: v.indices.map { Float(value($0)) })
    }
    if name == "atom_map" {
      return made { unknown.contains($0 / 9) ? .nan : (v[$0] + 1) / 2 }
    }
    if name == "atom_radii" { return made { unknown.contains($0) ? .nan : 0.8 + 0.6 * v[$0] } }
    if name.hasSuffix("running_mean") { return made { 0.1 * v[$0] } }
    if name.hasSuffix("running_var") { return made { 1 + 0.5 * v[$0] } }
    if case .forceNet(let configuration) = architecture,
      name.hasSuffix("freq_filter") || name.hasSuffix("smearing.offset")
    {
      let features = shape[1] / configuration.frequencies
      let isSine = name.contains("smearing_sine") || configuration.basis.isSpherical
      return constants(
        isSine ? .powerSine : configuration.basis, features: features, configuration.frequencies)
    }
    if name == "rbf.freq" { return made { Double($0 + 1) * .pi * (1 + 0.05 * v[$0]) } }
    if case .schNet(let c) = architecture, name == "distance_expansion.offset" {
      let spacing = Float(c.cutoff) / Float(c.gaussians - 1)
      return made { Double(spacing) * Double($0) }
    }
    let stem = name.split(separator: ".").dropLast().joined(separator: ".")
    let isNorm =
      ReferenceShapes.shapes(of: architecture)[stem + ".running_mean"] != nil
      || stem.hasSuffix("edge_mlp.1")
    return numbers.tensor(
      index, shape, isNormWeight: isNorm && name.hasSuffix("weight"),
      isNormBias: isNorm && name.hasSuffix("bias"))
  }

  /// Rows of the tables without numbers.
  static let unknown: Set<Int> = [0, 36, 85]

  /// Frequencies or centres of a basis, as float32, one a feature and function.
  static func constants(_ basis: Basis, features: Int, _ frequencies: Int) -> Tensor {
    let values = (0..<frequencies).flatMap { k -> [Float] in
      let value: Float
      switch basis {
      case .fourierSine: value = Float(k)
      case .gaussian:
        // The spacing in single precision; then counted from the nearer end and rounded once.
        let spacing = Double(1 / Float(frequencies - 1))
        value =
          k < frequencies / 2
          ? Float(Double(k) * spacing) : Float(1 - Double(frequencies - 1 - k) * spacing)
      // 1.1 is rounded to single precision first.
      default: value = Float(pow(Double(Float(1.1)), Double(k)))
      }
      return Array(repeating: value, count: features)
    }
    return Tensor(shape: [1, features * frequencies], values: values)
  }
}
