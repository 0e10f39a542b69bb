// SPDX-License-Identifier: MIT

import RelaxNumerics

/// B, the features of all edges, from what is fixed and what is trained of them, and back.
final class EdgeBasisGradient: @unchecked Sendable {
  /// B.
  private(set) var features: FloatMatrix
  /// The loss' derivative by B, to which every block adds; nil if nothing of B is trained.
  private(set) var derivative: FloatMatrix?
  private let trained: Trained
  private let batch: GradientBatch
  /// Before the activation, or what harmonics are multiplied by.
  private var layerOutput: FloatMatrix?

  /// What is trained of the features of edges.
  private enum Trained {
    case nothing
    /// Harmonics times the layer's results.
    case mixtures(NetworkPlan.Linear)
    case activated(NetworkPlan.Linear, DenseActivation)

    init(_ functions: ForceCentricPlan.EdgeFeatures.Functions) {
      switch functions {
      case .alike(.trained(let linear, let activation)):
        self = .activated(linear, activation.kernel)
      // Without a harmonic there is nothing that the mixtures could change.
      case .mixtures(let harmonics, _, let mixing) where harmonics.count > 0:
        self = .mixtures(mixing)
      case .alike, .beside, .mixtures, .distances: self = .nothing
      }
    }
  }

  init(_ batch: GradientBatch, _ plan: ForceCentricPlan.EdgeFeatures, _ context: GradientContext) {
    (trained, self.batch) = (Trained(plan.functions), batch)
    let inputs = batch.inputs
    features = inputs.rows
    switch trained {
    case .nothing: return
    case .mixtures(let linear):
      let mixed = context.apply(context.layer(linear), to: inputs.rows)
      features = FloatMatrix(rows: batch.edges, columns: plan.width)
      features.fillProducts(inputs.harmonics, width: inputs.harmonicCount, mixed)
      layerOutput = mixed
    case .activated(let linear, let activation):
      let before = context.apply(context.layer(linear), to: inputs.rows)
      features = FloatMatrix(rows: batch.edges, columns: linear.outputs)
      activation.apply(batch.edges, to: before, into: features, kernels: context.kernels)
      layerOutput = before
    }
    derivative = FloatMatrix(rows: batch.edges, columns: features.columns)
  }

  /// Adds the derivatives by the trained layer, once all blocks have added to `derivative`.
  func reverse(_ context: GradientContext) {
    guard let derivative, let layerOutput else { return }
    switch trained {
    case .nothing: break
    case .mixtures(let linear):
      derivative.contractProducts(
        batch.inputs.harmonics, width: batch.inputs.harmonicCount, into: layerOutput)
      context.addBias(linear, layerOutput)
      context.reverseWeights(linear, layerOutput, at: batch.inputs.rows)
    case .activated(let linear, let activation):
      activation.differentiate(
        batch.edges, at: layerOutput, derivative, kernels: context.kernels)
      context.addBias(linear, derivative)
      context.reverseWeights(linear, derivative, at: batch.inputs.rows)
    }
  }
}
