// SPDX-License-Identifier: MIT

import Networks
import RelaxNumerics
import Structures
import Testing
import Training

@testable import ReferenceNetworks

/// Derivatives of the reference against differences of its own loss.
@Suite("Derivatives of the reference networks") struct ReferenceGradientTests {
  @Test("Slopes of activations are those of differences", arguments: Activation.allCases)
  func activations(_ activation: Activation) {
    for x in [-31.0, -7.3, -1.1, -0.02, 0.03, 0.7, 4.2, 19.9, 33] {
      let h = 1e-5
      let difference = (reference(activation, x + h) - reference(activation, x - h)) / (2 * h)
      #expect(abs(referenceSlope(activation, x) - difference) < 1e-9, "\(x)")
    }
  }

  @Test("Networks at random", arguments: 0..<40)
  func forceNet(_ index: Int) {
    var random = SeededGenerator(seed: 2024, stream: UInt64(index))
    check(.forceNet(TrainingSamples.forceNet(&random, index)), &random)
  }

  @Test("GNS", arguments: 0..<6)
  func gns(_ index: Int) {
    var random = SeededGenerator(seed: 2025, stream: UInt64(index))
    check(.gns(TrainingSamples.gns(index)), &random)
  }

  /// Compares derivatives along random directions, tensor by tensor.
  private func check(
    _ architecture: NetworkModel.Architecture, _ random: inout SeededGenerator
  ) {
    let model = ProceduralModel.model(architecture, seed: random.next() % 1000)
    let loss = ReferenceLoss(model, Array(TrainingSamples.batch(&random).prefix(2)))
    let tensors = model.reference
    let (_, gradients, _) = loss.differentiate(tensors)
    expectSlopes(gradients, of: loss.value, at: tensors, &random, "\(architecture)")
  }
}
