// SPDX-License-Identifier: MIT

import RelaxNumerics

/// y = W x + b in double precision, as it stands in a model, to be folded before it is packed.
///
/// Folding is exact algebra: what it changes is rounding. It is done in double precision and rounded
/// once.
struct AffineMap {
  let inputs: Int
  let outputs: Int
  /// W by output, then input.
  private(set) var weights: [Double]
  private(set) var bias: [Double]

  init(inputs: Int, outputs: Int, weights: [Double], bias: [Double]) {
    precondition(weights.count == inputs * outputs && bias.count == outputs)
    (self.inputs, self.outputs, self.weights, self.bias) = (inputs, outputs, weights, bias)
  }

  /// A layer of a complete model.
  init(_ model: NetworkModel, _ layer: NetworkPlan.Linear) {
    self.init(
      inputs: layer.inputs, outputs: layer.outputs, weights: model.values(layer.weight),
      bias: model.values(layer.bias))
  }

  /// A layer without b of a complete model.
  init(_ model: NetworkModel, _ layer: NetworkPlan.Projection) {
    self.init(
      inputs: layer.inputs, outputs: layer.outputs, weights: model.values(layer.weight),
      bias: Array(repeating: 0, count: layer.outputs))
  }

  /// W by input, then output.
  var transposedWeights: [Double] {
    var columns = [Double](repeating: 0, count: weights.count)
    for output in 0..<outputs {
      for input in 0..<inputs {
        columns[input * outputs + output] = weights[output * inputs + input]
      }
    }
    return columns
  }

  /// x = Wᵀ y: what takes derivatives back through the layer.
  var transposed: AffineMap {
    AffineMap(
      inputs: outputs, outputs: inputs, weights: transposedWeights,
      bias: Array(repeating: 0, count: inputs))
  }

  /// W without b, for some of the inputs.
  func columns(_ range: Range<Int>) -> AffineMap {
    var part: [Double] = []
    part.reserveCapacity(outputs * range.count)
    for output in 0..<outputs {
      part += weights[(output * inputs + range.lowerBound)..<(output * inputs + range.upperBound)]
    }
    return AffineMap(
      inputs: range.count, outputs: outputs, weights: part,
      bias: Array(repeating: 0, count: outputs))
  }

  /// The same with another b.
  func with(bias: [Double]) -> AffineMap {
    AffineMap(inputs: inputs, outputs: outputs, weights: weights, bias: bias)
  }

  /// This map after `first`: W (W₁ x + b₁) + b.
  func after(_ first: AffineMap) -> AffineMap {
    precondition(first.outputs == inputs)
    let product =
      first.inputs == 0
      ? [] : LinearAlgebra.multiply(weights, first.weights, m: outputs, k: inputs, n: first.inputs)
    let shift = LinearAlgebra.multiply(weights, first.bias, m: outputs, k: inputs, n: 1)
    return AffineMap(
      inputs: first.inputs, outputs: outputs, weights: product,
      bias: zip(shift, bias).map { $0 + $1 })
  }

  /// This map followed by a batch normalisation of a complete model, in its evaluation form.
  func normalized(
    by normalization: NetworkPlan.BatchNormalization, of model: NetworkModel
  ) -> AffineMap {
    let gain = model.values(normalization.affine.gain)
    let shift = model.values(normalization.affine.shift)
    let mean = model.values(normalization.mean)
    let variance = model.values(normalization.variance)
    var result = self
    for output in 0..<outputs {
      let scale = gain[output] / (variance[output] + 1e-5).squareRoot()
      for k in output * inputs..<(output + 1) * inputs { result.weights[k] *= scale }
      result.bias[output] = (bias[output] - mean[output]) * scale + shift[output]
    }
    return result
  }

  /// The map on x with one more component, whose factor is b: for sums of vectors, of which that
  /// component counts how much b is in them.
  func withBiasAsInput() -> AffineMap {
    var all: [Double] = []
    all.reserveCapacity(outputs * (inputs + 1))
    for output in 0..<outputs {
      all += weights[output * inputs..<(output + 1) * inputs]
      all.append(bias[output])
    }
    return AffineMap(
      inputs: inputs + 1, outputs: outputs, weights: all,
      bias: Array(repeating: 0, count: outputs))
  }

  /// Packed for evaluation; a bias of zeros is left out.
  ///
  /// A map of nothing becomes one of a single number that does not matter.
  func layer(_ activation: DenseActivation = .identity) -> DenseLayer {
    guard inputs > 0 else {
      let one = AffineMap(
        inputs: 1, outputs: outputs, weights: Array(repeating: 0, count: outputs), bias: bias)
      return one.layer(activation)
    }
    return DenseLayer(
      inputs: inputs, outputs: outputs, weights: weights,
      bias: bias.allSatisfy { $0 == 0 } ? nil : bias, activation: activation)
  }
}

extension NetworkModel {
  /// The numbers of a tensor that `requireComplete` has made sure is there.
  func values(_ specification: TensorSpecification) -> [Double] {
    guard let tensor = tensors[specification.name] else {
      preconditionFailure("the model was not checked: it has no \(specification.name)")
    }
    return tensor.values.map(Double.init)
  }
}

extension Activation {
  /// The kernel of this function.
  package var kernel: DenseActivation {
    switch self {
    case .relu: .relu
    case .leakyRelu: .leakyRelu
    case .softplus: .softplus
    case .leakySoftplus: .leakySoftplus
    case .elu: .elu
    case .leakyElu: .leakyElu
    case .shiftedSoftplus: .shiftedSoftplus
    case .leakyShiftedSoftplus: .leakyShiftedSoftplus
    case .tanh: .tanh
    case .leakyTanh: .leakyTanh
    case .swish: .swish
    }
  }
}
