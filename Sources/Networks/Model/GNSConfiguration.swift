// SPDX-License-Identifier: MIT

/// What makes one GNS baseline (the paper's appendix E) differ from another.
public struct GNSConfiguration: Hashable, Sendable {
  /// D, width of node embeddings, messages and decoder (`hidden_channels`).
  public var hiddenChannels = 768
  /// Number of message-passing blocks (`num_interactions`).
  public var interactions = 5
  /// c, Å (`cutoff`).
  public var cutoff = 6.0
  /// Edges that an atom receives at most, the nearest ones (`max_neighbors`).
  public var maximumNeighbors = 50

  /// The paper's baseline.
  public init() {}
}
