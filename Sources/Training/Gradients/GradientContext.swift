// SPDX-License-Identifier: MIT

import RelaxNumerics

/// Parameters and derivatives of one step, and who computes them.
final class GradientContext: @unchecked Sendable {
  let threads: Int
  let kernels: KernelSet
  /// Trained numbers.
  let values: AlignedBuffer<Float>
  /// The loss' derivative by each of them.
  let gradient: AlignedBuffer<Float>
  /// Running means and variances.
  var statistics: [Float]

  /// Share of a batch's statistics in the running ones.
  let momentum: Float

  init(_ parameters: Parameters, momentum: Float = 0.1, threads: Int, kernels: KernelSet) {
    (self.momentum, self.threads, self.kernels) = (momentum, threads, kernels)
    values = AlignedBuffer(parameters.values)
    gradient = AlignedBuffer(count: parameters.values.count)
    statistics = parameters.statisticValues
  }

  /// The vector of `count` numbers at a place, as a row.
  func row(_ start: Int, _ count: Int) -> FloatMatrix {
    FloatMatrix(rows: 1, columns: count, from: values, at: start, step: count)
  }

  /// W of a layer.
  func weights(_ linear: GradientPlan.Linear) -> FloatMatrix {
    weights(linear, columns: 0..<linear.inputs)
  }

  /// Some columns of W.
  func weights(_ linear: GradientPlan.Linear, columns: Range<Int>) -> FloatMatrix {
    FloatMatrix(
      rows: linear.outputs, columns: columns.count, from: values,
      at: linear.weight + columns.lowerBound, step: linear.inputs)
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
    _ linear: GradientPlan.Linear, columns: Range<Int>, _ d: FloatMatrix, at x: FloatMatrix
  ) -> FloatMatrix {
    outerProducts(d, x).add(
      to: gradient, at: linear.weight + columns.lowerBound, step: linear.inputs)
    return apply(DenseLayer(weights(linear, columns: columns), isTransposed: true), to: d)
  }

  /// Adds the derivatives by all of a layer's weights.
  func reverseWeights(_ linear: GradientPlan.Linear, _ d: FloatMatrix, at x: FloatMatrix) {
    outerProducts(d, x).add(to: gradient, at: linear.weight, step: linear.inputs)
  }

  /// Adds the derivatives by a layer's bias.
  func addBias(_ linear: GradientPlan.Linear, _ d: FloatMatrix) {
    sum(d).add(to: gradient, at: linear.bias, step: linear.outputs)
  }

  /// The statistics of all rows of `x`, with which the running ones are moved on.
  func normalize(_ x: FloatMatrix, _ stage: GradientPlan.Normalization) -> BatchNormalization {
    let affine = stage.affine
    let normalization = BatchNormalization(
      of: x, gain: (0..<affine.width).map { values[affine.gain + $0] },
      shift: (0..<affine.width).map { values[affine.shift + $0] }, kernels: kernels)
    let rows = Double(normalization.count)
    for column in 0..<affine.width {
      let unbiased = normalization.variance[column] * rows / (rows - 1)
      move(&statistics[stage.mean + column], towards: normalization.mean[column])
      move(&statistics[stage.variance + column], towards: unbiased)
    }
    return normalization
  }

  private func move(_ statistic: inout Float, towards value: Double) {
    statistic += momentum * (Float(value) - statistic)
  }

  /// Adds derivatives by gain and shift.
  func add(_ gradient: BatchNormalization.Gradient, to affine: GradientPlan.Affine) {
    for column in 0..<affine.width {
      self.gradient[affine.gain + column] += Float(gradient.gain[column])
      self.gradient[affine.shift + column] += Float(gradient.shift[column])
    }
  }
}
