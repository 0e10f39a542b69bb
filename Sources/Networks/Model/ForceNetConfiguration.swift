// SPDX-License-Identifier: MIT

/// What makes one ForceNet differ from another: the released constructor's arguments.
///
/// Defaults are the released ones, which are the paper's ForceNet.
public struct ForceNetConfiguration: Hashable, Sendable {
  /// D, width of node embeddings and messages (`hidden_channels`).
  public var hiddenChannels = 512
  /// Number of message-passing blocks (`num_interactions`).
  public var interactions = 5
  /// c, Å (`cutoff`).
  public var cutoff = 6.0
  /// Edges that an atom receives at most, the nearest ones (`max_neighbors`; the released code has
  /// no such argument, and always 50).
  public var maximumNeighbors = 50
  /// What an atom's first embedding is made from (`feat`).
  public var features = Features.full
  /// J, basis functions a raw feature (`num_freqs`).
  public var frequencies = 50
  /// Spherical harmonics have degrees below this (`max_n`).
  public var degrees = 3
  /// Basis of edge features, and, unless it is spherical, of atom features (`basis`).
  public var basis = Basis.spherical(.all, .multiplied)
  /// Hidden layers of the filter network F_e (`depth_mlp_edge`).
  public var edgeDepth = 2
  /// Hidden layers of the node update F_n (`depth_mlp_node`).
  public var nodeDepth = 1
  /// Between layers everywhere but in the decoder (`activation_str`).
  public var activation = Activation.swish
  /// What is left out (`ablation`).
  public var ablation = Ablation.none
  /// Width of the decoder (`decoder_hidden_channels`).
  public var decoderChannels = 512
  /// Its form (`decoder_type`).
  public var decoder = Decoder.mlp
  /// Between its layers (`decoder_activation_str`).
  public var decoderActivation = Activation.swish

  /// The paper's ForceNet.
  public init() {}

  /// What an atom's first embedding is made from.
  public enum Features: String, CaseIterable, Hashable, Sendable {
    /// Nine properties of its element.
    case full
    /// A trained vector an element.
    case simple
  }

  /// The ablations of the paper's Table 3, by their names in the released code.
  public enum Ablation: String, CaseIterable, Hashable, Sendable {
    /// Nothing is left out.
    case none
    /// (1) Edge features are distances only.
    case onlyDistances = "onlydist"
    /// (2) Of the distances only the one between centres.
    case noDistanceList = "nodistlist"
    /// (3) Filters do not see node embeddings.
    case noConditioning = "nocond"
    /// (4) The message is the filter's output itself.
    case noFilter = "nofilter"
    /// (5) The filter network is linear, with batch normalisation.
    case linearEdges = "edgelinear"
    /// (6) The node update is linear, with batch normalisation.
    case linearNodes = "nodelinear"
    /// (7) An atom sends no message to itself.
    case noSelf = "noself"
  }

  /// The decoder's form.
  public enum Decoder: String, CaseIterable, Hashable, Sendable {
    /// One linear layer.
    case linear
    /// One hidden layer with batch normalisation.
    case mlp
  }
}
