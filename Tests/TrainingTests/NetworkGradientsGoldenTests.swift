// SPDX-License-Identifier: MIT

import Files
import Foundation
import RelaxNumerics
import StructureFiles
import Structures
import TestSupport
import Testing

@testable import Networks
@testable import Training

/// Gradients in single precision against recorded ones of the released code in double precision.
@Suite(
  "Gradients of networks, recorded")
struct NetworkGradientsGoldenTests {
  private static let names = ["train_forcenet_w32", "train_gns_w32"]

  private struct Recording: Decodable {
    var structures: [String]
    var target_forces: [[Double]]
    var loss_f64: [Double]
  }

  private let folder = "training"

  private func arrays(_ name: String) throws -> [String: [Float]] {
    let path = ReferenceData.path("\(folder)/\(name).safetensors")
    let file = try Safetensors(RandomAccessFile(path: path))
    return Dictionary(
      uniqueKeysWithValues: try file.entries.filter { $0.type != .int64 }.map {
        ($0.name, try file.tensor($0).values)
      })
  }

  private func model(_ name: String) throws -> NetworkModel {
    let text = try String(
      contentsOfFile: ReferenceData.path("\(folder)/\(name).json"), encoding: .utf8)
    let description = try ModelDescription(JSONText(parsing: text))
    let tensors = try arrays(name + "_init")
    var model = NetworkModel(architecture: description.architecture, tensors: [:])
    for specification in description.architecture.catalogue {
      guard let values = tensors[specification.name] else { continue }
      model.tensors[specification.name] = Tensor(shape: specification.shape, values: values)
    }
    return model
  }

  private func batch(_ recording: Recording) throws -> [TrainingSample] {
    var targets = recording.target_forces[...]
    return try recording.structures.map { name in
      let structure = try #require(ReferenceData.frames("structures/\(name).xyz").first)
      let tags = try #require(structure.tags)
      defer { targets = targets.dropFirst(structure.count) }
      return TrainingSample(
        structure: structure,
        forces: targets.prefix(structure.count).map { Vector3($0[0], $0[1], $0[2]) },
        weights: tags.map { $0 == 0 ? 0.05 : 1 })
    }
  }

  @Test(
    "Loss, gradients and running statistics are the released code's", arguments: names, [1, 3])
  func firstStep(_ name: String, threads: Int) throws {
    let recording = try ReferenceData.json("\(folder)/\(name).json", as: Recording.self)
    let model = try model(name)
    let batch = try batch(recording)
    let gradients = try arrays(name + "_grad_f64")
    let statistics = try arrays(name + "_step1_f64")
    try onEveryKernelSet { kernels in
      var parameters = Parameters(model)
      var gradient = [Float](repeating: .nan, count: parameters.values.count)
      let network = try NetworkGradients(model, threads: threads, kernels: kernels)
      let loss = try network.evaluate(batch, &parameters, gradient: &gradient)
      #expect(abs(loss - recording.loss_f64[0]) <= 1e-6 * recording.loss_f64[0])
      let largest = gradients.values.joined().reduce(0) { max($0, abs($1)) }
      for place in parameters.trained {
        let found = gradient[place.range]
        guard let expected = gradients[place.name] else {
          #expect(place.name.hasPrefix("energy_mlp") && found.allSatisfy { $0 == 0 })
          continue
        }
        // Round-off of gradients that vanish has the size of others'.
        let size = max(expected.reduce(0) { max($0, abs($1)) }, 1e-3 * largest)
        let error = zip(found, expected).reduce(0) { max($0, abs($1.0 - $1.1)) }
        #expect(error <= 1e-4 * size, "\(place.name): \(error / size), \(kernels)")
      }
      for place in parameters.statistics {
        let expected = try #require(statistics[place.name])
        for (a, b) in zip(parameters.statisticValues[place.range], expected) {
          #expect(abs(a - b) <= 1e-5 * max(1, abs(b)), "\(place.name)")
        }
      }
    }
  }
}
