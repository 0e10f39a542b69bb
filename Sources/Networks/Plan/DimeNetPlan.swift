// SPDX-License-Identifier: MIT

/// DimeNet++ (Gasteiger and others 2020) as the released code has it: see ``NetworkPlan``.
///
/// Messages x stand on edges, from s to t. With e(d) sines of the distance times an envelope,
/// b(d, γ) spherical Bessel functions times Legendre polynomials, f = swish:
/// ```
/// x = f(mixing [element_t, element_s, f(radial e)])
/// y = f(down (f(sender x) ⊙ radial e))
/// T = Σ y_k ⊙ angular b(d_k, γ)         over the edges k to s, but the edge back
/// h = before(f(own x) + f(up T))        residual layers
/// x ← after(f(skip h) + x)              likewise
/// ```
/// Before the first block and after each, an atom has the energy of
/// energy f(hidden …(up Σ x ⊙ radial e)), the sum being over the edges to it.
struct DimeNetPlan: Hashable, Sendable {
  /// D, width of x.
  var width: Int
  /// Width of y and T.
  var tripletWidth: Int
  /// Degrees of spherical Bessel functions and of Legendre polynomials, from 0 on.
  var degrees: Int
  /// Radial functions, of e and of each degree of b.
  var radials: Int
  /// c, Å: no edge is longer.
  var cutoff: Double
  /// p of the envelope 1/x − (p+1)(p+2)/2 x^(p−1)… with p one more than this.
  var envelopeExponent: Int
  /// Edges that an atom receives at most, the nearest ones.
  var maximumNeighbors: Int
  /// Whether angles count in the gradient.
  var angles: DimeNetConfiguration.Angles
  /// Of the sines, in units of 1/c.
  var frequencies: TensorSpecification
  /// x before the first block.
  var embedding: Embedding
  /// Energies before the first block and after each.
  var outputs: [Output]
  /// The blocks, first to last.
  var blocks: [Block]
  /// Between layers: f.
  var activation: Activation { .swish }

  /// x before the first block.
  struct Embedding: Hashable, Sendable {
    /// A trained row an atomic number.
    var elements: TensorSpecification
    /// From e.
    var radial: NetworkPlan.Linear
    /// From rows of target and source and what `radial` gives, in this order.
    var mixing: NetworkPlan.Linear
  }

  /// An atom's energy.
  struct Output: Hashable, Sendable {
    /// From e to factors of x.
    var radial: NetworkPlan.Projection
    /// From the sum on, without an activation.
    var up: NetworkPlan.Linear
    /// Each with an activation.
    var hidden: [NetworkPlan.Linear]
    /// The last.
    var energy: NetworkPlan.Projection
  }

  /// One round of messages.
  struct Block: Hashable, Sendable {
    /// From e to factors of what is sent, one after the other.
    var radial: Factors
    /// From b to factors of y, one after the other.
    var angular: Factors
    /// Of the edge that sends.
    var sender: NetworkPlan.Linear
    /// Of the edge itself.
    var own: NetworkPlan.Linear
    /// To y.
    var down: NetworkPlan.Projection
    /// From T.
    var up: NetworkPlan.Projection
    var before: [Residual]
    var skip: NetworkPlan.Linear
    var after: [Residual]
  }

  /// Two projections, one after the other, with nothing between them.
  struct Factors: Hashable, Sendable {
    var first: NetworkPlan.Projection
    var second: NetworkPlan.Projection
  }

  /// h + f(second f(first h)).
  struct Residual: Hashable, Sendable {
    var first: NetworkPlan.Linear
    var second: NetworkPlan.Linear
  }
}

extension DimeNetConfiguration {
  /// What the network is.
  var plan: NetworkPlan {
    let (d, o) = (hiddenChannels, outputChannels)
    func linear(_ name: String, _ inputs: Int, _ outputs: Int) -> NetworkPlan.Linear {
      .init(name, inputs, outputs, .orthogonal)
    }
    func projection(_ name: String, _ inputs: Int, _ outputs: Int) -> NetworkPlan.Projection {
      .init(name, inputs, outputs, .orthogonal)
    }
    let outputs = (0...self.blocks).map { number in
      let name = "output_blocks.\(number)"
      return DimeNetPlan.Output(
        radial: projection("\(name).lin_rbf", radials, d),
        up: .init("\(name).lin_up", d, o, .orthogonalWithBias),
        hidden: (0..<outputLayers).map { linear("\(name).lins.\($0)", o, o) },
        energy: .init("\(name).lin", o, 1, .constant(0)))
    }
    let blocks = (0..<self.blocks).map { number in
      let name = "interaction_blocks.\(number)"
      func residuals(_ list: String, _ count: Int) -> [DimeNetPlan.Residual] {
        (0..<count).map {
          .init(
            first: linear("\(name).\(list).\($0).lin1", d, d),
            second: linear("\(name).\(list).\($0).lin2", d, d))
        }
      }
      return DimeNetPlan.Block(
        radial: .init(
          first: projection("\(name).lin_rbf1", radials, basisChannels),
          second: projection("\(name).lin_rbf2", basisChannels, d)),
        angular: .init(
          first: projection("\(name).lin_sbf1", degrees * radials, basisChannels),
          second: projection("\(name).lin_sbf2", basisChannels, tripletChannels)),
        sender: linear("\(name).lin_kj", d, d), own: linear("\(name).lin_ji", d, d),
        down: projection("\(name).lin_down", d, tripletChannels),
        up: projection("\(name).lin_up", tripletChannels, d),
        before: residuals("layers_before_skip", layersBefore), skip: linear("\(name).lin", d, d),
        after: residuals("layers_after_skip", layersAfter))
    }
    return .dimeNet(
      DimeNetPlan(
        width: d, tripletWidth: tripletChannels, degrees: degrees, radials: radials,
        cutoff: cutoff, envelopeExponent: envelopeExponent, maximumNeighbors: maximumNeighbors,
        angles: angles,
        frequencies: .init("rbf.freq", [radials], .trained(.multiplesOfPi)),
        embedding: .init(
          elements: .init("emb.emb.weight", [Self.rows, d], .trained(.uniform(3.squareRoot()))),
          radial: .init("emb.lin_rbf", radials, d, .inputs),
          mixing: .init("emb.lin", 3 * d, d, .inputs)),
        outputs: outputs, blocks: blocks))
  }

  /// Rows of trained vectors an element: atomic numbers up to 94.
  private static let rows = 95
}
