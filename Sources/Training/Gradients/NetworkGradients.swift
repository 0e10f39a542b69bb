// SPDX-License-Identifier: MIT

import Networks
import RelaxNumerics
import Structures

/// A network in training: loss and gradient of batches.
///
/// Equal batches, parameters and numbers of threads give equal bits. What no error depends on, such as the
/// energy's layers of a ForceNet that learns forces alone, gets the gradient 0.
public final class NetworkGradients: GradientSource {
  /// How derivatives are made.
  private enum Engine {
    /// Forces are what the network gives; all samples make one graph.
    case direct(DifferentiableNetwork)
    /// Forces are derivatives of what it gives.
    case energies(DifferentiableEnergy)
  }

  private let engine: Engine
  private let knownElements: Set<Element>
  private let places: [Parameters.Place]
  private let penalty: ForcePenalty
  private let weights: LossWeights

  /// Gradients for models like `model`, a complete one: its architecture, its tables and what was done
  /// to its targets count, its weights do not.
  ///
  /// - Parameters:
  ///   - model: a network that can be evaluated.
  ///   - penalty: what errors of forces count.
  ///   - weights: what energies and forces count; nil for what networks of its kind learn.
  ///   - threads: how many threads share a batch.
  ///   - kernels: which kernels compute.
  /// - Throws: where energies are to be learned that the network does not have.
  public init(
    _ model: NetworkModel, penalty: ForcePenalty = .absolute, weights: LossWeights? = nil,
    threads: Int = 1, kernels: KernelSet = .preferred
  ) throws(GradientError) {
    (self.penalty, self.weights) = (penalty, weights ?? .defaults(for: model.architecture))
    knownElements = model.knownElements
    places = Parameters(model).trained
    if let network = DifferentiableNetwork(model, threads: threads, kernels: kernels) {
      guard self.weights.energy == 0 || network.hasEnergy else {
        throw .noEnergy(architecture: model.architecture.name)
      }
      engine = .direct(network)
    } else if let network = DifferentiableEnergy(model, threads: threads, kernels: kernels) {
      engine = .energies(network)
    } else {
      preconditionFailure("a network of neither kind")
    }
  }

  /// The loss of a batch and its gradient; see ``GradientSource``.
  public func evaluate(
    _ batch: [TrainingSample], _ parameters: inout Parameters, gradient: inout [Float]
  ) throws -> Double {
    precondition(gradient.count == parameters.values.count, "a gradient of another length")
    precondition(parameters.trained == places, "parameters of another model")
    try requireTrainable(batch)
    let loss = BatchLoss(batch, penalty, weights)
    switch engine {
    case .direct(let network):
      // PyTorch's share of new statistics.
      let pass = network.forward(try graph(of: batch, network), &parameters, share: 0.1)
      return reverse(network, pass, batch, loss, &gradient)
    case .energies(let network):
      return try differentiate(network, batch, loss, parameters, &gradient)
    }
  }

  /// Runs forward only; see ``GradientSource``.
  public func moveStatistics(
    towards batch: [TrainingSample], share: Float, _ parameters: inout Parameters
  ) throws {
    guard case .direct(let network) = engine else { return }
    precondition(parameters.trained == places, "parameters of another model")
    try requireTrainable(batch)
    _ = network.forward(try graph(of: batch, network), &parameters, share: share)
  }

  // MARK: - Forces that are given

  private func graph(
    of batch: [TrainingSample], _ network: DifferentiableNetwork
  ) throws(GradientError) -> GradientBatch {
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

  private func reverse(
    _ network: DifferentiableNetwork, _ pass: DifferentiableNetwork.Pass,
    _ batch: [TrainingSample], _ loss: BatchLoss, _ gradient: inout [Float]
  ) -> Double {
    let (output, normalization) = (pass.output, network.normalization)
    let ofOutput = FloatMatrix(rows: output.rows, columns: 3)
    var (sum, row) = (0.0, 0)
    for (number, sample) in batch.enumerated() {
      let forces = (row..<row + sample.structure.count).map { row in
        var force = Vector3.zero
        for axis in 0..<3 {
          force[axis] =
            Double(output[row, axis]) * normalization.forceScale + normalization.forceMean
        }
        return force
      }
      let slopes = loss.forces(
        number, forces, scale: normalization.forceScale, addingTo: &sum)
      for slope in slopes {
        for axis in 0..<3 { ofOutput[row, axis] = Float(slope[axis]) }
        row += 1
      }
    }
    guard weights.energy != 0 else {
      network.reverse(ofOutput, pass, gradient: &gradient)
      return loss.force(ofSum: sum)
    }
    var (total, ofEnergies) = (loss.force(ofSum: sum), [Double]())
    for (number, energy) in network.energies(of: pass).enumerated() {
      let found = loss.energy(
        number,
        energy * normalization.energyScale
          + normalization.energyShift(of: batch[number].structure.elements))
      total += found.loss
      ofEnergies.append(found.slope * normalization.energyScale)
    }
    network.reverse(ofOutput, ofEnergies: ofEnergies, pass, gradient: &gradient)
    return total
  }

  // MARK: - Forces that are derivatives

  private func differentiate(
    _ network: DifferentiableEnergy, _ batch: [TrainingSample], _ loss: BatchLoss,
    _ parameters: Parameters, _ gradient: inout [Float]
  ) throws(GradientError) -> Double {
    let graph: DifferentiableEnergy.Batch
    do throws(TooDense) {
      graph = try network.graph(of: batch.map(\.structure))
    } catch {
      throw .tooManyNeighbors(sample: error.structure)
    }
    // Added in the order of the samples, whatever thread has made them.
    let parts = Guarded([(energy: Double, forces: Double)](repeating: (0, 0), count: batch.count))
    network.differentiate(
      graph, parameters,
      judge: { number, energy, forces in
        let ofEnergy = loss.energy(number, energy)
        var sum = 0.0
        let slopes = loss.forces(number, forces, addingTo: &sum)
        let part = (ofEnergy.loss, sum)
        parts.withLock { $0[number] = part }
        return .init(energySlope: ofEnergy.slope, forceSlopes: slopes)
      }, gradient: &gradient)
    return parts.withLock { parts in
      loss.force(ofSum: parts.reduce(0) { $0 + $1.forces }) + parts.reduce(0) { $0 + $1.energy }
    }
  }

  // MARK: - What can be learned from

  private func requireTrainable(_ batch: [TrainingSample]) throws(GradientError) {
    for (number, sample) in batch.enumerated() {
      let unknown = Set(sample.structure.elements).subtracting(knownElements)
      if !unknown.isEmpty { throw .unknownElements(unknown.sorted(), sample: number) }
      guard PositionBounds.contain(sample.structure.positions) else {
        throw .positionsNotFinite(sample: number)
      }
      let labels = zip(sample.forces, sample.weights)
      guard labels.allSatisfy({ $0.isFinite && $1.isFinite && $1 >= 0 }),
        sample.energy?.isFinite ?? true
      else { throw .labelsNotFinite(sample: number) }
    }
    let learnsEnergies = weights.energy != 0 && batch.contains { $0.energy != nil }
    guard learnsEnergies || batch.contains(where: { $0.weights.contains { $0 > 0 } }) else {
      throw .noWeight
    }
  }
}

extension LossWeights {
  /// What networks of a kind learn, unless something else is said: where forces are derivatives, both.
  public static func defaults(for architecture: NetworkModel.Architecture) -> LossWeights {
    architecture.predictsForces ? .forces : .both
  }
}
