// SPDX-License-Identifier: MIT

import Networks

/// The GNS baseline as in appendix E of the paper, in double precision.
struct ReferenceGNS {
  let configuration: GNSConfiguration
  let layers: ReferenceLayers

  func predict(_ graph: ReferenceGraph) -> ReferencePrediction {
    let table = layers.vector("atom_map")
    let properties = graph.atomicNumbers.map { Array(table[($0 * 9)..<($0 * 9 + 9)]) }
    let features = concatenated(
      graph.edges.map(\.direction), graph.distances(radii: layers.vector("atom_radii")))
    var h = layers.linear(properties, "node_embedding")
    for index in 0..<configuration.interactions {
      let name = "layers.\(index)"
      layers.note(name + "/in0", h)
      layers.note(name + "/in3", features)
      let seen = concatenated(
        graph.edges.map { h[$0.target] }, features, graph.edges.map { h[$0.source] })
      layers.note(name + ".edge_mlp/in0", seen)
      var messages = layers.layerNorm(
        layers.linear(seen, name + ".edge_mlp.0"), name + ".edge_mlp.1")
      messages = layers.linear(activated(messages, .relu), name + ".edge_mlp.3")
      layers.note(name + ".edge_mlp/out", messages)
      let received = graph.summedAtTargets(messages, width: configuration.hiddenChannels)
      let update = layers.linear(received, name + ".node_lin")
      h = sum(h, layers.batchNorm(update, name + ".node_bn"))
      layers.note(name + "/out", h)
    }
    layers.note("decoder/in0", h)
    let hidden = activated(layers.linear(h, "decoder.0"), .relu)
    let forces = layers.linear(hidden, "decoder.2")
    layers.note("decoder/out", forces)
    return ReferencePrediction(forces: forces, energies: nil)
  }
}
