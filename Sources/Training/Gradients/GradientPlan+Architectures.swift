// SPDX-License-Identifier: MIT

import Networks
import RelaxNumerics

extension GradientPlan {
  init(
    forceNet model: NetworkModel, _ configuration: ForceNetConfiguration, _ places: GradientPlaces
  ) {
    let activation = configuration.activation.kernel
    width = configuration.hiddenChannels
    cutoff = configuration.cutoff
    maximumNeighbors = configuration.maximumNeighbors
    nodes = NodeEmbedding(forceNet: model, configuration)
    edges = EdgeBasis(forceNet: model, configuration)
    switch configuration.features {
    case .simple: embedding = .table(places.start("embedding.weight"))
    case .full:
      let spread: [Stage] =
        configuration.basis.ofNodes == .linearActivation
        ? [.linear(places.linear("embedding.0.smearing.0")), .activation(activation)] : []
      embedding = .chain(spread + [.linear(places.linear("embedding.1"))])
    }
    switch configuration.edgeBasis {
    case .linearActivation:
      basis = .activated(places.linear("basis_fun.smearing.0"), activation)
    case .spherical(_, .multiplied), .spherical(_, .fortyMultiplied):
      // Without a harmonic there is nothing that the mixtures could change.
      basis =
        configuration.basisWidth > 0 ? .mixtures(places.linear("basis_fun.lin")) : .fixed
    default: basis = .fixed
    }
    blocks = (0..<configuration.interactions).map {
      Self.block("interactions.\($0)", configuration, places)
    }
    let decoder: [Stage] =
      switch configuration.decoder {
      case .linear: [.linear(places.linear("decoder.decoder.0"))]
      case .mlp:
        [
          .linear(places.linear("decoder.decoder.0")),
          .normalization(places.normalization("decoder.decoder.1")),
          .activation(configuration.decoderActivation.kernel),
          .linear(places.linear("decoder.decoder.3")),
        ]
      }
    readout = [.linear(places.linear("lin")), .activation(activation)] + decoder
    normalization = model.normalization
  }

  private static func block(
    _ name: String, _ configuration: ForceNetConfiguration, _ places: GradientPlaces
  ) -> Block {
    let d = configuration.hiddenChannels
    let depth = configuration.filterDepth
    let isRaw = configuration.edgeBasis == .concatenatedRaw
    let e = isRaw ? configuration.basisWidth : d
    let isFiltered = configuration.ablation != .noFilter
    let own: Own =
      switch configuration.ablation {
      case .noSelf: .none
      case .noFilter: .constant(places.start("\(name).center_W"))
      default: .scaled(places.start("\(name).center_W"))
      }
    return Block(
      projection: isRaw ? nil : places.linear("\(name).lin_basis"),
      first: places.linear("\(name).mlp_edge.0"), ofEdge: 0..<e,
      ofNodes: configuration.isConditional ? (e..<e + d, e + d..<e + 2 * d) : nil,
      filter: depth == 0
        ? .normalizedEdges(places.normalization("\(name).mlp_edge.1"))
        : .activated(
          (1..<depth).map { places.linear("\(name).mlp_edge.\(2 * $0)") },
          configuration.activation.kernel),
      last: depth == 0 ? nil : places.linear("\(name).mlp_edge.\(2 * depth)"),
      value: isFiltered ? places.linear("\(name).lin") : nil, own: own,
      update: update("\(name).mlp_trans", configuration, places))
  }

  private static func update(
    _ name: String, _ configuration: ForceNetConfiguration, _ places: GradientPlaces
  ) -> [Stage] {
    let depth = configuration.updateDepth
    guard depth > 0 else {
      return [
        .linear(places.linear("\(name).0")), .normalization(places.normalization("\(name).1")),
      ]
    }
    let hidden: [Stage] = (0..<depth).flatMap { layer -> [Stage] in
      [
        .linear(places.linear("\(name).\(3 * layer)")),
        .normalization(places.normalization("\(name).\(3 * layer + 1)")),
        .activation(configuration.activation.kernel),
      ]
    }
    return hidden + [.linear(places.linear("\(name).\(3 * depth)"))]
  }

  init(gns model: NetworkModel, _ configuration: GNSConfiguration, _ places: GradientPlaces) {
    let d = configuration.hiddenChannels
    width = d
    cutoff = configuration.cutoff
    maximumNeighbors = configuration.maximumNeighbors
    nodes = NodeEmbedding(gns: model)
    edges = EdgeBasis(gns: model, cutoff: configuration.cutoff)
    embedding = .chain([.linear(places.linear("node_embedding"))])
    basis = .fixed
    let e = edges.width
    blocks = (0..<configuration.interactions).map { number in
      let name = "layers.\(number)"
      return Block(
        projection: nil, first: places.linear("\(name).edge_mlp.0"), ofEdge: d..<d + e,
        ofNodes: (source: d + e..<2 * d + e, target: 0..<d),
        filter: .normalizedRows(places.affine("\(name).edge_mlp.1")),
        last: places.linear("\(name).edge_mlp.3"), value: nil, own: .none,
        update: [
          .linear(places.linear("\(name).node_lin")),
          .normalization(places.normalization("\(name).node_bn")),
        ])
    }
    readout = [
      .linear(places.linear("decoder.0")), .activation(.relu), .linear(places.linear("decoder.2")),
    ]
    normalization = model.normalization
  }
}
