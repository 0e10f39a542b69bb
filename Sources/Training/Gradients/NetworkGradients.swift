// SPDX-License-Identifier: MIT

import Networks
import RelaxNumerics
import Structures

/// A network in training: loss and gradient of batches.
///
/// All samples make one graph. Equal batches, parameters and numbers of threads give equal bits.
/// `energy_mlp`, which no force depends on, gets the gradient 0.
public final class NetworkGradients: GradientSource {
  private let network: DifferentiableNetwork
  private let knownElements: Set<Element>
  private let places: [Parameters.Place]
  private let penalty: ForcePenalty

  /// Gradients for models like `model`, a complete one: its architecture, its tables and what was done
  /// to its targets count, its weights do not.
  ///
  /// - Parameters:
  ///   - model: a network that can be evaluated.
  ///   - penalty: what errors count.
  ///   - threads: how many threads share a batch.
  ///   - kernels: which kernels compute.
  /// - Throws: for another architecture.
  public init(
    _ model: NetworkModel, penalty: ForcePenalty = .absolute, threads: Int = 1,
    kernels: KernelSet = .preferred
  ) throws(GradientError) {
    guard let network = DifferentiableNetwork(model, threads: threads, kernels: kernels) else {
      throw .untrainable(architecture: model.architecture.name)
    }
    (self.network, self.penalty) = (network, penalty)
    knownElements = model.knownElements
    places = Parameters(model).trained
  }

  /// The loss of a batch and its gradient; see ``GradientSource``.
  public func evaluate(
    _ batch: [TrainingSample], _ parameters: inout Parameters, gradient: inout [Float]
  ) throws -> Double {
    precondition(gradient.count == parameters.values.count, "a gradient of another length")
    // PyTorch's share.
    let pass = network.forward(try graph(of: batch, parameters), &parameters, share: 0.1)
    let (loss, ofOutput) = ForceLoss(batch, penalty).evaluate(pass.output, network.normalization)
    network.reverse(ofOutput, pass, gradient: &gradient)
    return loss
  }

  /// Runs forward only; see ``GradientSource``.
  public func moveStatistics(
    towards batch: [TrainingSample], share: Float, _ parameters: inout Parameters
  ) throws {
    _ = network.forward(try graph(of: batch, parameters), &parameters, share: share)
  }

  private func graph(
    of batch: [TrainingSample], _ parameters: Parameters
  ) throws(GradientError) -> GradientBatch {
    precondition(parameters.trained == places, "parameters of another model")
    try requireTrainable(batch)
    let graph: GradientBatch
    do throws(TooDense) {
      graph = try network.graph(of: batch.map(\.structure))
    } catch {
      throw .tooManyNeighbors(sample: error.structure)
    }
    // Batch statistics need two rows: their unbiased variance is infinite otherwise.
    guard graph.atoms > 1 else { throw .tooFewAtoms(graph.atoms) }
    guard !network.normalizesEdges || graph.edges > 1 else { throw .tooFewEdges(graph.edges) }
    return graph
  }

  private func requireTrainable(_ batch: [TrainingSample]) throws(GradientError) {
    for (number, sample) in batch.enumerated() {
      let unknown = Set(sample.structure.elements).subtracting(knownElements)
      if !unknown.isEmpty { throw .unknownElements(unknown.sorted(), sample: number) }
      guard PositionBounds.contain(sample.structure.positions) else {
        throw .positionsNotFinite(sample: number)
      }
      let labels = zip(sample.forces, sample.weights)
      guard labels.allSatisfy({ $0.isFinite && $1.isFinite && $1 >= 0 }) else {
        throw .labelsNotFinite(sample: number)
      }
    }
    guard batch.contains(where: { $0.weights.contains { $0 > 0 } }) else { throw .noWeight }
  }
}
