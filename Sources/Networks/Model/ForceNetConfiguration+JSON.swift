// SPDX-License-Identifier: MIT

import Files
import StructureFiles

/// The released constructor's arguments as JSON.
extension ForceNetConfiguration {
  /// The paper's larger network: 768 wide, 7 blocks.
  public static let large: ForceNetConfiguration = {
    var configuration = ForceNetConfiguration()
    configuration.hiddenChannels = 768
    configuration.interactions = 7
    configuration.decoderChannels = 768
    return configuration
  }()

  /// Arguments that the released constructors take and do not use, or that mean nothing here:
  /// graphs are always made from positions and cell, with the periodicity of the structure.
  static let ignored = [
    "num_atoms", "bond_feat_dim", "num_targets", "training", "otf_graph", "use_pbc",
  ]

  /// Changes what `attributes` name; the rest stays.
  mutating func read(_ attributes: JSONText) throws(ModelFileError) {
    var reader = try AttributeReader(
      attributes, network: ForceNetConfiguration.name, ignored: ForceNetConfiguration.ignored)
    try reader.read("hidden_channels", Limits.widths, into: &hiddenChannels)
    try reader.read("num_interactions", Limits.blocks, into: &interactions)
    try reader.readLength("cutoff", Limits.cutoffs, into: &cutoff)
    try reader.read("max_neighbors", Limits.neighbors, into: &maximumNeighbors)
    try reader.read("feat", into: &features)
    try reader.read("num_freqs", Limits.frequencies, into: &frequencies)
    try reader.read("max_n", Limits.degrees, into: &degrees)
    try reader.read("basis", Basis.all.map { ($0.name, $0) }, into: &basis)
    try reader.read("depth_mlp_edge", Limits.depths, into: &edgeDepth)
    try reader.read("depth_mlp_node", Limits.depths, into: &nodeDepth)
    try reader.read("activation_str", into: &activation)
    try reader.read("ablation", into: &ablation)
    try reader.read("decoder_hidden_channels", Limits.widths, into: &decoderChannels)
    try reader.read("decoder_type", into: &decoder)
    try reader.read("decoder_activation_str", into: &decoderActivation)
    try reader.finish()
    guard forceCentricPlan.edges.width > 0 else {
      throw ModelFileError(
        "max_n of forcenet is \(degrees), which leaves no harmonics for the basis \(basis.name)")
    }
    guard frequencies > 1 || basis != .gaussian else {
      throw ModelFileError(
        "num_freqs of forcenet is 1: the basis gauss needs 2 or more points for its width")
    }
  }

  /// All arguments, in the constructor's order.
  var attributes: JSONText {
    [
      "hidden_channels": .integer(hiddenChannels), "num_interactions": .integer(interactions),
      "cutoff": .number(cutoff), "max_neighbors": .integer(maximumNeighbors),
      "feat": .string(features.rawValue), "num_freqs": .integer(frequencies),
      "max_n": .integer(degrees), "basis": .string(basis.name),
      "depth_mlp_edge": .integer(edgeDepth), "depth_mlp_node": .integer(nodeDepth),
      "activation_str": .string(activation.rawValue), "ablation": .string(ablation.rawValue),
      "decoder_hidden_channels": .integer(decoderChannels),
      "decoder_type": .string(decoder.rawValue),
      "decoder_activation_str": .string(decoderActivation.rawValue),
    ]
  }
}

extension GNSConfiguration {
  /// Changes what `attributes` name; the rest stays.
  mutating func read(_ attributes: JSONText) throws(ModelFileError) {
    var reader = try AttributeReader(
      attributes, network: GNSConfiguration.name, ignored: ForceNetConfiguration.ignored)
    try reader.read("hidden_channels", Limits.widths, into: &hiddenChannels)
    try reader.read("num_interactions", Limits.blocks, into: &interactions)
    try reader.readLength("cutoff", Limits.cutoffs, into: &cutoff)
    try reader.read("max_neighbors", Limits.neighbors, into: &maximumNeighbors)
    try reader.finish()
  }

  /// All arguments of the released constructor, by their names there.
  var attributes: JSONText {
    [
      "hidden_channels": .integer(hiddenChannels), "num_interactions": .integer(interactions),
      "cutoff": .number(cutoff), "max_neighbors": .integer(maximumNeighbors),
    ]
  }
}
