// SPDX-License-Identifier: MIT

import Networks
import RelaxNumerics
import Structures
import TestSupport
import Testing
import Training

@testable import ReferenceNetworks

/// Gradients in single precision against the reference in double precision.
@Suite("Gradients of networks") struct NetworkGradientsTests {
  @Test("Networks at random", arguments: 0..<120)
  func forceNet(_ index: Int) throws {
    var random = SeededGenerator(seed: 77, stream: UInt64(index))
    try check(.forceNet(TrainingSamples.forceNet(&random, index)), &random)
  }

  @Test("GNS", arguments: [0, 1, 2, 3, 5])
  func gns(_ index: Int) throws {
    var random = SeededGenerator(seed: 78, stream: UInt64(index))
    try check(.gns(TrainingSamples.gns(index)), &random)
  }

  @Test("GNS of two columns, as far as it can be known")
  func twoColumns() throws {
    var random = SeededGenerator(seed: 78, stream: 4)
    // Two columns normalised row by row are ±1 whatever they were: what comes through to the layers
    // before is a small difference of large numbers, so tensors are held to the whole gradient alone.
    try check(.gns(TrainingSamples.gns(4)), &random, ofLargest: 0, ofWhole: 1e-4)
  }

  @Test("Huber's loss, most errors below or above its bend", arguments: [0.01, 0.5, 20])
  func huber(_ delta: Double) throws {
    for index in 0..<6 {
      var random = SeededGenerator(seed: 79, stream: UInt64(index))
      try check(.forceNet(TrainingSamples.forceNet(&random, index)), &random, delta: delta)
    }
  }

  private func check(
    _ architecture: NetworkModel.Architecture, _ random: inout SeededGenerator,
    delta: Double? = nil, ofLargest: Double = 1e-4, ofWhole: Double = 1e-6
  ) throws {
    let model = ProceduralModel.model(architecture, seed: random.next() % 1000)
    let batch = TrainingSamples.batch(&random)
    let (loss, expected, statistics) = ReferenceLoss(model, batch, delta: delta)
      .differentiate(model.reference)
    let whole = expected.values.flatMap { $0 }.reduce(0) { max($0, abs($1)) }
    let threads = 1 + Int(random.next() % 3)
    try onEveryKernelSet { kernels in
      var parameters = Parameters(model)
      var gradient = [Float](repeating: .nan, count: parameters.values.count)
      let network = try NetworkGradients(
        model, penalty: delta.map { .huber(below: $0) } ?? .absolute, threads: threads,
        kernels: kernels)
      let found = try network.evaluate(batch, &parameters, gradient: &gradient)
      for place in parameters.trained {
        let found = gradient[place.range]
        if model.idleBiases.contains(place.name) {
          #expect(found.allSatisfy { $0 == 0 }, "\(place.name)")
          continue
        }
        // What no force depends on has no derivative.
        let reference = expected[place.name] ?? Array(repeating: 0, count: place.range.count)
        let largest = reference.reduce(0) { max($0, abs($1)) }
        let error = zip(found, reference).reduce(0) { max($0, abs(Double($1.0) - $1.1)) }
        // Sums of large numbers that nearly vanish have the round-off of these numbers.
        #expect(
          error <= ofLargest * largest + ofWhole * whole,
          "\(place.name): \(error) of \(largest), \(kernels), \(architecture)")
      }
      for place in parameters.statistics {
        let reference = try #require(statistics[place.name])
        for (a, b) in zip(parameters.statisticValues[place.range], reference) {
          #expect(abs(Double(a) - b) <= 1e-5 * max(1, abs(b)), "\(place.name)")
        }
      }
      #expect(abs(found - loss) <= 1e-5 * loss)
    }
  }
}
