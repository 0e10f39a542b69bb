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
  /// [W_b | b_b], the layer before the first on features; nil if there is none.
  let projection: FloatMatrix?
  /// The first layer's weights on that.
  let ofEdge: FloatMatrix

  init(_ block: NetworkPlan.Block, features: Int, _ context: GradientContext) {
    let d = block.first.outputs
    ofEdge = context.weights(block.first, columns: block.inputs.edge)
    let bias = context.row(block.first.bias)
    var weights = ofEdge
    if let linear = block.projection {
      // What an edge without functions has for features is a zero.
      let augmented = FloatMatrix(rows: d, columns: features + 1)
      if linear.inputs > 0 {
        let projection = context.weights(linear)
        for row in 0..<d {
          for column in 0..<features { augmented[row, column] = projection[row, column] }
        }
      }
      augmented.fill(column: features, from: context.values, at: context.place(linear.bias))
      projection = augmented
      // W_e [W_b | b_b], row by row.
      let product = context.apply(DenseLayer(augmented, isTransposed: true), to: ofEdge)
      for column in 0..<d { bias[0, column] += product[column, features] }
      weights = product
    } else {
      projection = nil
    }
    let isConditional = block.inputs.atoms != nil
    first = DenseLayer(
      weights, columns: features, bias: isConditional ? nil : bias)
    firstReversed = DenseLayer(weights, isTransposed: true, columns: features)
    source = block.inputs.atoms.map {
      DenseLayer(context.weights(block.first, columns: $0.source))
    }
    target = block.inputs.atoms.map {
      DenseLayer(context.weights(block.first, columns: $0.target), bias: bias)
    }
    value = block.value.map {
      DenseLayer(context.weights($0), bias: context.row($0.bias))
    }
    if case .activated(let layers, _) = block.filter {
      hidden = layers.map {
        DenseLayer(context.weights($0), bias: context.row($0.bias))
      }
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
    last = block.last.map { linear in
      let weights = FloatMatrix(rows: linear.outputs, columns: linear.inputs + 1)
      let plain = context.weights(linear)
      for row in 0..<linear.outputs {
        for column in 0..<linear.inputs { weights[row, column] = plain[row, column] }
      }
      weights.fill(column: linear.inputs, from: context.values, at: context.place(linear.bias))
      return DenseLayer(weights)
    }
    lastReversed = block.last.map { DenseLayer(context.weights($0), isTransposed: true) }
  }
}
