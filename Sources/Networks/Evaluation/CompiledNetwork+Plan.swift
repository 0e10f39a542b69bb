// SPDX-License-Identifier: MIT

import RelaxNumerics

/// From a plan and its tensors to packed layers, split and folded.
extension CompiledNetwork {
  /// Prepares a complete model of this plan.
  init(_ plan: ForceCentricPlan, of model: NetworkModel, kernels: KernelSet) {
    self.init(
      width: plan.width, cutoff: plan.cutoff, maximumNeighbors: plan.maximumNeighbors,
      embedding: NodeEmbedding(plan, of: model), basis: EdgeBasis(plan, of: model),
      blocks: plan.blocks.map { Block($0, of: model) }, readout: model.layers(plan.readout),
      output: model.layers(plan.output),
      energy: model.energyIsTrained ? plan.energy.map { AffineMap(model, $0) } : nil,
      normalization: model.normalization, kernels: kernels)
  }
}

extension CompiledNetwork.Block {
  init(_ block: ForceCentricPlan.Block, of model: NetworkModel) {
    var first = AffineMap(model, block.first)
    if case .normalizedEdges(let normalization) = block.filter {
      first = first.normalized(by: normalization, of: model)
    }
    var ofEdge = first.columns(block.inputs.edge).with(bias: first.bias)
    if let projection = block.projection { ofEdge = ofEdge.after(AffineMap(model, projection)) }
    if let atoms = block.inputs.atoms {
      source = first.columns(atoms.source).layer()
      target = first.columns(atoms.target).with(bias: ofEdge.bias).layer()
      ofEdge = ofEdge.with(bias: Array(repeating: 0, count: ofEdge.outputs))
    }
    value = block.value.map { AffineMap(model, $0).layer() }
    own = CompiledNetwork.OwnMessage(block.own, of: model)

    let last = block.last.map { AffineMap(model, $0).withBiasAsInput() }
    let ofSums = last.map { $0.layer() }
    var update = model.folded(block.update)
    switch block.filter {
    case .activated(let hidden, let activation):
      filter =
        [ofEdge.layer(activation.kernel)]
        + hidden.map { AffineMap(model, $0).layer(activation.kernel) }
      reduction = Self.sum(ofSums, isFiltered: value != nil)
    case .normalizedEdges:
      filter = [ofEdge.layer()]
      reduction = Self.sum(ofSums, isFiltered: value != nil)
    case .normalizedRows(let affine):
      filter = [ofEdge.layer()]
      reduction = .normalized(
        NormalizedSum(
          gain: model.values(affine.gain).map { Float($0) },
          shift: model.values(affine.shift).map { Float($0) }))
      // Nothing stands between the two layers. Columns of the last one count messages: the share of
      // its bias grows with their number.
      guard let last, block.value == nil, block.own == .none, !update.isEmpty else {
        preconditionFailure("rows are normalised before a last layer that only updates follow")
      }
      update[0].map = update[0].map.after(last)
    }
    self.update = update.map { $0.map.layer($0.activation) }
  }

  private static func sum(
    _ ofSums: DenseLayer?, isFiltered: Bool
  ) -> CompiledNetwork.Reduction {
    switch (isFiltered, ofSums) {
    case (true, let ofSums?): .filtered(ofSums: ofSums)
    case (true, nil): .filteredDirectly
    case (false, let ofSums?): .summed(ofSums: ofSums)
    case (false, nil): .summedDirectly
    }
  }
}

extension CompiledNetwork.OwnMessage {
  init(_ own: ForceCentricPlan.Own, of model: NetworkModel) {
    func row(_ vector: TensorSpecification) -> FloatMatrix {
      let row = FloatMatrix(rows: 1, columns: vector.count)
      row.fill(model.values(vector), width: vector.count)
      return row
    }
    switch own {
    case .none: self = .none
    case .scaled(let vector): self = .scaled(row(vector))
    case .constant(let vector): self = .constant(row(vector))
    }
  }
}

extension NetworkModel {
  /// Stages with batch normalisations folded into the layers before them.
  func folded(
    _ stages: [NetworkPlan.Stage]
  ) -> [(map: AffineMap, activation: DenseActivation)] {
    var maps: [(map: AffineMap, activation: DenseActivation)] = []
    for stage in stages {
      let last = maps.count - 1
      switch stage {
      case .linear(let linear): maps.append((AffineMap(self, linear), .identity))
      case .normalization(let normalization):
        maps[last].map = maps[last].map.normalized(by: normalization, of: self)
      case .activation(let activation): maps[last].activation = activation.kernel
      }
    }
    return maps
  }

  /// Stages packed for evaluation.
  func layers(_ stages: [NetworkPlan.Stage]) -> [DenseLayer] {
    folded(stages).map { $0.map.layer($0.activation) }
  }
}
