// SPDX-License-Identifier: MIT

import Networks
import RelaxNumerics
import Structures
import Training

@testable import ReferenceNetworks

/// The paper's loss of a batch in double precision, or Huber's, with its derivatives.
struct ReferenceLoss {
  let architecture: NetworkModel.Architecture
  let normalization: TargetNormalization
  let batch: [TrainingSample]
  /// Up to which error Huber's loss is quadratic; nil for the paper's.
  let delta: Double?
  private let graph: ReferenceGraph

  init(_ model: NetworkModel, _ batch: [TrainingSample], delta: Double? = nil) {
    (architecture, normalization) = (model.architecture, model.normalization)
    (self.batch, self.delta) = (batch, delta)
    graph = Reference.graph(model.architecture, batch.map(\.structure))
  }

  /// Σ w_i |F_ic − T_ic| / (3 Σ w_i) in eV/Å, or Huber's function in the place of | |.
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
        var (penalty, slope) = (abs(error), error > 0 ? 1.0 : error < 0 ? -1 : 0)
        if let delta {
          // A parabola that goes over into a straight line of slope 1 at δ.
          let bent = min(abs(error), delta)
          penalty = bent * bent / (2 * delta) + (abs(error) - bent)
          slope *= bent / delta
        }
        value += weights[atom] * penalty / whole
        return weights[atom] * slope / whole * normalization.forceScale
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
