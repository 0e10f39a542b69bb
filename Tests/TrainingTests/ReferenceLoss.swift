// SPDX-License-Identifier: MIT

import Networks
import Numerics
import Structures
import Training

@testable import ReferenceNetworks

/// The paper's loss of a batch in double precision, with its derivatives.
struct ReferenceLoss {
  let architecture: NetworkModel.Architecture
  let normalization: TargetNormalization
  let batch: [TrainingSample]
  private let graph: ReferenceGraph

  init(_ model: NetworkModel, _ batch: [TrainingSample]) {
    (architecture, normalization, self.batch) = (model.architecture, model.normalization, batch)
    graph = Reference.graph(model.architecture, batch.map(\.structure))
  }

  /// Σ w_i |F_ic − T_ic| / (3 Σ w_i) in eV/Å.
  func value(_ tensors: [String: ReferenceTensor]) -> Double {
    let layers = ReferenceLayers(tensors, mode: .training)
    return loss(Reference.predict(architecture, graph, layers: layers).forces.rows).value
  }

  /// The loss, its derivative by each tensor that it depends on, and the running statistics after
  /// the batch.
  func differentiate(
    _ tensors: [String: ReferenceTensor]
  ) -> (value: Double, gradients: [String: [Double]], statistics: [String: [Double]]) {
    let layers = ReferenceLayers(tensors, mode: .training)
    let forces = Reference.predict(architecture, graph, layers: layers).forces
    let (value, slopes) = loss(forces.rows)
    return (value, layers.differentiate(forces, slopes), layers.statistics)
  }

  /// The loss and its derivative by what the network gives, which `normalization` makes forces of.
  private func loss(_ outputs: Rows) -> (value: Double, slopes: Rows) {
    let targets = batch.flatMap(\.forces)
    let weights = batch.flatMap(\.weights)
    let whole = 3 * weights.reduce(0, +)
    var value = 0.0
    let slopes = outputs.indices.map { atom in
      (0..<3).map { c in
        let force = outputs[atom][c] * normalization.forceScale + normalization.forceMean
        let error = force - targets[atom][c]
        value += weights[atom] * abs(error) / whole
        let sign = error > 0 ? 1.0 : error < 0 ? -1 : 0
        return weights[atom] * sign / whole * normalization.forceScale
      }
    }
    return (value, slopes)
  }
}

extension NetworkModel {
  /// Every tensor, widened to double precision.
  var reference: [String: ReferenceTensor] {
    tensors.mapValues { ReferenceTensor(shape: $0.shape, values: $0.values.map(Double.init)) }
  }
}
