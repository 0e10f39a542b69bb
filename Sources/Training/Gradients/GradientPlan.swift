// SPDX-License-Identifier: MIT

import Networks
import RelaxNumerics

/// Where the layers of a network in training are among its parameters, in the one form that both
/// architectures have.
///
/// In each block an edge from s to t has U = W_e B + P_s + Q_t, from which a filter network makes A;
/// bundles, edges of one target with one factor v_s, sum S = Σ α A, and G = W S + b Σ α is what their
/// messages are before that factor. T_t = Σ v_s ⊙ G + own message, h_t += update(T).
struct GradientPlan {
  /// D.
  var width: Int
  /// Å.
  var cutoff: Double
  var maximumNeighbors: Int
  /// What embeddings and features are made from.
  var nodes: NodeEmbedding
  var edges: EdgeBasis
  var embedding: Embedding
  var basis: Basis
  var blocks: [Block]
  /// From h to three components.
  var readout: [Stage]
  var normalization: TargetNormalization

  /// A linear layer; its weights by output, then input.
  struct Linear {
    /// Places of the first weight and the first bias.
    var weight: Int, bias: Int
    var inputs: Int, outputs: Int
  }

  /// Gain and shift of a normalisation.
  struct Affine {
    var gain: Int, shift: Int, width: Int
  }

  /// A batch normalisation; running mean and variance are among the statistics.
  struct Normalization {
    var affine: Affine
    var mean: Int, variance: Int
  }

  /// A step of a network of atoms.
  enum Stage {
    case linear(Linear)
    case normalization(Normalization)
    case activation(DenseActivation)
  }

  /// Embeddings before the first block.
  enum Embedding {
    /// A trained row an atomic number, the first at a place.
    case table(Int)
    case chain([Stage])
  }

  /// What is trained of the features of edges.
  enum Basis {
    case fixed
    /// Harmonics times the layer's results.
    case mixtures(Linear)
    case activated(Linear, DenseActivation)
  }

  /// One round of messages.
  struct Block {
    /// Before the first layer, on features; nil for none.
    var projection: Linear?
    /// The filter network's first layer on features, source and target.
    var first: Linear
    /// Its columns for features.
    var ofEdge: Range<Int>
    /// Its columns for source and target; nil if filters do not see embeddings.
    var ofNodes: (source: Range<Int>, target: Range<Int>)?
    var filter: Filter
    /// On sums of bundles; nil if there is no such layer.
    var last: Linear?
    /// v; nil if nothing is multiplied.
    var value: Linear?
    var own: Own
    var update: [Stage]
  }

  /// From U to A.
  enum Filter {
    /// f(U), then f of each layer's results.
    case activated([Linear], DenseActivation)
    /// Normalised over all edges.
    case normalizedEdges(Normalization)
    /// max(0, normalised row by row).
    case normalizedRows(Affine)
  }

  /// What an atom adds to its sum itself.
  enum Own {
    case none
    /// v_t times the vector at a place.
    case scaled(Int)
    /// The vector at a place.
    case constant(Int)
  }
}

extension GradientPlan {
  /// The plan of a complete model; nil for an architecture that is not trained.
  init?(_ model: NetworkModel, _ parameters: Parameters) {
    let places = GradientPlaces(parameters)
    switch model.architecture {
    case .forceNet(let configuration): self.init(forceNet: model, configuration, places)
    case .gns(let configuration): self.init(gns: model, configuration, places)
    case .other: return nil
    }
  }
}

/// Places of layers by their names.
struct GradientPlaces {
  private let trained: [String: Parameters.Place]
  private let statistics: [String: Parameters.Place]

  init(_ parameters: Parameters) {
    trained = Dictionary(uniqueKeysWithValues: parameters.trained.map { ($0.name, $0) })
    statistics = Dictionary(uniqueKeysWithValues: parameters.statistics.map { ($0.name, $0) })
  }

  func start(_ name: String) -> Int { place(name, in: trained).range.lowerBound }

  func linear(_ name: String) -> GradientPlan.Linear {
    let weight = place("\(name).weight", in: trained)
    return GradientPlan.Linear(
      weight: weight.range.lowerBound, bias: start("\(name).bias"), inputs: weight.shape[1],
      outputs: weight.shape[0])
  }

  func affine(_ name: String) -> GradientPlan.Affine {
    let gain = place("\(name).weight", in: trained)
    return GradientPlan.Affine(
      gain: gain.range.lowerBound, shift: start("\(name).bias"), width: gain.range.count)
  }

  func normalization(_ name: String) -> GradientPlan.Normalization {
    GradientPlan.Normalization(
      affine: affine(name),
      mean: place("\(name).running_mean", in: statistics).range.lowerBound,
      variance: place("\(name).running_var", in: statistics).range.lowerBound)
  }

  private func place(_ name: String, in places: [String: Parameters.Place]) -> Parameters.Place {
    guard let place = places[name] else { preconditionFailure("no parameters named \(name)") }
    return place
  }
}
