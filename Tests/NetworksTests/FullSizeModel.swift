// SPDX-License-Identifier: MIT

import Files
import Networks
import TestSupport
import Testing

@testable import ReferenceNetworks

/// The paper's ForceNet at its full size, with weights by a formula.
enum FullSizeModel {
  static let name = "forcenet_full_512x5"

  private struct Recipe: Decodable {
    var seed: UInt64
    var tensor_order: [String]
    var tensor_shapes: [String: [Int]]
    var checksums_first_last_sum: [String: [Double]]
  }

  static var tensors: [String: Tensor] {
    get throws {
      let recipe = try ReferenceData.json("models/\(name).json", as: Recipe.self)
      // Running statistics, and the constant tables of any model of the same kind.
      var tensors = try RecordedArrays(
        reference: "models/\(name)_bnstats.safetensors"
      ).tensors
      let tables = try RecordedArrays(
        reference: "models/forcenet_default_w32.safetensors"
      ).tensors
      for (table, values) in tables where table.hasSuffix("freq_filter") || table.hasPrefix("atom_")
      {
        tensors[table] = values
      }
      let numbers = ProceduralNumbers(seed: recipe.seed)
      for (index, name) in recipe.tensor_order.enumerated() {
        let shape = try #require(recipe.tensor_shapes[name])
        let norm = name.hasPrefix("decoder.decoder.1.") || name.contains(".mlp_trans.1.")
        let tensor = numbers.tensor(
          index, shape, isNormWeight: norm && name.hasSuffix("weight"),
          isNormBias: norm && name.hasSuffix("bias"))
        let values = tensor.values.map(Double.init)
        let checksums = try #require(recipe.checksums_first_last_sum[name])
        #expect(values[0] == checksums[0] && values[values.count - 1] == checksums[1])
        #expect(abs(values.reduce(0, +) - checksums[2]) < 1e-9)
        tensors[name] = tensor
      }
      return tensors
    }
  }
}
