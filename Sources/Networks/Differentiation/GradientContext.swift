// SPDX-License-Identifier: MIT

import RelaxNumerics

/// Parameters and derivatives of one step, and who computes them.
///
/// Layers are packed straight from the parameters, and derivatives are added where they are wanted:
/// neither is copied.
final class GradientContext: @unchecked Sendable {
  let threads: Int
  let kernels: KernelSet
  /// All trained numbers, tensor after tensor.
  let values: [Float]
  /// The loss' derivative by each of them; empty but for a pass in reverse.
  var gradient: [Float] = []
  /// Running means and variances.
  private(set) var statistics: [Float]

  /// Share of a batch's statistics in the running ones.
  private let momentum: Float
  private let places: ParameterPlaces

  init(
    _ parameters: Parameters, _ places: ParameterPlaces, momentum: Float, threads: Int,
    kernels: KernelSet
  ) {
    (self.places, self.momentum, self.threads, self.kernels) = (places, momentum, threads, kernels)
    (values, statistics) = (parameters.values, parameters.statisticValues)
  }

  /// Where a tensor's numbers begin.
  func place(_ tensor: TensorSpecification) -> Int { places[tensor].lowerBound }

  /// A tensor's numbers.
  func numbers(_ tensor: TensorSpecification) -> [Float] { Array(values[places[tensor]]) }

  /// A tensor as a row.
  func row(_ tensor: TensorSpecification) -> FloatMatrix { row(tensor, 0, tensor.count) }

  /// Row `number` of a table of rows of `width` numbers.
  func row(_ table: TensorSpecification, _ number: Int, _ width: Int) -> FloatMatrix {
    FloatMatrix(
      FloatRectangle(
        rows: 1, columns: width, of: values, at: place(table) + number * width, step: width))
  }

  /// W of a layer.
  func weights(_ linear: NetworkPlan.Linear) -> FloatRectangle {
    weights(linear, columns: 0..<linear.inputs)
  }

  /// Some columns of W.
  func weights(_ linear: NetworkPlan.Linear, columns: Range<Int>) -> FloatRectangle {
    FloatRectangle(
      rows: linear.outputs, columns: columns.count, of: values,
      at: place(linear.weight) + columns.lowerBound, step: linear.inputs)
  }

  /// `linear` with its weights as they are now, ready to be applied.
  func layer(_ linear: NetworkPlan.Linear) -> DenseLayer {
    DenseLayer(weights(linear), bias: row(linear.bias))
  }

  /// A layer's weights in a matrix with its bias for one more column, and at least `columns` before it.
  func augmented(_ linear: NetworkPlan.Linear, columns: Int = 0) -> FloatMatrix {
    let width = max(linear.inputs, columns)
    let matrix = FloatMatrix(rows: linear.outputs, columns: width + 1)
    matrix.fill(weights(linear))
    matrix.fill(column: width, from: values, at: place(linear.bias))
    return matrix
  }

  /// A layer's results for all rows of `x`.
  func apply(_ layer: DenseLayer, to x: FloatMatrix) -> FloatMatrix {
    let out = FloatMatrix(rows: x.rows, columns: layer.outputs)
    apply(layer, to: x, .store(.init(out)))
    return out
  }

  /// Applies a layer to all rows of `x`; `sink` must not have a list.
  func apply(_ layer: DenseLayer, to x: FloatMatrix, _ sink: DenseLayer.Sink) {
    let kernels = self.kernels
    inParallel(threads, over: x.rows) { part in
      layer.apply(
        part.count, to: .init(x, from: part.lowerBound), sink.advanced(by: part.lowerBound),
        kernels: kernels)
    }
  }

  /// Σ_r y_r x_rᵀ.
  func outerProducts(_ y: FloatMatrix, _ x: FloatMatrix) -> FloatMatrix {
    let sums = FloatMatrix(rows: y.columns, columns: x.columns)
    let kernels = self.kernels
    inParallel(threads, over: y.columns) { part in
      sums.addOuterProducts(x.rows, .init(y), .init(x), outputs: part, kernels: kernels)
    }
    return sums
  }

  /// The sum of all rows, as a row.
  func sum(_ x: FloatMatrix) -> FloatMatrix {
    let sum = FloatMatrix(rows: 1, columns: x.columns)
    for row in 0..<x.rows { sum.add(row: 0, x, row: row) }
    return sum
  }

  /// Adds the derivatives by some columns of a layer's weights, from those by its results, and returns
  /// the ones by its inputs.
  func reverse(
    _ linear: NetworkPlan.Linear, columns: Range<Int>, _ d: FloatMatrix, at x: FloatMatrix
  ) -> FloatMatrix {
    outerProducts(d, x).add(
      to: &gradient, at: place(linear.weight) + columns.lowerBound, step: linear.inputs)
    return apply(DenseLayer(weights(linear, columns: columns), isTransposed: true), to: d)
  }

  /// Adds the derivatives by all of a layer's weights.
  func reverseWeights(_ linear: NetworkPlan.Linear, _ d: FloatMatrix, at x: FloatMatrix) {
    outerProducts(d, x).add(to: &gradient, at: place(linear.weight), step: linear.inputs)
  }

  /// Adds the derivatives by a layer's bias.
  func addBias(_ linear: NetworkPlan.Linear, _ d: FloatMatrix) {
    sum(d).add(to: &gradient, at: place(linear.bias), step: linear.outputs)
  }

  /// Adds derivatives by some of a tensor's numbers from `start` on.
  func add(_ d: FloatMatrix, to tensor: TensorSpecification, from start: Int = 0) {
    d.add(to: &gradient, at: place(tensor) + start, step: d.columns)
  }

  /// The statistics of all rows of `x`, with which the running ones are moved on.
  func normalize(
    _ x: FloatMatrix, _ stage: NetworkPlan.BatchNormalization
  ) -> BatchNormalization {
    let normalization = BatchNormalization(
      of: x, gain: numbers(stage.affine.gain), shift: numbers(stage.affine.shift),
      kernels: kernels)
    let rows = Double(normalization.count)
    let (mean, variance) = (place(stage.mean), place(stage.variance))
    for column in 0..<stage.affine.width {
      let unbiased = normalization.variance[column] * rows / (rows - 1)
      move(&statistics[mean + column], towards: normalization.mean[column])
      move(&statistics[variance + column], towards: unbiased)
    }
    return normalization
  }

  private func move(_ statistic: inout Float, towards value: Double) {
    statistic += momentum * (Float(value) - statistic)
  }

  /// Adds derivatives by gain and shift.
  func add(_ gradient: BatchNormalization.Gradient, to affine: NetworkPlan.Affine) {
    let (gain, shift) = (place(affine.gain), place(affine.shift))
    for column in 0..<affine.width {
      self.gradient[gain + column] += Float(gradient.gain[column])
      self.gradient[shift + column] += Float(gradient.shift[column])
    }
  }
}
