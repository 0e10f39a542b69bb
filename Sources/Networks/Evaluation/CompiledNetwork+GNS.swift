// SPDX-License-Identifier: MIT

import RelaxNumerics

extension CompiledNetwork {
  /// Prepares a GNS baseline (appendix E of the paper).
  ///
  /// A message's second layer is linear, so it is applied to the sum of messages instead, and there
  /// it is folded into the layer and the batch normalisation of the node update.
  init(gns model: NetworkModel, _ configuration: GNSConfiguration) {
    let d = configuration.hiddenChannels
    let edgeWidth = 7
    let blocks = (0..<configuration.interactions).map { number in
      let name = "layers.\(number)"
      let first = AffineMap(model, "\(name).edge_mlp.0")
      let normalized = NormalizedSum(
        gain: model.values("\(name).edge_mlp.1.weight").map { Float($0) },
        shift: model.values("\(name).edge_mlp.1.bias").map { Float($0) })
      let update = AffineMap(model, "\(name).node_lin")
        .normalized(by: "\(name).node_bn", of: model)
      // With b apart: its share grows with the number of messages.
      let message = AffineMap(model, "\(name).edge_mlp.3").withBiasAsInput()
      return Block(
        source: first.columns(d + edgeWidth..<2 * d + edgeWidth).layer(),
        target: first.columns(0..<d).with(bias: first.bias).layer(), value: nil,
        filter: [first.columns(d..<d + edgeWidth).layer()],
        reduction: .normalized(normalized, ofSums: update.after(message).layer()), own: .none,
        update: [])
    }
    self.init(
      width: d, cutoff: configuration.cutoff, maximumNeighbors: configuration.maximumNeighbors,
      embedding: NodeEmbedding(gns: model),
      basis: EdgeBasis(gns: model, cutoff: configuration.cutoff), blocks: blocks,
      readout: [],
      decoder: [
        AffineMap(model, "decoder.0").layer(.relu), AffineMap(model, "decoder.2").layer(),
      ], energy: nil, normalization: model.normalization)
  }
}
