// SPDX-License-Identifier: MIT

import Foundation
import Networks
import RelaxNumerics
import Structures
import TestSupport
import Testing
import Training

@testable import ReferenceNetworks

/// Three steps of Adam of the released SchNet and DimeNet++ on energies and forces, whose gradients are second
/// derivatives by automatic differentiation.
///
/// `Fixtures/released_energy_training.json` was made for this project with the released code in double
/// precision, from weights by `ProceduralModel`. Energies to learn are 20 v and forces 2 v of
/// `ProceduralNumbers`, tensors 2001 and 2000; fixed atoms weigh 0.05. Of each tensor's gradient, and of the
/// tensor after the first and the third step, it holds the 2-norm and the product with v, tensor 1000.
struct ReleasedEnergyTraining: Decodable, Sendable {
  struct Batch: Decodable, Sendable, CustomTestStringConvertible {
    var model: String
    var config: [String: ReleasedValue]
    var seed: UInt64
    var structures: [String]
    var energy_weight: Double
    var force_weight: Double
    var losses: [Double]
    var gradients: [String: [Double]]
    var step1: [String: [Double]]
    var step3: [String: [Double]]

    var testDescription: String { "\(model) \(seed)" }

    var numbers: ProceduralNumbers { ProceduralNumbers(seed: seed) }

    func problem() throws -> (model: NetworkModel, samples: [TrainingSample]) {
      let architecture = try ReleasedConfiguration(model: model, config: config).architecture
      var atom = 0
      let samples = try structures.enumerated().map { number, name in
        let structure = try #require(ReferenceData.frames("structures/\(name).xyz").first)
        let tags = try #require(structure.tags)
        let forces = (atom..<atom + structure.count).map { atom in
          let v = (0..<3).map { numbers.value(2000, 3 * atom + $0) }
          return 2 * Vector3(v[0], v[1], v[2])
        }
        atom += structure.count
        return TrainingSample(
          structure: structure, forces: forces, weights: tags.map { $0 == 0 ? 0.05 : 1 },
          energy: 20 * numbers.value(2001, number))
      }
      return (ProceduralModel.model(architecture, seed: seed), samples)
    }

    /// The 2-norm and the product with v.
    func digest(_ values: [Double]) -> [Double] {
      [
        values.reduce(0) { $0 + $1 * $1 }.squareRoot(),
        values.indices.reduce(0) { $0 + values[$1] * numbers.value(1000, $1) },
      ]
    }
  }

  var batches: [Batch]

  static let all: [Batch] = {
    let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("Fixtures/released_energy_training.json")
    let found = try? JSONDecoder().decode(ReleasedEnergyTraining.self, from: Data(contentsOf: file))
    return found?.batches ?? []
  }()
}

@Suite("Training on energies, recorded") struct ReleasedEnergyTrainingTests {
  @Test("Batches are there") func fixture() { #expect(ReleasedEnergyTraining.all.count == 4) }

  @Test(
    "The reference's losses, gradients and steps are the released code's",
    arguments: ReleasedEnergyTraining.all)
  func reference(_ batch: ReleasedEnergyTraining.Batch) throws {
    let (model, samples) = try batch.problem()
    let loss = ReferenceEnergyLoss(
      model: model, batch: samples, energyWeight: batch.energy_weight,
      forceWeight: batch.force_weight)
    var tensors = model.reference
    var adam = ReferenceAdam()
    adam.learningRate = 1e-3
    // What DimeNet++ is made of holds numbers in single precision, which libraries round differently.
    let exactness = batch.model == "schnet" ? 1e-9 : 1e-7
    for (step, expected) in batch.losses.enumerated() {
      let found = loss.differentiate(tensors)
      #expect(abs(found.value - expected) <= exactness * expected)
      if step == 0 {
        #expect(found.gradients.keys.sorted() == batch.gradients.keys.sorted())
        for (name, digest) in batch.gradients {
          let gradient = try #require(found.gradients[name])
          for (a, b) in zip(batch.digest(gradient), digest) {
            #expect(abs(a - b) <= exactness * digest[0] + 1e-12, "\(name)")
          }
        }
      }
      adam.step(&tensors, found.gradients)
      guard let after = step == 0 ? batch.step1 : step == 2 ? batch.step3 : nil else { continue }
      for (name, digest) in after {
        let values = try #require(tensors[name]).values
        for (a, b) in zip(batch.digest(values), digest) {
          let room = 1e-3 * exactness * Double(values.count) + 1e-9 * digest[0]
          #expect(abs(a - b) <= room, "\(name)")
        }
      }
    }
  }

  @Test(
    "So are those in single precision", arguments: ReleasedEnergyTraining.all)
  func single(_ batch: ReleasedEnergyTraining.Batch) throws {
    let (model, samples) = try batch.problem()
    try onEveryKernelSet { kernels in
      let network = try NetworkGradients(
        model, weights: LossWeights(energy: batch.energy_weight, force: batch.force_weight),
        kernels: kernels)
      var parameters = Parameters(model)
      var gradient = [Float](repeating: .nan, count: parameters.values.count)
      var adam = Adam(count: parameters.values.count)
      for (step, expected) in batch.losses.enumerated() {
        let loss = try network.evaluate(samples, &parameters, gradient: &gradient)
        #expect(abs(loss - expected) <= 1e-5 * expected)
        if step == 0 {
          for place in parameters.trained {
            let digest = try #require(batch.gradients[place.name])
            let found = batch.digest(gradient[place.range].map(Double.init))
            for (a, b) in zip(found, digest) {
              #expect(abs(a - b) <= 1e-4 * digest[0] + 1e-12, "\(place.name) \(kernels)")
            }
          }
        }
        adam.step(&parameters.values, gradient: gradient, learningRate: 1e-3)
        guard let after = step == 0 ? batch.step1 : step == 2 ? batch.step3 : nil else { continue }
        for place in parameters.trained {
          let digest = try #require(after[place.name])
          let found = batch.digest(parameters.values[place.range].map(Double.init))
          // A hundredth of a step for each number, of which there are many.
          let room = 1e-5 * Double(place.range.count).squareRoot()
          for (a, b) in zip(found, digest) {
            #expect(abs(a - b) <= room, "\(place.name) \(kernels)")
          }
        }
      }
    }
  }

  @Test(
    "Threads share a batch: the same bits each time, and all that one finds",
    arguments: ReleasedEnergyTraining.all)
  func threads(_ batch: ReleasedEnergyTraining.Batch) throws {
    let (model, samples) = try batch.problem()
    var parameters = Parameters(model)
    func gradient(_ threads: Int) throws -> (loss: Double, gradient: [Float]) {
      let network = try NetworkGradients(model, threads: threads)
      var gradient = [Float](repeating: .nan, count: parameters.values.count)
      let loss = try network.evaluate(samples, &parameters, gradient: &gradient)
      return (loss, gradient)
    }
    let one = try gradient(1)
    let largest = one.gradient.reduce(0) { max($0, abs($1)) }
    for threads in [2, 3, 7] {
      let (some, again) = (try gradient(threads), try gradient(threads))
      #expect(some.loss == again.loss && some.gradient == again.gradient)
      #expect(abs(some.loss - one.loss) <= 1e-6 * one.loss)
      let error = zip(some.gradient, one.gradient).reduce(0) { max($0, abs($1.0 - $1.1)) }
      #expect(error <= 1e-5 * largest)
    }
  }
}
