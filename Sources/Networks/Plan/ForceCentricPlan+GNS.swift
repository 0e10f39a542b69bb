// SPDX-License-Identifier: MIT

extension GNSConfiguration {
  /// What the network is.
  var plan: NetworkPlan { .forceCentric(forceCentricPlan) }

  /// The GNS baseline (appendix E of the paper).
  ///
  /// There is no released code. The paper begins all force-centric networks with Xavier's uniform
  /// distribution; biases are taken as 0.
  var forceCentricPlan: ForceCentricPlan {
    let d = hiddenChannels
    func linear(_ name: String, _ inputs: Int, _ outputs: Int) -> NetworkPlan.Linear {
      .init(name, inputs, outputs, .xavier)
    }
    let edges = ForceCentricPlan.EdgeFeatures(
      hasDirection: true, squashesDirection: false, distances: 4, functions: .alike(.raw),
      isWeighted: false)
    let e = edges.width
    let blocks = (0..<interactions).map { number in
      let name = "layers.\(number)"
      return ForceCentricPlan.Block(
        own: .none, projection: nil, first: linear("\(name).edge_mlp.0", 2 * d + e, d),
        inputs: .init(edge: d..<d + e, atoms: .init(source: d + e..<2 * d + e, target: 0..<d)),
        filter: .normalizedRows(.init("\(name).edge_mlp.1", d)),
        last: linear("\(name).edge_mlp.3", d, d), value: nil,
        update: [
          .linear(linear("\(name).node_lin", d, d)), .normalization(.init("\(name).node_bn", d)),
        ])
    }
    return ForceCentricPlan(
      width: d, cutoff: cutoff, maximumNeighbors: maximumNeighbors, radii: .atomRadii,
      properties: .properties(.atomMap),
      embedding: .properties(.raw, linear("node_embedding", ElementTables.propertyCount, d)),
      edges: edges, blocks: blocks, readout: [],
      output: [
        .linear(linear("decoder.0", d, d)), .activation(.relu), .linear(linear("decoder.2", d, 3)),
      ], energy: nil)
  }
}
