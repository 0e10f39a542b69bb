// SPDX-License-Identifier: MIT

import Networks
import RelaxNumerics
import Structures
import TestSupport
import Testing

@testable import Training

/// What a training loop relies on, by networks of its own.
@Suite("Use of gradients of networks") struct NetworkGradientsUseTests {
  private static func elements(_ numbers: [Int]) -> [Element] {
    numbers.compactMap { Element(atomicNumber: $0) }
  }

  /// Copper and oxygen on a shaken cubic lattice, periodic along two axes.
  private static func sample(_ seed: UInt64, layers: Int = 3) -> TrainingSample {
    var random = SeededGenerator(seed: seed)
    let edge = 2.6
    var positions: [Vector3] = []
    for site in 0..<4 * layers {
      let place = Vector3(Double(site % 2), Double(site / 2 % 2), Double(site / 4))
      positions.append(
        edge * place + 0.3 * Vector3(random.uniform(), random.uniform(), random.uniform()))
    }
    let cell = Cell(
      Vector3(2 * edge, 0, 0), Vector3(0.5, 2 * edge, 0), Vector3(0, 0, 25),
      periodicity: Periodicity(true, true, false))
    let kinds = (0..<positions.count).map { $0 % 3 == 2 ? 8 : 29 }
    return TrainingSample(
      structure: Structure(elements: elements(kinds), positions: positions, cell: cell),
      forces: positions.map { _ in
        Vector3(random.uniform(-2, 2), random.uniform(-2, 2), random.uniform(-2, 2))
      }, weights: positions.indices.map { $0 < 4 ? 0.05 : 1 })
  }

  private static func model(_ change: (inout ForceNetConfiguration) -> Void = { _ in }) throws
    -> NetworkModel
  {
    var c = ForceNetConfiguration()
    (c.hiddenChannels, c.decoderChannels, c.interactions) = (20, 11, 2)
    c.frequencies = 7
    change(&c)
    return try NetworkModel(untrained: .forceNet(c), seed: 5)
  }

  private static func gns() throws -> NetworkModel {
    var c = GNSConfiguration()
    (c.hiddenChannels, c.interactions) = (20, 2)
    return try NetworkModel(untrained: .gns(c), seed: 5)
  }

  private struct Step: Equatable {
    var loss: UInt64
    var gradient: [UInt32]
    var statistics: [UInt32]
  }

  private static func step(
    _ network: NetworkGradients, _ model: NetworkModel, _ batch: [TrainingSample]
  ) throws -> Step {
    var parameters = Parameters(model)
    var gradient = [Float](repeating: .nan, count: parameters.values.count)
    let loss = try network.evaluate(batch, &parameters, gradient: &gradient)
    return Step(
      loss: loss.bitPattern, gradient: gradient.map(\.bitPattern),
      statistics: parameters.statisticValues.map(\.bitPattern))
  }

  @Test(
    "Statistics move by the share that is asked for, and nothing else moves",
    arguments: [ForceNetConfiguration.Ablation.none, .linearEdges])
  func statistics(ablation: ForceNetConfiguration.Ablation) throws {
    let model = try Self.model { $0.ablation = ablation }
    let (one, two) = ([Self.sample(1), Self.sample(2)], [Self.sample(3, layers: 5)])
    let network = try NetworkGradients(model, threads: 2)
    var start = Parameters(model)
    for i in start.statisticValues.indices { start.statisticValues[i] = 0.25 }

    func moved(_ batch: [TrainingSample], _ share: Float) throws -> [Float] {
      var parameters = start
      try network.moveStatistics(towards: batch, share: share, &parameters)
      #expect(parameters.values == start.values)
      return parameters.statisticValues
    }
    let (ofOne, ofTwo) = (try moved(one, 1), try moved(two, 1))
    #expect(ofOne != ofTwo)

    var evaluated = start
    var gradient = [Float](repeating: 0, count: start.values.count)
    _ = try network.evaluate(one, &evaluated, gradient: &gradient)
    #expect(try moved(one, 0.1) == evaluated.statisticValues)

    var mean = start
    try network.moveStatistics(towards: one, share: 1, &mean)
    try network.moveStatistics(towards: two, share: 0.5, &mean)
    for (value, (a, b)) in zip(mean.statisticValues, zip(ofOne, ofTwo)) {
      #expect(abs(value - (a + b) / 2) <= 1e-5 * max(abs(a), abs(b), 1))
    }
  }

  @Test("Equal batches give equal bits, whatever was computed in between", arguments: [1, 2, 3])
  func repeatable(threads: Int) throws {
    let models = [
      try Self.model(), try Self.model { $0.ablation = .linearEdges },
      try Self.model { $0.basis = .linearActivation }, try Self.gns(),
    ]
    for model in models {
      let network = try NetworkGradients(model, threads: threads)
      let batch = [Self.sample(1), Self.sample(2)]
      let first = try Self.step(network, model, batch)
      _ = try Self.step(network, model, [Self.sample(3, layers: 5)])
      _ = try Self.step(network, model, [Self.sample(4, layers: 1)])
      let second = try Self.step(network, model, batch)
      let other = try Self.step(NetworkGradients(model, threads: threads), model, batch)
      #expect(first == second && first == other)
    }
  }

  @Test("The number of threads changes no more than rounding")
  func threads() throws {
    for model in [try Self.model(), try Self.model { $0.ablation = .noFilter }, try Self.gns()] {
      let batch = (0..<3).map { Self.sample($0) }
      let results = try [1, 2, 4, 50].map { threads in
        try Self.step(NetworkGradients(model, threads: threads), model, batch).gradient.map {
          Float(bitPattern: $0)
        }
      }
      let largest = results[0].reduce(0) { max($0, abs($1)) }
      #expect(largest > 0)
      for other in results.dropFirst() {
        let error = zip(results[0], other).reduce(0) { max($0, abs($1.0 - $1.1)) }
        #expect(error < 1e-5 * largest)
      }
    }
  }

  @Test("A gradient is the slope of its own loss")
  func slopes() throws {
    let batch = [Self.sample(1), Self.sample(2)]
    var models = [try Self.gns()]
    for activation in [Activation.swish, .shiftedSoftplus, .leakyTanh] {
      models.append(try Self.model { $0.activation = activation })
    }
    for model in models {
      let network = try NetworkGradients(model)
      let parameters = Parameters(model)
      var gradient = [Float](repeating: 0, count: parameters.values.count)
      var copy = parameters
      _ = try network.evaluate(batch, &copy, gradient: &gradient)
      let square = gradient.reduce(0) { $0 + Double($1) * Double($1) }
      func loss(_ step: Double) throws -> Double {
        var moved = parameters
        var unused = gradient
        for index in gradient.indices { moved.values[index] += Float(step) * gradient[index] }
        return try network.evaluate(batch, &moved, gradient: &unused)
      }
      // Steps far above rounding: a loss change of a thousandth, kinks included.
      let step = 2e-3 / square
      let slope = (try loss(step) - loss(-step)) / (2 * step)
      #expect(abs(slope - square) < 0.03 * square, "\(slope), not \(square)")
    }
  }

  @Test("Scaled targets scale the loss and leave gradients alone")
  func normalization() throws {
    var model = try Self.model()
    let batch = [Self.sample(1)]
    let plain = try Self.step(NetworkGradients(model), model, batch)
    (model.normalization.forceScale, model.normalization.forceMean) = (2, 0.5)
    var scaled = batch
    for atom in scaled[0].forces.indices {
      scaled[0].forces[atom] = scaled[0].forces[atom] * 2 + Vector3(repeating: 0.5)
    }
    let other = try Self.step(NetworkGradients(model), model, scaled)
    #expect(
      abs(Double(bitPattern: other.loss) - 2 * Double(bitPattern: plain.loss)) < 1e-6)
    let largest = plain.gradient.reduce(0) { max($0, abs(Float(bitPattern: $1))) }
    for (a, b) in zip(plain.gradient, other.gradient) {
      #expect(abs(2 * Float(bitPattern: a) - Float(bitPattern: b)) < 1e-5 * largest)
    }
  }

  @Test("Atoms without neighbours are no trouble")
  func lonely() throws {
    let apart = TrainingSample(
      structure: Structure(
        elements: Self.elements([29, 8, 8]),
        positions: [.zero, Vector3(20, 0, 0), Vector3(0, 30, 0)], cell: .none),
      forces: Array(repeating: Vector3(1, 0, 0), count: 3), weights: [1, 1, 1])
    for model in [try Self.model(), try Self.gns()] {
      let network = try NetworkGradients(model, threads: 2)
      for batch in [[apart], [apart, Self.sample(1)]] {
        let step = try Self.step(network, model, batch)
        #expect(Double(bitPattern: step.loss).isFinite)
        #expect(step.gradient.allSatisfy { Float(bitPattern: $0).isFinite })
      }
    }
  }

  @Test("What has no gradient is refused, and says why")
  func errors() throws {
    let model = try Self.model()
    let network = try NetworkGradients(model)
    func refusal(_ network: NetworkGradients, _ batch: [TrainingSample]) -> GradientError? {
      do {
        _ = try Self.step(network, model, batch)
        return nil
      } catch {
        return error as? GradientError
      }
    }
    let good = Self.sample(1)
    var unknown = good
    unknown.structure.elements[2] = Self.elements([36])[0]
    #expect(
      refusal(network, [good, unknown])
        == .unknownElements(Self.elements([36]), sample: 1))
    var lost = good
    lost.structure.positions[0].x = .nan
    #expect(refusal(network, [lost]) == .positionsNotFinite(sample: 0))
    var unlabelled = good
    unlabelled.forces[3].y = .infinity
    #expect(refusal(network, [good, unlabelled]) == .labelsNotFinite(sample: 1))
    var weightless = good
    weightless.weights = weightless.weights.map { _ in 0 }
    #expect(refusal(network, [weightless]) == .noWeight)
    #expect(refusal(network, []) == .noWeight)
    let alone = TrainingSample(
      structure: Structure(elements: Self.elements([29]), positions: [.zero], cell: .none),
      forces: [.zero], weights: [1])
    #expect(refusal(network, [alone]) == .tooFewAtoms(1))
    let linear = try Self.model { $0.ablation = .linearEdges }
    let pair = TrainingSample(
      structure: Structure(
        elements: Self.elements([29, 29]), positions: [.zero, Vector3(9, 0, 0)], cell: .none),
      forces: [.zero, .zero], weights: [1, 1])
    let edges = try NetworkGradients(linear)
    var (parameters, gradient) = (Parameters(linear), [Float]())
    gradient = Array(repeating: 0, count: parameters.values.count)
    #expect(throws: GradientError.tooFewEdges(0)) {
      try edges.evaluate([pair], &parameters, gradient: &gradient)
    }
    #expect("\(GradientError.unknownElements(Self.elements([36]), sample: 1))".contains("Kr"))
  }
}
