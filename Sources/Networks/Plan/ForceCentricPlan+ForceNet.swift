// SPDX-License-Identifier: MIT

extension ForceNetConfiguration {
  /// What the network is.
  var plan: NetworkPlan { .forceCentric(forceCentricPlan) }

  /// ForceNet (section 2 of the paper).
  var forceCentricPlan: ForceCentricPlan {
    let (hidden, decoder) = (hiddenChannels, decoderChannels)
    let edges = edgeFeatures
    return ForceCentricPlan(
      width: hidden, cutoff: cutoff, maximumNeighbors: maximumNeighbors, radii: .atomRadii,
      properties: .properties(features == .full ? .atomMap : .plainAtomMap),
      embedding: embedding, edges: edges,
      blocks: (0..<interactions).map { block("interactions.\($0)", basisWidth: edges.width) },
      readout: [
        .linear(.init("lin", hidden, decoder, .inputs)), .activation(activation),
      ],
      output: output, energy: .init("energy_mlp", decoder, 1, .inputs))
  }

  /// Rows of the trained vectors an element: atomic numbers up to 99.
  private static let simpleRows = 100

  private var embedding: ForceCentricPlan.Embedding {
    switch features {
    case .full:
      let count = ElementTables.propertyCount
      let spread = spread(basis.ofNodes, "embedding.0", of: count)
      return .properties(
        spread, .init("embedding.1", spread.width(of: count), hiddenChannels, .inputs))
    case .simple:
      return .table(
        .init("embedding.weight", [Self.simpleRows, hiddenChannels], .trained(.normal)))
    }
  }

  /// Where directions are left out, harmonics give way to sines.
  ///
  /// The released code intends the same, but ends with an error.
  private var edgeBasis: Basis {
    ablation == .onlyDistances && basis.isSpherical ? .powerSine : basis
  }

  private var edgeFeatures: ForceCentricPlan.EdgeFeatures {
    let distances = ablation == .noDistanceList ? 1 : 4
    var result = ForceCentricPlan.EdgeFeatures(
      hasDirection: ablation != .onlyDistances, squashesDirection: edgeBasis == .gaussian,
      distances: distances, functions: .alike(.raw), isWeighted: true)
    guard case .spherical(let which, let radial) = edgeBasis else {
      result.functions = .alike(spread(edgeBasis, "basis_fun", of: result.rawWidth))
      return result
    }
    let harmonics = SphericalHarmonics(degrees: degrees, which: which)
    let sines = TensorSpecification.table(
      "basis_fun.smearing_sine.freq_filter", distances * frequencies, .powers(features: distances))
    func mixtures(_ count: Int) -> ForceCentricPlan.EdgeFeatures.Functions {
      .mixtures(harmonics, sines, .init("basis_fun.lin", sines.count, count, .inputs))
    }
    result.functions =
      switch radial {
      case .concatenated: .beside(harmonics, sines)
      case .multiplied: mixtures(distances)
      case .fortyMultiplied: mixtures(40)
      case .bare: .distances(harmonics)
      }
    return result
  }

  /// A basis without harmonics, of `features` raw features.
  private func spread(
    _ basis: Basis, _ name: String, of features: Int
  ) -> ForceCentricPlan.FeatureBasis {
    let width = features * frequencies
    func table(_ suffix: String, _ table: ConstantTable) -> TensorSpecification {
      .table("\(name).smearing.\(suffix)", width, table)
    }
    switch basis {
    case .powerSine: return .sines(table("freq_filter", .powers(features: features)))
    case .powerCosine: return .cosines(table("freq_filter", .powers(features: features)))
    case .fourierSine: return .sines(table("freq_filter", .integers(features: features)))
    case .gaussian: return .gaussians(table("offset", .grid(features: features)))
    case .linearActivation:
      return .trained(.init("\(name).smearing.0", features, width, .inputs), activation)
    case .raw, .concatenatedRaw: return .raw
    case .spherical: preconditionFailure("harmonics are no functions of single features")
    }
  }

  private func block(_ name: String, basisWidth: Int) -> ForceCentricPlan.Block {
    let d = hiddenChannels
    func linear(_ layer: String, _ inputs: Int) -> NetworkPlan.Linear {
      .init("\(name).\(layer)", inputs, d, .xavier)
    }
    let center = TensorSpecification("\(name).center_W", [1, d], .trained(.xavier))
    let own: ForceCentricPlan.Own =
      switch ablation {
      case .noSelf: .none
      case .noFilter: .constant(center)
      default: .scaled(center)
      }
    let isProjected = edgeBasis != .concatenatedRaw
    let e = isProjected ? d : basisWidth
    let isConditional = ablation != .noConditioning
    // mlp_edge: Linear, then `depth` times an activation and a Linear; or Linear and BatchNorm.
    let depth = ablation == .linearEdges ? 0 : edgeDepth
    return ForceCentricPlan.Block(
      own: own, projection: isProjected ? linear("lin_basis", basisWidth) : nil,
      first: linear("mlp_edge.0", e + (isConditional ? 2 * d : 0)),
      inputs: .init(
        edge: 0..<e,
        atoms: isConditional ? .init(source: e..<e + d, target: e + d..<e + 2 * d) : nil),
      filter: depth == 0
        ? .normalizedEdges(.init("\(name).mlp_edge.1", d))
        : .activated((1..<depth).map { linear("mlp_edge.\(2 * $0)", d) }, activation),
      last: depth == 0 ? nil : linear("mlp_edge.\(2 * depth)", d),
      value: ablation == .noFilter ? nil : linear("lin", d), update: update("\(name).mlp_trans"))
  }

  /// mlp_trans: Linear, then `depth` times BatchNorm, activation and Linear; or Linear and BatchNorm.
  private func update(_ name: String) -> [NetworkPlan.Stage] {
    let d = hiddenChannels
    let depth = ablation == .linearNodes ? 0 : nodeDepth
    func linear(_ place: Int) -> NetworkPlan.Stage {
      .linear(.init("\(name).\(place)", d, d, .xavier))
    }
    func normalization(_ place: Int) -> NetworkPlan.Stage {
      .normalization(.init("\(name).\(place)", d))
    }
    guard depth > 0 else { return [linear(0), normalization(1)] }
    return (0..<depth).flatMap { layer in
      [linear(3 * layer), normalization(3 * layer + 1), .activation(activation)]
    } + [linear(3 * depth)]
  }

  private var output: [NetworkPlan.Stage] {
    let (name, d) = ("decoder.decoder", decoderChannels)
    return switch decoder {
    case .linear: [.linear(.init("\(name).0", d, 3, .xavier))]
    case .mlp:
      [
        .linear(.init("\(name).0", d, d, .xavier)), .normalization(.init("\(name).1", d)),
        .activation(decoderActivation), .linear(.init("\(name).3", d, 3, .xavier)),
      ]
    }
  }
}
