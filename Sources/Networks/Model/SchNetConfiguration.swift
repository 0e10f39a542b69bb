// SPDX-License-Identifier: MIT

import Files

/// What makes one SchNet differ from another: the released constructor's arguments.
///
/// Defaults are the released ones; ``paper`` is the network of the paper.
public struct SchNetConfiguration: Hashable, Sendable {
  /// D, width of node embeddings (`hidden_channels`).
  public var hiddenChannels = 128
  /// Width of filters (`num_filters`).
  public var filters = 128
  /// Number of message-passing blocks (`num_interactions`).
  public var interactions = 6
  /// Gaussians that distances are spread over (`num_gaussians`).
  public var gaussians = 50
  /// c, Å (`cutoff`).
  public var cutoff = 10.0
  /// What becomes of the energies of atoms (`readout`).
  public var readout = Readout.add
  /// Edges that an atom receives at most, the nearest ones (`max_neighbors`; the released code has
  /// no such argument, and always 50).
  public var maximumNeighbors = 50

  /// The released defaults.
  public init() {}

  /// What becomes of the energies of atoms.
  public enum Readout: String, CaseIterable, Hashable, Sendable {
    /// Their sum is the energy.
    case add
    /// Their mean is the energy.
    case mean
  }

  /// The paper's SchNet: 1024 wide, 5 blocks.
  public static let paper: SchNetConfiguration = {
    var configuration = SchNetConfiguration()
    configuration.hiddenChannels = 1024
    configuration.filters = 256
    configuration.interactions = 5
    configuration.gaussians = 200
    configuration.cutoff = 6
    return configuration
  }()
}

extension SchNetConfiguration: NetworkConfiguration {
  static let name = "schnet"

  mutating func read(_ attributes: JSONText) throws(ModelFileError) {
    var reader = try AttributeReader(
      attributes, network: Self.name, ignored: AttributeReader.unusedByEnergyNetworks)
    try reader.requirePeriodicity()
    // An embedding is halved before the energy.
    try reader.read("hidden_channels", 2...Limits.widths.upperBound, into: &hiddenChannels)
    try reader.read("num_filters", Limits.widths, into: &filters)
    try reader.read("num_interactions", Limits.foldedBlocks, into: &interactions)
    // Their width is the distance of the first two.
    try reader.read("num_gaussians", 2...Limits.gaussians, into: &gaussians)
    try reader.readLength("cutoff", Limits.cutoffs, into: &cutoff)
    try reader.read("readout", into: &readout)
    try reader.read("max_neighbors", Limits.neighbors, into: &maximumNeighbors)
    try reader.finish()
  }

  var attributes: JSONText {
    [
      "hidden_channels": .integer(hiddenChannels), "num_filters": .integer(filters),
      "num_interactions": .integer(interactions), "num_gaussians": .integer(gaussians),
      "cutoff": .number(cutoff), "readout": .string(readout.rawValue),
      "max_neighbors": .integer(maximumNeighbors),
    ]
  }
}
