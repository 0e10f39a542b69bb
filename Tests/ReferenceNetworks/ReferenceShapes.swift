// SPDX-License-Identifier: MIT

import Networks

/// Names and shapes of a network's tensors, written down from the released code's constructors.
enum ReferenceShapes {
  static func shapes(of architecture: NetworkModel.Architecture) -> [String: [Int]] {
    var shapes = Shapes()
    switch architecture {
    case .forceNet(let configuration): shapes.add(configuration)
    case .gns(let configuration): shapes.add(configuration)
    case .schNet(let configuration):
      shapes.all = [:]
      shapes.add(configuration)
    case .dimeNet(let configuration):
      shapes.all = [:]
      shapes.add(configuration)
    }
    return shapes.all
  }

  private struct Shapes {
    var all: [String: [Int]] = ["atom_map": [101, 9], "atom_radii": [101]]

    mutating func linear(_ name: String, _ outputs: Int, _ inputs: Int) {
      all[name + ".weight"] = [outputs, inputs]
      all[name + ".bias"] = [outputs]
    }

    mutating func matrix(_ name: String, _ outputs: Int, _ inputs: Int) {
      all[name + ".weight"] = [outputs, inputs]
    }

    mutating func norm(_ name: String, _ width: Int, isBatch: Bool = true) {
      for part in ["weight", "bias"] + (isBatch ? ["running_mean", "running_var"] : []) {
        all["\(name).\(part)"] = [width]
      }
    }

    /// Basis functions of `features`; returns how many.
    mutating func plainBasis(_ name: String, _ basis: Basis, _ features: Int, _ j: Int) -> Int {
      switch basis {
      case .powerSine, .powerCosine, .fourierSine:
        all[name + ".smearing.freq_filter"] = [1, features * j]
      case .gaussian: all[name + ".smearing.offset"] = [1, features * j]
      case .linearActivation: linear(name + ".smearing.0", features * j, features)
      case .raw, .concatenatedRaw: return features
      case .spherical: preconditionFailure("harmonics of features without direction")
      }
      return features * j
    }

    mutating func add(_ c: SchNetConfiguration) {
      let (d, f) = (c.hiddenChannels, c.filters)
      all["embedding.weight"] = [100, d]
      all["distance_expansion.offset"] = [c.gaussians]
      for l in 0..<c.interactions {
        let name = "interactions.\(l)"
        linear(name + ".mlp.0", f, c.gaussians)
        linear(name + ".mlp.2", f, f)
        all[name + ".conv.lin1.weight"] = [f, d]
        linear(name + ".conv.lin2", d, f)
        linear(name + ".lin", d, d)
      }
      linear("lin1", d / 2, d)
      linear("lin2", 1, d / 2)
    }

    mutating func add(_ c: DimeNetConfiguration) {
      let (d, o) = (c.hiddenChannels, c.outputChannels)
      all["rbf.freq"] = [c.radials]
      all["emb.emb.weight"] = [95, d]
      linear("emb.lin_rbf", d, c.radials)
      linear("emb.lin", d, 3 * d)
      for l in 0...c.blocks {
        let name = "output_blocks.\(l)"
        matrix(name + ".lin_rbf", d, c.radials)
        linear(name + ".lin_up", o, d)
        for k in 0..<c.outputLayers { linear("\(name).lins.\(k)", o, o) }
        matrix(name + ".lin", 1, o)
      }
      for l in 0..<c.blocks {
        let name = "interaction_blocks.\(l)"
        matrix(name + ".lin_rbf1", c.basisChannels, c.radials)
        matrix(name + ".lin_rbf2", d, c.basisChannels)
        matrix(name + ".lin_sbf1", c.basisChannels, c.degrees * c.radials)
        matrix(name + ".lin_sbf2", c.tripletChannels, c.basisChannels)
        for layer in ["lin_kj", "lin_ji", "lin"] { linear("\(name).\(layer)", d, d) }
        matrix(name + ".lin_down", c.tripletChannels, d)
        matrix(name + ".lin_up", d, c.tripletChannels)
        for (list, count) in [
          ("layers_before_skip", c.layersBefore), ("layers_after_skip", c.layersAfter),
        ] {
          for k in 0..<count {
            for layer in ["lin1", "lin2"] { linear("\(name).\(list).\(k).\(layer)", d, d) }
          }
        }
      }
    }

    mutating func add(_ c: GNSConfiguration) {
      let d = c.hiddenChannels
      linear("node_embedding", d, 9)
      for l in 0..<c.interactions {
        linear("layers.\(l).edge_mlp.0", d, 2 * d + 7)
        norm("layers.\(l).edge_mlp.1", d, isBatch: false)
        linear("layers.\(l).edge_mlp.3", d, d)
        linear("layers.\(l).node_lin", d, d)
        norm("layers.\(l).node_bn", d)
      }
      linear("decoder.0", d, d)
      linear("decoder.2", 3, d)
    }

    mutating func add(_ c: ForceNetConfiguration) {
      let (d, h) = (c.hiddenChannels, c.decoderChannels)
      switch c.features {
      case .simple: all["embedding.weight"] = [100, d]
      case .full:
        var basis = c.basis
        if case .spherical = basis { basis = .powerSine }
        linear("embedding.1", d, plainBasis("embedding.0", basis, 9, c.frequencies))
      }
      let b = edgeBasis(c)
      for l in 0..<c.interactions { block("interactions.\(l)", c, basisWidth: b) }
      linear("lin", h, d)
      linear("energy_mlp", 1, h)
      switch c.decoder {
      case .linear: linear("decoder.decoder.0", 3, h)
      case .mlp:
        linear("decoder.decoder.0", h, h)
        norm("decoder.decoder.1", h)
        linear("decoder.decoder.3", 3, h)
      }
    }

    /// Tensors of the edges' basis; returns its width.
    private mutating func edgeBasis(_ c: ForceNetConfiguration) -> Int {
      let name = "basis_fun"
      let distances = c.ablation == .noDistanceList ? 1 : 4
      guard case .spherical(let which, let radial) = c.basis else {
        let features = c.ablation == .onlyDistances ? 4 : 3 + distances
        return plainBasis(name, c.basis, features, c.frequencies)
      }
      if c.ablation == .onlyDistances { return plainBasis(name, .powerSine, 4, c.frequencies) }
      let harmonics = (0..<c.degrees).reduce(0) { sum, l in
        let isTaken = which == .all || (l % 2 == 1) == (which == .sine)
        return isTaken ? sum + 2 * l + 1 : sum
      }
      if radial != .bare {
        all[name + ".smearing_sine.freq_filter"] = [1, distances * c.frequencies]
      }
      switch radial {
      case .concatenated: return harmonics + distances * c.frequencies
      case .bare: return harmonics * distances
      case .multiplied:
        linear(name + ".lin", distances, distances * c.frequencies)
        return harmonics * distances
      case .fortyMultiplied:
        linear(name + ".lin", 40, distances * c.frequencies)
        return harmonics * 40
      }
    }

    private mutating func block(_ name: String, _ c: ForceNetConfiguration, basisWidth: Int) {
      let d = c.hiddenChannels
      if c.ablation != .noSelf { all[name + ".center_W"] = [1, d] }
      if c.ablation != .noFilter { linear(name + ".lin", d, d) }
      let isRaw = c.basis == .concatenatedRaw
      if !isRaw { linear(name + ".lin_basis", d, basisWidth) }
      let edge = isRaw ? basisWidth : d
      linear(name + ".mlp_edge.0", d, c.ablation == .noConditioning ? edge : edge + 2 * d)
      let edgeDepth = c.ablation == .linearEdges ? 0 : c.edgeDepth
      if edgeDepth == 0 { norm(name + ".mlp_edge.1", d) }
      for k in 0..<edgeDepth { linear(name + ".mlp_edge.\(2 + 2 * k)", d, d) }
      linear(name + ".mlp_trans.0", d, d)
      let nodeDepth = c.ablation == .linearNodes ? 0 : c.nodeDepth
      if nodeDepth == 0 { norm(name + ".mlp_trans.1", d) }
      for k in 0..<nodeDepth {
        norm(name + ".mlp_trans.\(1 + 3 * k)", d)
        linear(name + ".mlp_trans.\(3 + 3 * k)", d, d)
      }
    }
  }
}
