// SPDX-License-Identifier: MIT

import Foundation
import Networks
import StructureFiles
import TestSupport

/// Small models and raw files for tests of model files.
enum ModelSamples {
  /// A ForceNet small enough for thousands of files.
  static let configuration: ForceNetConfiguration = {
    var configuration = ForceNetConfiguration()
    configuration.hiddenChannels = 4
    configuration.decoderChannels = 3
    configuration.interactions = 1
    configuration.frequencies = 2
    return configuration
  }()

  /// It, with untrained weights and everything else unlike the defaults.
  static func model(
    _ architecture: NetworkModel.Architecture = .forceNet(configuration)
  ) throws -> NetworkModel {
    var model = try NetworkModel(untrained: architecture, seed: 11)
    model.normalization.energyMean = -0.7554450631141663
    model.normalization.energyScale = 2.887317180633545
    model.normalization.forceScale = 0.1
    model.energyIsTrained = false
    for (index, name) in model.counters.keys.sorted().enumerated() {
      model.counters[name] = 1 << 40 + index
    }
    return model
  }

  /// Bytes of a file of a header and data.
  static func safetensors(_ header: String, _ data: [UInt8]) -> [UInt8] {
    let text = Array(header.utf8)
    return littleEndian(UInt64(text.count)) + text + data
  }

  /// The bytes of a number, the least significant first.
  static func littleEndian(_ number: some FixedWidthInteger) -> [UInt8] {
    stride(from: 0, to: number.bitWidth, by: 8).map { UInt8(truncatingIfNeeded: number >> $0) }
  }

  /// All bytes of the model's file.
  static func bytes(_ model: NetworkModel, _ scratch: Scratch) throws -> [UInt8] {
    try model.write(scratch.path("sample.safetensors"), overwrite: true)
    return Array(try scratch.data("sample.safetensors"))
  }
}

extension NetworkModel {
  /// Whether every number is the same, bit for bit, NaN included.
  func hasSameBits(as other: NetworkModel) -> Bool {
    guard architecture == other.architecture, normalization == other.normalization,
      energyIsTrained == other.energyIsTrained, counters == other.counters,
      Set(tensors.keys) == Set(other.tensors.keys)
    else { return false }
    return tensors.allSatisfy { name, tensor in
      tensor.shape == other.tensors[name]?.shape
        && tensor.values.map(\.bitPattern) == other.tensors[name]?.values.map(\.bitPattern)
    }
  }
}
