// SPDX-License-Identifier: MIT

/// A network that predicts forces directly, as ForceNet and GNS do: see ``NetworkPlan``.
///
/// In each block an edge from atom s to atom t has the message of
/// ```
/// U = F B + P_s + Q_t          the filter's first layer, split
/// A = filter(U)
/// S = Σ α A                    over a bundle: edges to t whose messages have one factor v_s
/// G = W S + b Σ α              the filter's last layer, linear and so applied to the sum
/// T_t = Σ v_s ⊙ G + own message
/// h_t ← h_t + update(T_t)
/// ```
/// The README of this module has a glossary of these symbols.
struct ForceCentricPlan: Hashable, Sendable {
  /// D, width of embeddings h and of messages.
  var width: Int
  /// Å: no edge is longer.
  var cutoff: Double
  /// Edges that an atom receives at most, the nearest ones.
  var maximumNeighbors: Int
  /// Radii of elements, a number an atomic number.
  var radii: TensorSpecification
  /// Properties of elements, a row an atomic number.
  var properties: TensorSpecification
  /// h before the first block.
  var embedding: Embedding
  /// B and α of an edge.
  var edges: EdgeFeatures
  /// The blocks of message passing, first to last.
  var blocks: [Block]
  /// From h to what energies and forces are read from.
  var readout: [NetworkPlan.Stage]
  /// From there to three components of a force.
  var output: [NetworkPlan.Stage]
  /// From there to an atom's share of the energy; nil for a network without energies.
  var energy: NetworkPlan.Linear?

  /// What an atom's h is before the first block: a function of its element.
  enum Embedding: Hashable, Sendable {
    /// A trained row an atomic number.
    case table(TensorSpecification)
    /// A layer on the element's properties, spread over a basis.
    case properties(FeatureBasis, NetworkPlan.Linear)
  }

  /// How each of some raw features is spread over functions.
  enum FeatureBasis: Hashable, Sendable {
    /// Not at all.
    case raw
    /// Sines, whose factors stand in a table.
    case sines(TensorSpecification)
    /// Cosines, whose factors stand in a table.
    case cosines(TensorSpecification)
    /// Gaussians, whose centres stand in a table.
    case gaussians(TensorSpecification)
    /// A trained layer and an activation.
    case trained(NetworkPlan.Linear, Activation)
  }

  /// From an edge's vector and the radii of its atoms to its features B and its weight α.
  struct EdgeFeatures: Hashable, Sendable {
    /// Whether the three direction cosines are among the raw features.
    var hasDirection: Bool
    /// Whether they are shifted from [−1, 1] to [0, 1].
    var squashesDirection: Bool
    /// Distances among the raw features: d, d − a_s, d − a_t, d − a_s − a_t; or d alone.
    var distances: Int
    /// From raw features to B.
    var functions: Functions
    /// Whether messages are weighted by α = cos(π d / 2c); if not, α is 1.
    var isWeighted: Bool

    /// From raw features to B.
    enum Functions: Hashable, Sendable {
      /// Every raw feature alike.
      case alike(FeatureBasis)
      /// Harmonics of the direction beside sines of the distances, whose factors stand in a table.
      case beside(SphericalHarmonics, TensorSpecification)
      /// Harmonics times mixtures, by a trained layer, of such sines.
      case mixtures(SphericalHarmonics, TensorSpecification, NetworkPlan.Linear)
      /// Harmonics times distances.
      case distances(SphericalHarmonics)
    }
  }

  /// One round of messages.
  struct Block: Hashable, Sendable {
    /// What an atom adds to its sum itself.
    var own: Own
    /// A layer on B before the filter's first one; nil for none.
    var projection: NetworkPlan.Linear?
    /// The filter's first layer, on B (or its projection), h_s and h_t.
    var first: NetworkPlan.Linear
    /// What its first layer sees of an edge.
    var inputs: FirstInputs
    /// From U to A.
    var filter: Filter
    /// From S to G; nil if G is S.
    var last: NetworkPlan.Linear?
    /// From h to v; nil if nothing is multiplied.
    var value: NetworkPlan.Linear?
    /// From T to the change of h.
    var update: [NetworkPlan.Stage]
  }

  /// Which inputs of the filter's first layer are what.
  struct FirstInputs: Hashable, Sendable {
    /// B, or its projection.
    var edge: Range<Int>
    /// h_s and h_t; nil if filters do not see embeddings.
    var atoms: Atoms?

    /// Inputs for the atoms of an edge.
    struct Atoms: Hashable, Sendable {
      var source: Range<Int>
      var target: Range<Int>
    }
  }

  /// From U to A.
  enum Filter: Hashable, Sendable {
    /// f(U), then f of each layer's results.
    case activated([NetworkPlan.Linear], Activation)
    /// Normalised over all edges of a batch.
    case normalizedEdges(NetworkPlan.BatchNormalization)
    /// max(0, normalised row by row), not weighted by α.
    case normalizedRows(NetworkPlan.Affine)
  }

  /// What an atom adds to its sum itself.
  enum Own: Hashable, Sendable {
    /// Nothing.
    case none
    /// v_t times a trained vector.
    case scaled(TensorSpecification)
    /// A trained vector.
    case constant(TensorSpecification)
  }
}
