// SPDX-License-Identifier: MIT

import Forces
import RelaxNumerics
import Structures

/// A network prepared for evaluation: layers split, folded and packed, once for all structures.
///
/// It computes what a ``ForceCentricPlan`` says, in the symbols of that page. In each block the filter's
/// first layer is split into a product an edge, F B, and products an atom, P and Q; what is linear is
/// applied to sums, as `reduction` says.
struct CompiledNetwork: Sendable {
  /// D.
  var width: Int
  /// Å.
  var cutoff: Double
  /// Edges that an atom receives at most.
  var maximumNeighbors: Int
  /// h of each element before the first block.
  var embedding: NodeEmbedding
  /// B and α of an edge.
  var basis: EdgeBasis
  /// The blocks of message passing, first to last.
  var blocks: [Block]
  /// From h to what forces and energies are read from.
  var readout: [DenseLayer]
  /// From there to three components.
  var output: [DenseLayer]
  /// Weights, and bias an atom-sum, of the energy; nil if there is none that was trained.
  var energy: AffineMap?
  /// From predictions to eV and eV/Å.
  var normalization: TargetNormalization
  /// What it is evaluated with.
  var kernels = KernelSet.preferred

  /// Numbers an atom that the widest layer over atoms gives.
  var widestLayer: Int {
    (blocks.flatMap(\.update) + readout + output).map(\.outputs).max() ?? width
  }

  /// One round of messages.
  struct Block: Sendable {
    /// P, a row an atom; nil if filters do not see embeddings.
    var source: DenseLayer?
    /// Q, a row an atom, first bias included; nil likewise.
    var target: DenseLayer?
    /// v, a row an atom: what filters multiply; nil if nothing is multiplied.
    var value: DenseLayer?
    /// Layers of an edge up to A, the first of them, F, on B.
    var filter: [DenseLayer]
    /// From A to T.
    var reduction: Reduction
    /// What an atom adds to its sum itself.
    var own: OwnMessage
    /// From T to changes of h.
    var update: [DenseLayer]
  }

  /// How messages are made and summed.
  enum Reduction: Sendable {
    /// Σ v_s ⊙ (W S + b Σ α), S = Σ α A being over edges with one factor v_s: in the first block over
    /// sources of one element, later over images of one source.
    case filtered(ofSums: DenseLayer)
    /// Σ α v_s ⊙ A: the filter network is linear.
    case filteredDirectly
    /// W Σ α A + b Σ α: without a factor the last layer is applied to the sum (`ofSums`).
    case summed(ofSums: DenseLayer)
    /// Σ α A: likewise, and the filter network is linear.
    case summedDirectly
    /// Σ max(0, norm(U)), and Σ 1 in one more column: the last layer is folded into the update.
    case normalized(NormalizedSum)
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

extension CompiledNetwork: PreparedNetwork {
  /// Forces, and an energy if the network has a read-out for it.
  var quantities: Quantities { energy == nil ? .forces : [.energy, .forces] }

  /// False: forces are predicted directly.
  var isConservative: Bool { false }

  var reach: Double { cutoff }

  var mostNeighbors: Int { maximumNeighbors }

  func memory(for structure: Structure, neighbors: Double) -> Double {
    let kinds = Set(structure.elements).count
    let width = Double(width)
    let sums = blocks.indices.reduce(0.0) { sum, index in
      sum + Double(blocks[index].groups(isFirst: index == 0, kinds: kinds)) * (width + 1)
    }
    let floats = 5 * width + 2 * Double(widestLayer) + 2 * sums
    // Of an edge: features and weight with room for a quarter more, vector, distance, places, what features are
    // made of, and what is remembered of it.
    let edge = 5 * Double(KernelTile.wholeColumns(basis.width) + 1) + 300
    return Double(structure.count) * (4 * floats + neighbors * edge)
  }

  func makeEvaluator(
    for structure: Structure, _ options: NetworkProvider.Options
  ) -> any Evaluator {
    NetworkEvaluator(self, structure, options)
  }
}
