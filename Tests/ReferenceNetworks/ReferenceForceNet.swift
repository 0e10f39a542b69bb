// SPDX-License-Identifier: MIT

import Networks

/// ForceNet as in section 2 of the paper and in the released code, step by step in double precision.
struct ReferenceForceNet {
  let configuration: ForceNetConfiguration
  let layers: ReferenceLayers

  func predict(_ graph: ReferenceGraph) -> ReferencePrediction {
    var h = embedding(graph)
    let basis = edgeBasis(graph)
    for index in 0..<configuration.interactions {
      h = layers.added(h, block("interactions.\(index)", h, basis, graph))
    }
    h = layers.activated(layers.linear(h, "lin"), configuration.activation)
    let sums = layers.scattered(
      h, to: graph.owners, count: graph.structureCount, width: configuration.decoderChannels)
    let energies = layers.linear(sums, "energy_mlp")
    return ReferencePrediction(forces: decoded(h), energies: energies.rows.map { $0[0] })
  }

  /// h⁽⁰⁾: a vector an element, or a projection of its properties.
  private func embedding(_ graph: ReferenceGraph) -> Traced {
    switch configuration.features {
    case .simple: return layers.looked(up: graph.atomicNumbers, in: "embedding.weight")
    case .full:
      let properties = graph.properties(table: layers.vector("atom_map"))
      let spread = layers.plainBasis(
        properties, "embedding.0", configuration.basis.ofNodes, configuration.activation)
      let h = layers.linear(spread, "embedding.1")
      layers.note("embedding/in0", properties)
      layers.note("embedding.0/in0", properties)
      layers.note("embedding.0/out", spread.rows)
      layers.note("embedding/out", h.rows)
      return h
    }
  }

  /// b_st: what the filters see of an edge.
  private func edgeBasis(_ graph: ReferenceGraph) -> Traced {
    var distances = graph.distances(radii: layers.vector("atom_radii"))
    if configuration.ablation == .noDistanceList { distances = distances.map { [$0[0]] } }
    if configuration.ablation == .onlyDistances {
      return layers.plainBasis(
        distances, "basis_fun", configuration.basis.ofNodes, configuration.activation)
    }
    let spread: Traced
    if case .spherical(let which, let radial) = configuration.basis {
      let harmonics = graph.edges.map {
        referenceHarmonics($0.direction, degrees: configuration.degrees, which: which)
      }
      layers.note("basis_fun/in0", concatenated(graph.edges.map(\.direction), distances))
      layers.note("basis_fun/in1", harmonics)
      spread = layers.sphericalBasis(harmonics, distances, "basis_fun", radial)
    } else {
      // Gaussians stand between 0 and 1, so directions are moved there.
      let directions = graph.edges.map { edge in
        configuration.basis == .gaussian ? edge.direction.map { ($0 + 1) / 2 } : edge.direction
      }
      let raw = concatenated(directions, distances)
      layers.note("basis_fun/in0", raw)
      spread = layers.plainBasis(raw, "basis_fun", configuration.basis, configuration.activation)
    }
    layers.note("basis_fun/out", spread.rows)
    return spread
  }

  /// One interaction: what it adds to the embeddings `h`.
  private func block(
    _ name: String, _ h: Traced, _ basis: Traced, _ graph: ReferenceGraph
  ) -> Traced {
    let c = configuration
    layers.note(name + "/in0", h.rows)
    layers.note(name + "/in2", basis.rows)
    layers.note(name + "/in3", graph.weights.map { [$0] })
    var seen = c.basis == .concatenatedRaw ? basis : layers.linear(basis, name + ".lin_basis")
    if c.ablation != .noConditioning {
      seen = layers.joined([
        seen, layers.gathered(h, graph.sources), layers.gathered(h, graph.targets),
      ])
    }
    let filters = layers.scaled(
      layers.perceptron(
        seen, name + ".mlp_edge", depth: c.ablation == .linearEdges ? 0 : c.edgeDepth,
        isNormalized: false, c.activation),
      by: graph.weights)

    var received: Traced
    if c.ablation == .noFilter {
      received = layers.shifted(atTargets(filters, graph), name + ".center_W")
    } else {
      let sent = layers.linear(h, name + ".lin")
      let messages = layers.multiplied(layers.gathered(sent, graph.sources), filters)
      received = atTargets(messages, graph)
      if c.ablation != .noSelf {
        received = layers.added(received, layers.stretched(sent, name + ".center_W"))
      }
    }
    let update = layers.perceptron(
      received, name + ".mlp_trans", depth: c.ablation == .linearNodes ? 0 : c.nodeDepth,
      isNormalized: true, c.activation)
    layers.note(name + "/out", update.rows)
    return update
  }

  /// For each atom the sum of what its edges carry.
  private func atTargets(_ messages: Traced, _ graph: ReferenceGraph) -> Traced {
    layers.scattered(
      messages, to: graph.targets, count: graph.atomCount, width: configuration.hiddenChannels)
  }

  private func decoded(_ h: Traced) -> Traced {
    let forces =
      switch configuration.decoder {
      case .linear: layers.linear(h, "decoder.decoder.0")
      case .mlp:
        layers.perceptron(
          h, "decoder.decoder", depth: 1, isNormalized: true, configuration.decoderActivation)
      }
    layers.note("decoder/in0", h.rows)
    layers.note("decoder/out", forces.rows)
    return forces
  }
}
