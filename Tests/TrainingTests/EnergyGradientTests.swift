// SPDX-License-Identifier: MIT

import Networks
import RelaxNumerics
import Structures
import TestSupport
import Testing
import Training

@testable import ReferenceNetworks

/// Gradients of losses over energies and forces that are derivatives themselves.
@Suite("Gradients of networks of energies") struct EnergyGradientTests {
  private static func architecture(_ index: Int) -> NetworkModel.Architecture {
    if index % 2 == 0 {
      var c = SchNetConfiguration()
      let width = index / 2 % 4
      (c.hiddenChannels, c.filters) = ([2, 9, 17, 34][width], [1, 7, 16, 33][width])
      (c.interactions, c.gaussians) = ([1, 2, 3][index / 2 % 3], [3, 20, 50][index / 2 % 3])
      (c.cutoff, c.readout) = ([6, 4.5, 5.3][index % 3], index % 8 == 0 ? .mean : .add)
      c.maximumNeighbors = [50, 12][index / 2 % 2]
      return .schNet(c)
    }
    var c = DimeNetConfiguration()
    (c.hiddenChannels, c.outputChannels) = ([8, 1, 17, 33][index / 2 % 4], [6, 1, 19][index % 3])
    (c.tripletChannels, c.basisChannels) = ([5, 1, 16, 18][index / 2 % 4], [4, 1, 8][index % 3])
    (c.blocks, c.degrees) = ([2, 1, 3][index / 2 % 3], [3, 1, 7][index % 3])
    c.radials = 1 + index % 6
    (c.cutoff, c.envelopeExponent) = ([4, 4.5, 5][index % 3], [5, 1, 6][index / 2 % 3])
    (c.layersBefore, c.layersAfter) = ([1, 0, 2][index % 3], [2, 1, 0][index / 2 % 3])
    (c.outputLayers, c.angles) = ([3, 0, 1][index / 2 % 3], index % 4 == 1 ? .full : .released)
    c.maximumNeighbors = [50, 20, 12][index / 2 % 3]
    return .dimeNet(c)
  }

  /// A slab, a lone molecule, and a slab whose energy nobody knows.
  private static func batch(_ random: inout SeededGenerator) -> [TrainingSample] {
    var batch = TrainingSamples.batch(&random)
    for number in batch.indices.dropLast() { batch[number].energy = random.uniform(-20, 20) }
    return batch
  }

  private static func problem(
    _ index: Int
  ) -> (model: NetworkModel, batch: [TrainingSample], loss: ReferenceEnergyLoss) {
    var random = SeededGenerator(seed: 4100, stream: UInt64(index))
    var model = ProceduralModel.model(architecture(index), seed: UInt64(index))
    model.normalization.energyMean = random.uniform(-1, 1)
    model.normalization.energyScale = random.uniform(0.5, 2)
    model.normalization.forceScale = random.uniform(0.5, 2)
    if index % 3 == 0 {
      model.normalization.elementEnergies = [NetworkSamples.elements([8])[0]: 0.7]
    }
    let batch = batch(&random)
    let weights = [(1.0, 30.0), (0, 1), (1, 0), (0.2, 1e-3)][index / 2 % 4]
    return (
      model, batch,
      ReferenceEnergyLoss(
        model: model, batch: batch, energyWeight: weights.0, forceWeight: weights.1)
    )
  }

  @Test("In single precision they are the reference's", arguments: 0..<32)
  func gradients(_ index: Int) throws {
    let (model, batch, loss) = Self.problem(index)
    let (value, expected) = loss.differentiate(model.reference)
    let whole = expected.values.flatMap { $0 }.reduce(0) { max($0, abs($1)) }
    try onEveryKernelSet { kernels in
      var parameters = Parameters(model)
      var gradient = [Float](repeating: .nan, count: parameters.values.count)
      let network = try NetworkGradients(
        model, weights: LossWeights(energy: loss.energyWeight, force: loss.forceWeight),
        threads: 1 + index % 3, kernels: kernels)
      for _ in 0..<2 {
        let found = try network.evaluate(batch, &parameters, gradient: &gradient)
        #expect(abs(found - value) <= 2e-5 * max(1e-3, value), "\(model.architecture)")
        for place in parameters.trained {
          let reference = expected[place.name] ?? Array(repeating: 0, count: place.range.count)
          let largest = reference.reduce(0) { max($0, abs($1)) }
          let error = zip(gradient[place.range], reference).reduce(0) {
            max($0, abs(Double($1.0) - $1.1))
          }
          #expect(
            error <= 1e-4 * largest + 1e-6 * whole,
            "\(place.name): \(error) of \(largest), \(kernels), \(model.architecture)")
        }
      }
    }
  }

  @Test("The reference's are those of differences", arguments: 0..<12)
  func differences(_ index: Int) {
    let (model, _, loss) = Self.problem(index)
    let tensors = model.reference
    let (_, gradients) = loss.differentiate(tensors)
    var random = SeededGenerator(seed: 9, stream: UInt64(index))
    expectSlopes(gradients, of: loss.value, at: tensors, &random, "\(model.architecture)")
  }
}
