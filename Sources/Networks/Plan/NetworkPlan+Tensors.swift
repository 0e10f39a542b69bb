// SPDX-License-Identifier: MIT

/// The tensors of networks, in the order of the released code's `state_dict`: that in which files
/// list them and untrained networks are drawn.
extension ForceCentricPlan {
  /// Every tensor of a model file, trained or fixed, in the order of the file.
  var tensors: [TensorSpecification] {
    [radii, properties] + embedding.tensors + edges.tensors + blocks.flatMap(\.tensors)
      + (readout + output).flatMap(\.tensors) + (energy?.tensors ?? [])
  }

  /// Tables with a row an atomic number without which an element cannot be evaluated.
  var tablesOfElements: [TensorSpecification] {
    let ofEmbedding =
      switch embedding {
      case .table(let rows): rows
      case .properties: properties
      }
    return edges.distances > 1 ? [ofEmbedding, radii] : [ofEmbedding]
  }
}

extension NetworkPlan.Linear {
  var tensors: [TensorSpecification] { [weight, bias] }
}

extension NetworkPlan.Projection {
  var tensors: [TensorSpecification] { [weight] }
}

extension NetworkPlan.Affine {
  var tensors: [TensorSpecification] { [gain, shift] }
}

extension NetworkPlan.BatchNormalization {
  var tensors: [TensorSpecification] { affine.tensors + [mean, variance, counter] }
}

extension NetworkPlan.Stage {
  var tensors: [TensorSpecification] {
    switch self {
    case .linear(let linear): linear.tensors
    case .normalization(let normalization): normalization.tensors
    case .activation: []
    }
  }
}

extension ForceCentricPlan.Embedding {
  var tensors: [TensorSpecification] {
    switch self {
    case .table(let rows): [rows]
    case .properties(let basis, let linear): basis.tensors + linear.tensors
    }
  }
}

extension ForceCentricPlan.FeatureBasis {
  var tensors: [TensorSpecification] {
    switch self {
    case .raw: []
    case .sines(let table), .cosines(let table), .gaussians(let table): [table]
    case .trained(let linear, _): linear.tensors
    }
  }
}

extension ForceCentricPlan.EdgeFeatures {
  var tensors: [TensorSpecification] {
    switch functions {
    case .alike(let basis): basis.tensors
    case .beside(_, let sines): [sines]
    case .mixtures(_, let sines, let mixing): [sines] + mixing.tensors
    case .distances: []
    }
  }
}

extension ForceCentricPlan.Block {
  var tensors: [TensorSpecification] {
    own.tensors + (projection?.tensors ?? []) + first.tensors + filter.tensors
      + (last?.tensors ?? []) + (value?.tensors ?? []) + update.flatMap(\.tensors)
  }
}

extension ForceCentricPlan.Filter {
  var tensors: [TensorSpecification] {
    switch self {
    case .activated(let hidden, _): hidden.flatMap(\.tensors)
    case .normalizedEdges(let normalization): normalization.tensors
    case .normalizedRows(let affine): affine.tensors
    }
  }
}

extension ForceCentricPlan.Own {
  var tensors: [TensorSpecification] {
    switch self {
    case .none: []
    case .scaled(let vector), .constant(let vector): [vector]
    }
  }
}

extension SchNetPlan {
  var tensors: [TensorSpecification] {
    [embedding, centers] + blocks.flatMap(\.tensors) + hidden.tensors + energy.tensors
  }
}

extension SchNetPlan.Block {
  var tensors: [TensorSpecification] {
    filter.flatMap(\.tensors) + value.tensors + ofSums.tensors + copies + update.tensors
  }
}

extension DimeNetPlan {
  var tensors: [TensorSpecification] {
    [frequencies] + embedding.tensors + outputs.flatMap(\.tensors) + blocks.flatMap(\.tensors)
  }
}

extension DimeNetPlan.Embedding {
  var tensors: [TensorSpecification] { [elements] + radial.tensors + mixing.tensors }
}

extension DimeNetPlan.Output {
  var tensors: [TensorSpecification] {
    radial.tensors + up.tensors + hidden.flatMap(\.tensors) + energy.tensors
  }
}

extension DimeNetPlan.Block {
  var tensors: [TensorSpecification] {
    radial.tensors + angular.tensors + sender.tensors + own.tensors + down.tensors + up.tensors
      + before.flatMap(\.tensors) + skip.tensors + after.flatMap(\.tensors)
  }
}

extension DimeNetPlan.Factors {
  var tensors: [TensorSpecification] { first.tensors + second.tensors }
}

extension DimeNetPlan.Residual {
  var tensors: [TensorSpecification] { first.tensors + second.tensors }
}
