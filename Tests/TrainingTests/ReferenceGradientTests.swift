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
    let whole = gradients.values.flatMap { $0 }.reduce(0) { $0 + $1 * $1 }.squareRoot()
    #expect(whole > 0 && whole.isFinite)
    for (name, gradient) in gradients.sorted(by: { $0.key < $1.key }) {
      let direction = gradient.map { _ in random.uniform(-1, 1) }
      let slope = zip(gradient, direction).reduce(0) { $0 + $1.0 * $1.1 }
      func difference(_ h: Double) -> Double {
        func moved(_ sign: Double) -> Double {
          var moved = tensors
          moved[name]?.values = zip(tensors[name]?.values ?? [], direction)
            .map { $0 + sign * h * $1 }
          return loss.value(moved)
        }
        return (moved(1) - moved(-1)) / (2 * h)
      }
      // The loss has kinks where a force or an activation changes sign. A shorter step may miss the
      // kink that a longer one meets; a wrong derivative is wrong at any.
      let size = zip(gradient, direction).reduce(0) { $0 + abs($1.0 * $1.1) }
      let tolerance = 1e-6 * max(size, 1e-3 * whole)
      let isRight = [1e-5, 1e-6, 1e-7].contains { abs(difference($0) - slope) <= tolerance }
      #expect(isRight, "\(name): \(slope), but \(difference(1e-6)) in \(architecture)")
    }
  }
}
