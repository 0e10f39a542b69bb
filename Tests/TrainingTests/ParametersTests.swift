// SPDX-License-Identifier: MIT

import Networks
import Testing

@testable import Training

@Suite struct ParametersTests {
  @Test("Parameters are all trained numbers, and go back where they came from")
  func round() throws {
    var configuration = ForceNetConfiguration()
    configuration.hiddenChannels = 8
    configuration.decoderChannels = 6
    configuration.interactions = 2
    let model = try NetworkModel(untrained: .forceNet(configuration), seed: 3)
    var parameters = Parameters(model)
    #expect(parameters.values.count == model.trainableParameterCount)
    #expect(parameters.statistics.allSatisfy { $0.name.contains(".running_") })
    for index in parameters.values.indices { parameters.values[index] += 1 }
    var moved = model
    parameters.store(in: &moved)
    let place = try #require(parameters.trained.first { $0.name == "lin.weight" })
    let before = try #require(model.tensors["lin.weight"]).values
    #expect(moved.tensors["lin.weight"]?.values == before.map { $0 + 1 })
    #expect(Array(parameters.values[place.range]) == before.map { $0 + 1 })
    #expect(moved.tensors["atom_map"]?.values.count == 909)
  }
}
