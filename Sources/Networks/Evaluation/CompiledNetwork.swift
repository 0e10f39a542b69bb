// SPDX-License-Identifier: MIT

import RelaxNumerics
import Structures

/// A network prepared for evaluation: layers split, folded and packed, once for all structures.
///
/// Both architectures have one form. In each block an edge from s to t has the filter
/// g = f(… f(W_b B + P_s + Q_t) …), whose first layer is split into a product an edge (`first`) and
/// products an atom (`source`, `target`); messages are summed at t as `reduction` says; and
/// h_t += update(sum + own message).
struct CompiledNetwork: Sendable {
  /// D.
  var width: Int
  /// Å.
  var cutoff: Double
  /// Edges that an atom receives at most.
  var maximumNeighbors: Int
  /// h of each element before the first block.
  var embedding: NodeEmbedding
  /// B of an edge.
  var basis: EdgeBasis
  /// Message passing.
  var blocks: [Block]
  /// From h to what forces and energies are read from.
  var readout: [DenseLayer]
  /// From there to three components.
  var decoder: [DenseLayer]
  /// Weights, and bias an atom-sum, of the energy; nil if there is none that was trained.
  var energy: AffineMap?
  /// From predictions to eV and eV/Å.
  var normalization: TargetNormalization
  /// What it is evaluated with.
  var kernels = KernelSet.preferred

  /// One round of messages.
  struct Block: Sendable {
    /// P, a row an atom; nil if filters do not see embeddings.
    var source: DenseLayer?
    /// Q, a row an atom, first bias included; nil likewise.
    var target: DenseLayer?
    /// v, a row an atom: what filters multiply; nil if nothing is multiplied.
    var value: DenseLayer?
    /// Layers of an edge before the reduction, the first of them on B.
    var filter: [DenseLayer]
    /// From filters to sums.
    var reduction: Reduction
    /// What an atom adds to its sum itself.
    var own: OwnMessage
    /// From sums to changes of h.
    var update: [DenseLayer]
  }

  /// How messages are made and summed.
  enum Reduction: Sendable {
    /// Σ v_s ⊙ (W Σ α g + b Σ α), inner sums over edges with one factor v_s: in the first block over
    /// sources of one element, later over images of one source.
    case filtered(ofSums: DenseLayer)
    /// Σ α v_s ⊙ g: the filter network is linear.
    case filteredDirectly
    /// W Σ α g + b Σ α: without a factor the last layer is applied to the sum (`ofSums`).
    case summed(ofSums: DenseLayer)
    /// Σ α g: likewise, and the filter network is linear.
    case summedDirectly
    /// W Σ max(0, norm(g)) + b Σ 1.
    case normalized(NormalizedSum, ofSums: DenseLayer)
  }

  /// What an atom adds to its sum itself.
  enum OwnMessage: Sendable {
    /// Nothing.
    case none
    /// v_t times a vector.
    case scaled(FloatMatrix)
    /// A vector.
    case constant(FloatMatrix)
  }

  /// Prepares a complete model of a known architecture.
  ///
  /// - Returns: nil for an architecture that cannot be evaluated.
  init?(_ model: NetworkModel, kernels: KernelSet) {
    switch model.architecture {
    case .forceNet(let configuration): self.init(forceNet: model, configuration)
    case .gns(let configuration): self.init(gns: model, configuration)
    case .other: return nil
    }
    self.kernels = kernels
  }

  init(
    width: Int, cutoff: Double, maximumNeighbors: Int, embedding: NodeEmbedding,
    basis: EdgeBasis, blocks: [Block], readout: [DenseLayer], decoder: [DenseLayer],
    energy: AffineMap?, normalization: TargetNormalization
  ) {
    (self.width, self.cutoff, self.maximumNeighbors) = (width, cutoff, maximumNeighbors)
    (self.embedding, self.basis, self.blocks) = (embedding, basis, blocks)
    (self.readout, self.decoder, self.energy) = (readout, decoder, energy)
    self.normalization = normalization
  }
}

extension CompiledNetwork.Block {
  /// Whether sums are over the sources of one element: before the first block v depends on nothing
  /// else, so the last layer of a filter can be applied to the sum.
  func groupsByElement(isFirst: Bool) -> Bool {
    if case .filtered = reduction { isFirst } else { false }
  }

  /// Sums a target.
  func groups(isFirst: Bool, kinds: Int) -> Int { groupsByElement(isFirst: isFirst) ? kinds : 1 }

  /// Whether the sums need a column for Σ α, which a bias is multiplied by.
  func countsMessages(isFirst: Bool) -> Bool {
    switch reduction {
    case .filtered: isFirst
    case .summed, .normalized: true
    case .filteredDirectly, .summedDirectly: false
    }
  }
}
