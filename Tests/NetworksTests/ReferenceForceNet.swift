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
      h = sum(h, block("interactions.\(index)", h, basis, graph))
    }
    h = activated(layers.linear(h, "lin"), configuration.activation)
    let energies = layers.linear(
      graph.summedOverAtoms(h, width: configuration.decoderChannels), "energy_mlp")
    return ReferencePrediction(forces: decoded(h), energies: energies.map { $0[0] })
  }

  /// h⁽⁰⁾: a vector an element, or a projection of its properties.
  private func embedding(_ graph: ReferenceGraph) -> Rows {
    switch configuration.features {
    case .simple: return rows(of: "embedding.weight", graph.atomicNumbers)
    case .full:
      let properties = rows(of: "atom_map", graph.atomicNumbers)
      var basis = configuration.basis
      if case .spherical = basis { basis = .powerSine }
      let spread = layers.plainBasis(properties, "embedding.0", basis, configuration.activation)
      let h = layers.linear(spread, "embedding.1")
      layers.note("embedding/in0", properties)
      layers.note("embedding.0/in0", properties)
      layers.note("embedding.0/out", spread)
      layers.note("embedding/out", h)
      return h
    }
  }

  private func rows(of name: String, _ indices: [Int]) -> Rows {
    let tensor = layers.tensor(name)
    let width = tensor.shape[1]
    return indices.map { index in
      tensor.values[(index * width)..<((index + 1) * width)].map(Double.init)
    }
  }

  /// b_st: what the filters see of an edge.
  private func edgeBasis(_ graph: ReferenceGraph) -> Rows {
    var distances = graph.distances(radii: layers.vector("atom_radii"))
    if configuration.ablation == .noDistanceList { distances = distances.map { [$0[0]] } }
    if configuration.ablation == .onlyDistances {
      var basis = configuration.basis
      if case .spherical = basis { basis = .powerSine }
      return layers.plainBasis(distances, "basis_fun", basis, configuration.activation)
    }
    let spread: Rows
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
    layers.note("basis_fun/out", spread)
    return spread
  }

  /// One interaction: what it adds to the embeddings `h`.
  private func block(
    _ name: String, _ h: Rows, _ basis: Rows, _ graph: ReferenceGraph
  ) -> Rows {
    let c = configuration
    layers.note(name + "/in0", h)
    layers.note(name + "/in2", basis)
    layers.note(name + "/in3", graph.weights.map { [$0] })
    var seen = c.basis == .concatenatedRaw ? basis : layers.linear(basis, name + ".lin_basis")
    if c.ablation != .noConditioning {
      seen = concatenated(
        seen, graph.edges.map { h[$0.source] }, graph.edges.map { h[$0.target] })
    }
    let filters = zip(
      graph.weights,
      layers.perceptron(
        seen, name + ".mlp_edge", depth: c.ablation == .linearEdges ? 0 : c.edgeDepth,
        isNormalized: false, c.activation)
    ).map { weight, row in row.map { weight * $0 } }

    var received: Rows
    if c.ablation == .noFilter {
      received = graph.summedAtTargets(filters, width: c.hiddenChannels)
      let constant = layers.vector(name + ".center_W")
      received = received.map { zip($0, constant).map { $0 + $1 } }
    } else {
      let sent = layers.linear(h, name + ".lin")
      let messages = zip(graph.edges, filters).map { edge, filter in
        zip(sent[edge.source], filter).map { $0 * $1 }
      }
      received = graph.summedAtTargets(messages, width: c.hiddenChannels)
      if c.ablation != .noSelf {
        let factor = layers.vector(name + ".center_W")
        received = sum(received, sent.map { zip($0, factor).map { $0 * $1 } })
      }
    }
    let update = layers.perceptron(
      received, name + ".mlp_trans", depth: c.ablation == .linearNodes ? 0 : c.nodeDepth,
      isNormalized: true, c.activation)
    layers.note(name + "/out", update)
    return update
  }

  private func decoded(_ h: Rows) -> Rows {
    let forces =
      switch configuration.decoder {
      case .linear: layers.linear(h, "decoder.decoder.0")
      case .mlp:
        layers.perceptron(
          h, "decoder.decoder", depth: 1, isNormalized: true, configuration.decoderActivation)
      }
    layers.note("decoder/in0", h)
    layers.note("decoder/out", forces)
    return forces
  }
}
