// SPDX-License-Identifier: MIT

extension NetworkModel.Architecture {
  /// Every tensor of the network in the order of the released code's `state_dict`; empty for
  /// networks that are only known by name.
  public var catalogue: [TensorSpecification] {
    switch self {
    case .forceNet(let configuration): configuration.catalogue
    case .gns(let configuration): configuration.catalogue
    case .other: []
    }
  }
}

/// Builds a catalogue from the layers of the released code.
struct CatalogueBuilder {
  private(set) var tensors: [TensorSpecification] = []

  mutating func add(
    _ name: String, _ shape: [Int], _ role: TensorSpecification.Role
  ) {
    tensors.append(TensorSpecification(name, shape, role))
  }

  /// The two tables of elements.
  mutating func addElements(map: ConstantTable = .atomMap) {
    add("atom_radii", [ElementTables.rowCount], .constant(.atomRadii))
    add("atom_map", [ElementTables.rowCount, ElementTables.propertyCount], .constant(map))
  }

  /// A linear layer with bias; `xavier` goes with a bias of 0.
  mutating func addLinear(_ name: String, _ inputs: Int, _ outputs: Int, xavier: Bool = false) {
    add("\(name).weight", [outputs, inputs], .trained(xavier ? .xavier : .inputs(inputs)))
    add("\(name).bias", [outputs], .trained(xavier ? .constant(0) : .inputs(inputs)))
  }

  /// Factors and shifts of a normalisation.
  mutating func addNormalization(_ name: String, _ width: Int) {
    add("\(name).weight", [width], .trained(.constant(1)))
    add("\(name).bias", [width], .trained(.constant(0)))
  }

  /// A batch normalisation.
  mutating func addBatchNormalization(_ name: String, _ width: Int) {
    addNormalization(name, width)
    add("\(name).running_mean", [width], .runningStatistic(0))
    add("\(name).running_var", [width], .runningStatistic(1))
    add("\(name).num_batches_tracked", [], .counter)
  }
}

extension ForceNetConfiguration {
  /// Every tensor in the order of the released code's `state_dict`.
  var catalogue: [TensorSpecification] {
    let (hidden, decoder) = (hiddenChannels, decoderChannels)
    var builder = CatalogueBuilder()
    builder.addElements(map: features == .full ? .atomMap : .plainAtomMap)
    switch features {
    case .full:
      let width = addBasis(basis.ofNodes, "embedding.0", of: 9, to: &builder)
      builder.addLinear("embedding.1", width, hidden)
    case .simple:
      builder.add(
        "embedding.weight", [ForceNetConfiguration.simpleRows, hidden], .trained(.normal))
    }
    addEdgeBasis(to: &builder)
    for block in 0..<interactions { addBlock("interactions.\(block)", to: &builder) }
    builder.addLinear("lin", hidden, decoder)
    switch self.decoder {
    case .linear:
      builder.addLinear("decoder.decoder.0", decoder, 3, xavier: true)
    case .mlp:
      builder.addLinear("decoder.decoder.0", decoder, decoder, xavier: true)
      builder.addBatchNormalization("decoder.decoder.1", decoder)
      builder.addLinear("decoder.decoder.3", decoder, 3, xavier: true)
    }
    builder.addLinear("energy_mlp", decoder, 1)
    return builder.tensors
  }

  /// Rows of the trained vectors an element: atomic numbers up to 99.
  static let simpleRows = 100

  /// A basis without harmonics.
  ///
  /// - Returns: its width.
  @discardableResult
  private func addBasis(
    _ basis: Basis, _ name: String, of features: Int, to builder: inout CatalogueBuilder
  ) -> Int {
    let width = features * frequencies
    switch basis {
    case .powerSine, .powerCosine:
      builder.add(
        "\(name).smearing.freq_filter", [1, width], .constant(.powers(features: features)))
    case .fourierSine:
      builder.add(
        "\(name).smearing.freq_filter", [1, width], .constant(.integers(features: features)))
    case .gaussian:
      builder.add("\(name).smearing.offset", [1, width], .constant(.grid(features: features)))
    case .linearActivation:
      builder.addLinear("\(name).smearing.0", features, width)
    case .raw, .concatenatedRaw, .spherical:
      return features
    }
    return width
  }

  private func addEdgeBasis(to builder: inout CatalogueBuilder) {
    guard case .spherical(_, let radial) = edgeBasis else {
      addBasis(edgeBasis, "basis_fun", of: edgeFeatureCount, to: &builder)
      return
    }
    guard radial != .bare else { return }
    let width = distanceCount * frequencies
    builder.add(
      "basis_fun.smearing_sine.freq_filter", [1, width],
      .constant(.powers(features: distanceCount)))
    if radial != .concatenated { builder.addLinear("basis_fun.lin", width, radialCount) }
  }

  private func addBlock(_ name: String, to builder: inout CatalogueBuilder) {
    let hidden = hiddenChannels
    if ablation != .noSelf { builder.add("\(name).center_W", [1, hidden], .trained(.xavier)) }
    let isProjected = edgeBasis != .concatenatedRaw
    if isProjected { builder.addLinear("\(name).lin_basis", basisWidth, hidden, xavier: true) }
    let inputs = (isProjected ? hidden : basisWidth) + (isConditional ? 2 * hidden : 0)
    builder.addLinear("\(name).mlp_edge.0", inputs, hidden, xavier: true)
    if filterDepth == 0 { builder.addBatchNormalization("\(name).mlp_edge.1", hidden) }
    for layer in 0..<filterDepth {
      builder.addLinear("\(name).mlp_edge.\(2 * layer + 2)", hidden, hidden, xavier: true)
    }
    if ablation != .noFilter { builder.addLinear("\(name).lin", hidden, hidden, xavier: true) }
    builder.addLinear("\(name).mlp_trans.0", hidden, hidden, xavier: true)
    if updateDepth == 0 { builder.addBatchNormalization("\(name).mlp_trans.1", hidden) }
    for layer in 0..<updateDepth {
      builder.addBatchNormalization("\(name).mlp_trans.\(3 * layer + 1)", hidden)
      builder.addLinear("\(name).mlp_trans.\(3 * layer + 3)", hidden, hidden, xavier: true)
    }
  }
}

extension GNSConfiguration {
  /// Every tensor.
  ///
  /// There is no released code. The paper begins all force-centric networks with Xavier's uniform
  /// distribution; biases are taken as 0.
  var catalogue: [TensorSpecification] {
    let hidden = hiddenChannels
    var builder = CatalogueBuilder()
    builder.addElements()
    builder.addLinear("node_embedding", ElementTables.propertyCount, hidden, xavier: true)
    for layer in 0..<interactions {
      let name = "layers.\(layer)"
      builder.addLinear("\(name).edge_mlp.0", 2 * hidden + 7, hidden, xavier: true)
      builder.addNormalization("\(name).edge_mlp.1", hidden)
      builder.addLinear("\(name).edge_mlp.3", hidden, hidden, xavier: true)
      builder.addLinear("\(name).node_lin", hidden, hidden, xavier: true)
      builder.addBatchNormalization("\(name).node_bn", hidden)
    }
    builder.addLinear("decoder.0", hidden, hidden, xavier: true)
    builder.addLinear("decoder.2", hidden, 3, xavier: true)
    return builder.tensors
  }
}
