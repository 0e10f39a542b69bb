// SPDX-License-Identifier: MIT

import Files
import Foundation
import RelaxNumerics
import Testing

@testable import Networks

@Suite("Untrained networks")
struct InitializationTests {
  /// Variance and bound of a tensor, as the released code draws it.
  private func expectUniform(_ tensor: Tensor?, bound: Double) throws {
    let values = try #require(tensor).values.map(Double.init)
    let count = Double(values.count)
    let variance = values.reduce(0) { $0 + $1 * $1 } / count
    #expect(values.allSatisfy { abs($0) <= bound })
    // Within five standard errors of a uniform distribution's bound²/3 and mean 0.
    #expect(abs(variance / (bound * bound / 3) - 1) < 5 * (0.8 / count).squareRoot())
    #expect(abs(values.reduce(0, +) / count) < 5 * bound / (3 * count).squareRoot())
  }

  @Test("each tensor of ForceNet is drawn as in the released code")
  func forceNet() throws {
    var configuration = ForceNetConfiguration()
    (configuration.hiddenChannels, configuration.interactions) = (64, 1)
    configuration.decoderChannels = 96
    let model = try NetworkModel(untrained: .forceNet(configuration), seed: 3)
    let tensors = model.tensors
    try expectUniform(tensors["embedding.1.weight"], bound: 1 / 450.0.squareRoot())
    try expectUniform(tensors["embedding.1.bias"], bound: 1 / 450.0.squareRoot())
    try expectUniform(tensors["basis_fun.lin.weight"], bound: 1 / 200.0.squareRoot())
    try expectUniform(tensors["lin.weight"], bound: 1 / 64.0.squareRoot())
    try expectUniform(tensors["energy_mlp.weight"], bound: 1 / 96.0.squareRoot())
    let block = "interactions.0."
    try expectUniform(tensors[block + "center_W"], bound: (6.0 / 65).squareRoot())
    try expectUniform(tensors[block + "lin_basis.weight"], bound: (6.0 / 100).squareRoot())
    try expectUniform(tensors[block + "mlp_edge.0.weight"], bound: (6.0 / 256).squareRoot())
    try expectUniform(tensors[block + "mlp_edge.4.weight"], bound: (6.0 / 128).squareRoot())
    try expectUniform(tensors[block + "mlp_trans.3.weight"], bound: (6.0 / 128).squareRoot())
    try expectUniform(tensors["decoder.decoder.3.weight"], bound: (6.0 / 99).squareRoot())
    for name in ["lin", "lin_basis", "mlp_edge.2", "mlp_trans.0", "mlp_trans.1"] {
      #expect(tensors[block + name + ".bias"]?.values.allSatisfy { $0 == 0 } == true)
    }
    #expect(tensors["decoder.decoder.1.weight"]?.values.allSatisfy { $0 == 1 } == true)
    #expect(tensors["decoder.decoder.1.running_mean"]?.values.allSatisfy { $0 == 0 } == true)
    #expect(tensors["decoder.decoder.1.running_var"]?.values.allSatisfy { $0 == 1 } == true)
    #expect(model.counters["decoder.decoder.1.num_batches_tracked"] == 0)
  }

  @Test("the stream goes through the catalogue row by row, and never changes")
  func stream() throws {
    var configuration = GNSConfiguration()
    (configuration.hiddenChannels, configuration.interactions) = (3, 1)
    let model = try NetworkModel(untrained: .gns(configuration), seed: 20)
    var generator = SeededGenerator(seed: 20)
    for specification in model.architecture.catalogue where specification.isTrained {
      guard case .trained(.xavier) = specification.role else { continue }
      let bound = (6 / Double(specification.shape.reduce(0, +))).squareRoot()
      let expected = (0..<specification.count).map { _ in
        Float(-bound + 2 * bound * generator.uniform())
      }
      #expect(model.tensors[specification.name]?.values == expected)
    }
    #expect(try NetworkModel(untrained: .gns(configuration), seed: 20).hasSameBits(as: model))
    #expect(!(try NetworkModel(untrained: .gns(configuration), seed: 21).hasSameBits(as: model)))
  }

  @Test("matrices of DimeNet++ are orthogonal, the shorter way round, with the released variance")
  func orthogonal() throws {
    var c = DimeNetConfiguration()
    (c.hiddenChannels, c.outputChannels, c.tripletChannels, c.blocks) = (20, 12, 7, 1)
    let model = try NetworkModel(untrained: .dimeNet(c), seed: 3)
    for name in ["lin_kj", "lin_down", "lin_up", "lin_rbf1", "lin_sbf1"] {
      let tensor = try #require(model.tensors["interaction_blocks.0.\(name).weight"])
      let (rows, columns) = (tensor.shape[0], tensor.shape[1])
      let values = tensor.values.map(Double.init)
      let isWide = rows <= columns
      func vector(_ k: Int) -> [Double] {
        isWide
          ? Array(values[k * columns..<(k + 1) * columns])
          : (0..<rows).map { values[$0 * columns + k] }
      }
      let length = zip(vector(0), vector(0)).reduce(0) { $0 + $1.0 * $1.1 }
      for i in 0..<min(rows, columns) {
        for j in 0...i {
          let product = zip(vector(i), vector(j)).reduce(0) { $0 + $1.0 * $1.1 }
          #expect(abs(product - (i == j ? length : 0)) <= 1e-5 * length, "\(name)")
        }
      }
      let mean = values.reduce(0, +) / Double(values.count)
      let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
      let variance = squares / Double(values.count - 1)
      #expect(abs(variance - 2 / Double(rows + columns)) <= 1e-6)
    }
    // Energies are 0 at first.
    #expect(model.tensors["output_blocks.1.lin.weight"]?.values.allSatisfy { $0 == 0 } == true)
    #expect(model.tensors["rbf.freq"]?.values.first == Float(Double.pi))
  }

  @Test("networks that cannot be made are refused")
  func refusals() throws {
    var huge = ForceNetConfiguration()
    (huge.hiddenChannels, huge.interactions) = (16_384, 100)
    let large = try #require(throws: ModelFileError.self) {
      try NetworkModel(untrained: .forceNet(huge), seed: 1)
    }
    #expect(large.reason.hasPrefix("forcenet with this configuration has "))
    #expect(large.reason.hasSuffix(" numbers; 2147483648 are possible"))
  }
}
