// SPDX-License-Identifier: MIT

import RelaxNumerics

/// The layers of one block's messages, packed forward and in reverse for one step.
struct MessageLayers: Sendable {
  /// F, on features, with what is added to every edge if there are no products of atoms.
  let first: DenseLayer
  /// Fᵀ.
  let firstReversed: DenseLayer
  /// Hidden layers of the filter, and their transposes.
  let hidden: [DenseLayer], hiddenReversed: [DenseLayer]
  /// On sums of bundles, Σ α being the last input, which the bias is multiplied by.
  let last: DenseLayer?
  let lastReversed: DenseLayer?
  /// P, Q and v of atoms.
  let source: DenseLayer?, target: DenseLayer?, value: DenseLayer?
  /// max(0, normalised).
  let normalizedSum: NormalizedSum?
  /// W_e, the first layer's weights for edges, and [W_b | b_b], the layer on features before it; nil if
  /// there is none.
  let projection: (ofEdge: FloatMatrix, onFeatures: FloatMatrix)?

  init(_ block: ForceCentricPlan.Block, features: Int, _ context: GradientContext) {
    let bias = context.row(block.first.bias)
    let ofEdge = context.weights(block.first, columns: block.inputs.edge)
    if let linear = block.projection {
      // What an edge without functions has for features is a zero.
      let augmented = context.augmented(linear, columns: features)
      let ofEdge = FloatMatrix(ofEdge)
      projection = (ofEdge, augmented)
      // W_e [W_b | b_b], row by row.
      let product = context.apply(DenseLayer(augmented, isTransposed: true), to: ofEdge)
      for column in 0..<bias.columns { bias[0, column] += product[column, features] }
      first = DenseLayer(product, columns: features, bias: block.inputs.atoms == nil ? bias : nil)
      firstReversed = DenseLayer(product, isTransposed: true, columns: features)
    } else {
      projection = nil
      first = DenseLayer(ofEdge, bias: block.inputs.atoms == nil ? bias : nil)
      firstReversed = DenseLayer(ofEdge, isTransposed: true)
    }
    source = block.inputs.atoms.map {
      DenseLayer(context.weights(block.first, columns: $0.source))
    }
    target = block.inputs.atoms.map {
      DenseLayer(context.weights(block.first, columns: $0.target), bias: bias)
    }
    value = block.value.map { context.layer($0) }
    if case .activated(let layers, _) = block.filter {
      hidden = layers.map { context.layer($0) }
      hiddenReversed = layers.map { DenseLayer(context.weights($0), isTransposed: true) }
    } else {
      (hidden, hiddenReversed) = ([], [])
    }
    if case .normalizedRows(let affine) = block.filter {
      normalizedSum = NormalizedSum(
        gain: context.numbers(affine.gain), shift: context.numbers(affine.shift))
    } else {
      normalizedSum = nil
    }
    last = block.last.map { DenseLayer(context.augmented($0)) }
    lastReversed = block.last.map { DenseLayer(context.weights($0), isTransposed: true) }
  }
}
