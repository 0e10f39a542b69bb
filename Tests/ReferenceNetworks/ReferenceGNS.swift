// SPDX-License-Identifier: MIT

import Networks

/// The GNS baseline as in appendix E of the paper, in double precision.
struct ReferenceGNS {
  let configuration: GNSConfiguration
  let layers: ReferenceLayers

  func predict(_ graph: ReferenceGraph) -> ReferencePrediction {
    let properties = Traced(graph.properties(table: layers.vector("atom_map")))
    let features = Traced(
      concatenated(
        graph.edges.map(\.direction), graph.distances(radii: layers.vector("atom_radii"))))
    var h = layers.linear(properties, "node_embedding")
    for index in 0..<configuration.interactions {
      let name = "layers.\(index)"
      layers.note(name + "/in0", h.rows)
      layers.note(name + "/in3", features.rows)
      let seen = layers.joined([
        layers.gathered(h, graph.targets), features, layers.gathered(h, graph.sources),
      ])
      layers.note(name + ".edge_mlp/in0", seen.rows)
      var messages = layers.layerNorm(
        layers.linear(seen, name + ".edge_mlp.0"), name + ".edge_mlp.1")
      messages = layers.linear(layers.activated(messages, .relu), name + ".edge_mlp.3")
      layers.note(name + ".edge_mlp/out", messages.rows)
      let received = layers.scattered(
        messages, to: graph.targets, count: graph.atomCount, width: configuration.hiddenChannels)
      let update = layers.linear(received, name + ".node_lin")
      h = layers.added(h, layers.batchNorm(update, name + ".node_bn"))
      layers.note(name + "/out", h.rows)
    }
    layers.note("decoder/in0", h.rows)
    let hidden = layers.activated(layers.linear(h, "decoder.0"), .relu)
    let forces = layers.linear(hidden, "decoder.2")
    layers.note("decoder/out", forces.rows)
    return ReferencePrediction(forces: forces, energies: nil)
  }
}
