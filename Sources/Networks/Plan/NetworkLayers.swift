// SPDX-License-Identifier: MIT

/// The layers that a plan is made of, each with its tensors under their names in the released code.
extension NetworkPlan {
  /// y = W x + b.
  struct Linear: Hashable, Sendable {
    /// Length of x.
    let inputs: Int
    /// Length of y.
    let outputs: Int
    /// W by output, then input.
    let weight: TensorSpecification
    /// b.
    let bias: TensorSpecification

    /// The layer `name`.
    init(_ name: String, _ inputs: Int, _ outputs: Int, _ start: LinearStart) {
      (self.inputs, self.outputs) = (inputs, outputs)
      let (weights, biases): (Initialization, Initialization) =
        switch start {
        case .xavier: (.xavier, .constant(0))
        case .inputs: (.inputs(inputs), .inputs(inputs))
        case .orthogonal: (.orthogonal, .constant(0))
        case .orthogonalWithBias: (.orthogonal, .inputs(inputs))
        }
      weight = TensorSpecification("\(name).weight", [outputs, inputs], .trained(weights))
      bias = TensorSpecification("\(name).bias", [outputs], .trained(biases))
    }
  }

  /// y = W x.
  struct Projection: Hashable, Sendable {
    /// Length of x.
    let inputs: Int
    /// Length of y.
    let outputs: Int
    /// W by output, then input.
    let weight: TensorSpecification

    /// The layer `name`.
    init(_ name: String, _ inputs: Int, _ outputs: Int, _ start: Initialization) {
      (self.inputs, self.outputs) = (inputs, outputs)
      weight = TensorSpecification("\(name).weight", [outputs, inputs], .trained(start))
    }
  }

  /// What a linear layer begins with.
  enum LinearStart {
    /// ``Initialization/xavier``, and a bias of 0.
    case xavier
    /// ``Initialization/inputs(_:)``.
    case inputs
    /// ``Initialization/orthogonal``, and a bias of 0.
    case orthogonal
    /// The same with a bias as of ``Initialization/inputs(_:)``.
    case orthogonalWithBias
  }

  /// Gain and shift of each column, by which a normalisation ends.
  struct Affine: Hashable, Sendable {
    /// Numbers that are normalised, each for itself.
    let width: Int
    let gain: TensorSpecification
    let shift: TensorSpecification

    /// That of the normalisation `name`.
    init(_ name: String, _ width: Int) {
      self.width = width
      gain = TensorSpecification("\(name).weight", [width], .trained(.constant(1)))
      shift = TensorSpecification("\(name).bias", [width], .trained(.constant(0)))
    }
  }

  /// Columns normalised by mean and variance over all rows of a batch; in evaluation by running ones.
  struct BatchNormalization: Hashable, Sendable {
    let affine: Affine
    let mean: TensorSpecification
    let variance: TensorSpecification
    /// How many batches it has seen in training.
    let counter: TensorSpecification

    /// The normalisation `name`.
    init(_ name: String, _ width: Int) {
      affine = Affine(name, width)
      mean = TensorSpecification("\(name).running_mean", [width], .runningMean)
      variance = TensorSpecification("\(name).running_var", [width], .runningVariance)
      counter = TensorSpecification("\(name).num_batches_tracked", [], .counter)
    }
  }

  /// A step of a network that works on each atom by itself, but for statistics.
  enum Stage: Hashable, Sendable {
    case linear(Linear)
    case normalization(BatchNormalization)
    case activation(Activation)
  }
}

extension ForceCentricPlan.EdgeFeatures {
  /// Raw features of an edge: three of direction, if they are there, then distances.
  var rawWidth: Int { (hasDirection ? 3 : 0) + distances }

  /// Width of B; 0 for a basis without any function, as of the odd degrees below 1.
  var width: Int {
    switch functions {
    case .alike(let basis): basis.width(of: rawWidth)
    case .beside(let harmonics, let sines): harmonics.count + sines.count
    case .mixtures(let harmonics, _, let mixing): harmonics.count * mixing.outputs
    case .distances(let harmonics): harmonics.count * distances
    }
  }
}

extension ForceCentricPlan.FeatureBasis {
  /// Functions of `features` raw ones.
  func width(of features: Int) -> Int {
    switch self {
    case .raw: features
    case .sines(let table), .cosines(let table), .gaussians(let table): table.count
    case .trained(let linear, _): linear.outputs
    }
  }
}
