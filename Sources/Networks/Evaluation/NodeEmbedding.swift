// SPDX-License-Identifier: MIT

import RelaxNumerics
import Structures

/// What an atom's embedding is before it has received any message: a function of its element.
package struct NodeEmbedding: Sendable {
  enum Program: Sendable {
    /// A trained row an atomic number.
    case table([Float], columns: Int)
    /// A linear layer on the features of the element, spread over a basis.
    case features(FeatureBasis, DenseLayer)
  }

  let program: Program
  /// Nine normalised features of each atomic number.
  let features: [[Double]]

  package init(forceNet model: NetworkModel, _ configuration: ForceNetConfiguration) {
    switch configuration.features {
    case .simple:
      self.init(
        model,
        .table(
          model.values("embedding.weight").map { Float($0) },
          columns: configuration.hiddenChannels))
    case .full:
      let basis = FeatureBasis(
        configuration.basis.ofNodes, name: "embedding.0", width: 9,
        activation: configuration.activation.kernel, of: model)
      self.init(model, .features(basis, AffineMap(model, "embedding.1").layer()))
    }
  }

  package init(gns model: NetworkModel) {
    self.init(model, .features(.raw, AffineMap(model, "node_embedding").layer()))
  }

  private init(_ model: NetworkModel, _ program: Program) {
    self.program = program
    let map = model.values("atom_map")
    features = stride(from: 0, to: map.count, by: 9).map { Array(map[$0..<$0 + 9]) }
  }

  /// The embeddings of `elements`, a row each.
  func rows(of elements: [Element], width: Int, kernels: KernelSet) -> FloatMatrix {
    let result = FloatMatrix(rows: elements.count, columns: width)
    switch program {
    case .table(let values, let columns):
      for (row, element) in elements.enumerated() {
        for column in 0..<columns {
          result[row, column] = values[Int(element.atomicNumber) * columns + column]
        }
      }
    case .features(let basis, let layer):
      let raw = elements.flatMap { features[Int($0.atomicNumber)] }
      let spread = FloatMatrix(rows: elements.count, columns: layer.inputs)
      basis.evaluate(raw, width: 9, into: spread, kernels: kernels)
      layer.apply(
        elements.count, to: .init(spread), .store(.init(result)), kernels: kernels)
    }
    return result
  }
}
