// SPDX-License-Identifier: MIT

/// SchNet (Schütt and others 2017) as the released code has it: see ``NetworkPlan``.
///
/// h of an atom begins as a trained row of its element. In each block
/// ```
/// W(d) = cutoff(d) (filter₁ ssp(filter₀ g(d)))    g: Gaussians of the distance
/// v = value h
/// T_t = Σ v_s ⊙ W(d)                              over the edges to t
/// h_t ← h_t + update ssp(ofSums T_t)
/// ```
/// and the energy is Σ energy ssp(hidden h), or its mean, over atoms; cutoff(d) = (cos(π d / c) + 1) / 2.
struct SchNetPlan: Hashable, Sendable {
  /// D, width of embeddings h.
  var width: Int
  /// Width of filters W and of messages.
  var filters: Int
  /// c, Å: no edge is longer.
  var cutoff: Double
  /// Edges that an atom receives at most, the nearest ones.
  var maximumNeighbors: Int
  /// h before the first block: a trained row an atomic number.
  var embedding: TensorSpecification
  /// Centres of the Gaussians, Å; their width is the distance of the first two.
  var centers: TensorSpecification
  /// The blocks, first to last.
  var blocks: [Block]
  /// From h to what energies are read from.
  var hidden: NetworkPlan.Linear
  /// From there to an atom's energy.
  var energy: NetworkPlan.Linear
  /// What becomes of the energies of atoms.
  var readout: SchNetConfiguration.Readout
  /// Between layers: ssp.
  var activation: Activation { .shiftedSoftplus }

  /// One round of messages.
  struct Block: Hashable, Sendable {
    /// Two layers, with ssp between them.
    var filter: [NetworkPlan.Linear]
    /// From h to v.
    var value: NetworkPlan.Projection
    /// From T to what `update` is applied to, by ssp.
    var ofSums: NetworkPlan.Linear
    /// From there to the change of h.
    var update: NetworkPlan.Linear
    /// The tensors of `filter` under their second names.
    var copies: [TensorSpecification]
  }
}

extension SchNetConfiguration {
  /// What the network is.
  var plan: NetworkPlan {
    let (d, f) = (hiddenChannels, filters)
    let blocks = (0..<interactions).map { number in
      let name = "interactions.\(number)"
      let filter = [
        NetworkPlan.Linear("\(name).mlp.0", gaussians, f, .xavier),
        NetworkPlan.Linear("\(name).mlp.2", f, f, .xavier),
      ]
      let copies = zip(["0", "2"], filter).flatMap { place, layer in
        [layer.weight, layer.bias].map { original in
          let kind = original.name.hasSuffix(".weight") ? "weight" : "bias"
          return TensorSpecification(
            "\(name).conv.nn.\(place).\(kind)", original.shape, .copy(of: original.name))
        }
      }
      return SchNetPlan.Block(
        filter: filter, value: .init("\(name).conv.lin1", d, f, .xavier),
        ofSums: .init("\(name).conv.lin2", f, d, .xavier),
        update: .init("\(name).lin", d, d, .xavier), copies: copies)
    }
    return .schNet(
      SchNetPlan(
        width: d, filters: f, cutoff: cutoff, maximumNeighbors: maximumNeighbors,
        embedding: .init("embedding.weight", [Self.rows, d], .trained(.normal)),
        centers: .init(
          "distance_expansion.offset", [gaussians], .constant(.lengths(upTo: cutoff))),
        blocks: blocks, hidden: .init("lin1", d, d / 2, .xavier),
        energy: .init("lin2", d / 2, 1, .xavier), readout: readout))
  }

  /// Rows of trained vectors an element: atomic numbers up to 99.
  private static let rows = 100
}
