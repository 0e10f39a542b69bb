// SPDX-License-Identifier: MIT

import RelaxNumerics

extension CompiledNetwork {
  /// Prepares a ForceNet (section 2 of the paper; names as in the released code).
  init(forceNet model: NetworkModel, _ configuration: ForceNetConfiguration) {
    let activation = configuration.activation.kernel
    let blocks = (0..<configuration.interactions).map { number in
      Self.block("interactions.\(number)", of: model, configuration)
    }
    let decoder: [DenseLayer] =
      switch configuration.decoder {
      case .linear: [AffineMap(model, "decoder.decoder.0").layer()]
      case .mlp:
        [
          AffineMap(model, "decoder.decoder.0").normalized(by: "decoder.decoder.1", of: model)
            .layer(configuration.decoderActivation.kernel),
          AffineMap(model, "decoder.decoder.3").layer(),
        ]
      }
    self.init(
      width: configuration.hiddenChannels, cutoff: configuration.cutoff,
      maximumNeighbors: configuration.maximumNeighbors,
      embedding: NodeEmbedding(forceNet: model, configuration),
      basis: EdgeBasis(forceNet: model, configuration), blocks: blocks,
      readout: [AffineMap(model, "lin").layer(activation)], decoder: decoder,
      energy: model.energyIsTrained ? AffineMap(model, "energy_mlp") : nil,
      normalization: model.normalization)
  }

  private static func block(
    _ name: String, of model: NetworkModel, _ configuration: ForceNetConfiguration
  ) -> Block {
    let d = configuration.hiddenChannels
    let depth = configuration.filterDepth
    let activation = configuration.activation.kernel
    let isRaw = configuration.edgeBasis == .concatenatedRaw

    // mlp_edge: Linear, then `depth` times an activation and a Linear; or Linear and BatchNorm.
    var first = AffineMap(model, "\(name).mlp_edge.0")
    if depth == 0 { first = first.normalized(by: "\(name).mlp_edge.1", of: model) }
    let e = isRaw ? configuration.basisWidth : d
    var ofEdge = first.columns(0..<e).with(bias: first.bias)
    if !isRaw { ofEdge = ofEdge.after(AffineMap(model, "\(name).lin_basis")) }
    let conditional = configuration.isConditional
    let source = conditional ? first.columns(e..<e + d).layer() : nil
    let target =
      conditional ? first.columns(e + d..<e + 2 * d).with(bias: ofEdge.bias).layer() : nil
    if conditional { ofEdge = ofEdge.with(bias: Array(repeating: 0, count: d)) }

    var filter = [ofEdge.layer(depth > 0 ? activation : .identity)]
    for layer in 1..<max(1, depth) {
      filter.append(AffineMap(model, "\(name).mlp_edge.\(2 * layer)").layer(activation))
    }
    let ofSums =
      depth > 0
      ? AffineMap(model, "\(name).mlp_edge.\(2 * depth)").withBiasAsInput().layer() : nil
    let isFiltered = configuration.ablation != .noFilter
    let reduction: Reduction =
      switch (isFiltered, ofSums) {
      case (true, let ofSums?): .filtered(ofSums: ofSums)
      case (true, nil): .filteredDirectly
      case (false, let ofSums?): .summed(ofSums: ofSums)
      case (false, nil): .summedDirectly
      }
    return Block(
      source: source, target: target,
      value: isFiltered ? AffineMap(model, "\(name).lin").layer() : nil, filter: filter,
      reduction: reduction, own: ownMessage(name, of: model, configuration),
      update: update("\(name).mlp_trans", of: model, depth: configuration.updateDepth, activation))
  }

  private static func ownMessage(
    _ name: String, of model: NetworkModel, _ configuration: ForceNetConfiguration
  ) -> OwnMessage {
    guard configuration.ablation != .noSelf else { return .none }
    let center = FloatMatrix(rows: 1, columns: configuration.hiddenChannels)
    for (column, value) in model.values("\(name).center_W").enumerated() {
      center[0, column] = Float(value)
    }
    return configuration.ablation == .noFilter ? .constant(center) : .scaled(center)
  }

  /// mlp_trans: Linear, then `depth` times BatchNorm, activation and Linear; or Linear and BatchNorm.
  private static func update(
    _ name: String, of model: NetworkModel, depth: Int, _ activation: DenseActivation
  ) -> [DenseLayer] {
    guard depth > 0 else {
      return [AffineMap(model, "\(name).0").normalized(by: "\(name).1", of: model).layer()]
    }
    var layers = (0..<depth).map { layer in
      AffineMap(model, "\(name).\(3 * layer)")
        .normalized(by: "\(name).\(3 * layer + 1)", of: model).layer(activation)
    }
    layers.append(AffineMap(model, "\(name).\(3 * depth)").layer())
    return layers
  }
}
