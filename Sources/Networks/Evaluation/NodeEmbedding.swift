// SPDX-License-Identifier: MIT

import RelaxNumerics
import Structures

/// What an atom's embedding is before it has received any message: a function of its element.
struct NodeEmbedding: Sendable {
  enum Program: Sendable {
    /// A trained row an atomic number.
    case table([Float], columns: Int)
    /// A linear layer on the features of the element, spread over a basis.
    case features(FeatureBasis, DenseLayer)
  }

  let program: Program
  /// Nine normalised features of each atomic number.
  let features: [[Double]]

  /// Prepares that of a complete model.
  init(_ plan: ForceCentricPlan, of model: NetworkModel) {
    let width = ElementTables.propertyCount
    switch plan.embedding {
    case .table(let rows):
      program = .table(model.values(rows).map { Float($0) }, columns: plan.width)
    case .properties(let basis, let linear):
      program = .features(
        FeatureBasis(basis, features: width, of: model), AffineMap(model, linear).layer())
    }
    let map = model.values(plan.properties)
    features = stride(from: 0, to: map.count, by: width).map { Array(map[$0..<$0 + width]) }
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
