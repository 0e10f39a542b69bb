// SPDX-License-Identifier: MIT

import RelaxNumerics

/// A dense layer of a network in training, with its weights as they are now.
struct TrainedLayer: Sendable {
  let forward: DenseLayer
  let linear: DenseLayer
  let back: DenseLayer
  let activation: DenseActivation
  /// Numbers of the gradients by weights and, if there is one, bias.
  let weights: Int
  let bias: Int?

  var outputs: Int { forward.outputs }

  init(
    _ linear: NetworkPlan.Linear, _ activation: Activation?, columns: Range<Int>? = nil,
    _ collector: GradientCollector
  ) {
    self.init(
      linear.weight, inputs: linear.inputs, outputs: linear.outputs, bias: linear.bias, activation,
      columns: columns ?? 0..<linear.inputs, collector)
  }

  init(
    _ projection: NetworkPlan.Projection, _ activation: Activation?, _ collector: GradientCollector
  ) {
    self.init(
      projection.weight, inputs: projection.inputs, outputs: projection.outputs, bias: nil,
      activation, columns: 0..<projection.inputs, collector)
  }

  private init(
    _ weight: TensorSpecification, inputs: Int, outputs: Int, bias: TensorSpecification?,
    _ activation: Activation?, columns: Range<Int>, _ collector: GradientCollector
  ) {
    let rectangle = collector.rectangle(weight, rows: outputs, columns: columns, of: inputs)
    forward = DenseLayer(
      rectangle, bias: bias.map { collector.matrix($0, rows: 1, columns: outputs) })
    linear = forward.linearPart
    back = DenseLayer(rectangle, isTransposed: true)
    self.activation = activation?.kernel ?? .identity
    weights = collector.reserve(weight, rows: outputs, columns: columns, of: inputs)
    self.bias = bias.map { collector.reserve($0, rows: 1, columns: 0..<outputs, of: outputs) }
  }
}

/// y = f(W x + b + rows of elements), added to `base` if there is one.
final class DenseStep: TwiceDifferentiable {
  private let layer: TrainedLayer
  private let x: Signal
  private let base: Signal?
  private let elements: ElementAddition?
  let y: Signal
  /// f′, and f″, which becomes what ∂E/∂y and the tangent make of it; nil where f is the identity.
  private var slopes: FloatMatrix?
  private var curvatures: FloatMatrix?
  /// ∂E by what f is applied to.
  private var inner: FloatMatrix?

  init(
    _ layer: TrainedLayer, _ x: Signal, adding base: Signal? = nil,
    elements: ElementAddition? = nil, _ sweep: Sweep
  ) {
    (self.layer, self.x, self.base, self.elements) = (layer, x, base, elements)
    y = Signal(sweep.matrix(x.rows, layer.outputs))
    if layer.activation != .identity {
      slopes = sweep.matrix(x.rows, y.columns)
      curvatures = sweep.matrix(x.rows, y.columns)
    }
    sweep.tiles(x.rows, columns: y.columns) { rows in
      let first = rows.lowerBound
      layer.forward.apply(
        rows.count, to: .init(x.value, from: first),
        adding: elements?.addition(from: first) ?? .none, .store(.init(y.value, from: first)),
        kernels: sweep.kernels)
      if let slopes, let curvatures {
        layer.activation.curve(
          rows, of: y.value, values: y.value, slopes: slopes, curvatures: curvatures,
          kernels: sweep.kernels)
      }
      if let base { add(base.value, to: y.value, rows, sweep) }
    }
  }

  func reverse(_ sweep: Sweep) {
    guard let slope = y.slope else { return }
    let inner = slopes == nil && base == nil ? slope : sweep.matrix(y.rows, y.columns)
    self.inner = inner
    let sink = sweep.sink(\.slope, of: x)
    sweep.tiles(x.rows, columns: y.columns) { rows in
      if let slopes, let curvatures {
        multiply(slope, slopes, into: inner, rows, sweep)
        multiply(slope, curvatures, into: curvatures, rows, sweep)
      } else if base != nil {
        sweep.combine(
          rows.count, .init(slope, from: rows.lowerBound), columns: y.columns,
          .store(.init(inner, from: rows.lowerBound)))
      }
      layer.back.apply(
        rows.count, to: .init(inner, from: rows.lowerBound),
        sink.advanced(by: rows.lowerBound), kernels: sweep.kernels)
    }
    hand(slope, \.slope, sweep)
  }

  func tangent(_ sweep: Sweep) {
    guard let along = x.tangent else {
      curvatures = nil
      y.tangent = base?.tangent.map { sweep.copy($0) }
      return
    }
    let tangent = sweep.matrix(y.rows, y.columns)
    sweep.tiles(x.rows, columns: y.columns) { rows in
      let first = rows.lowerBound
      layer.linear.apply(
        rows.count, to: .init(along, from: first), .store(.init(tangent, from: first)),
        kernels: sweep.kernels)
      if let inner {
        sweep.gradients[layer.weights].addOuterProducts(
          rows.count, .init(inner, from: first), .init(along, from: first),
          kernels: sweep.kernels)
      }
      if let slopes, let curvatures {
        multiply(tangent, curvatures, into: curvatures, rows, sweep)
        multiply(tangent, slopes, into: tangent, rows, sweep)
      }
      if let more = base?.tangent { add(more, to: tangent, rows, sweep) }
    }
    y.tangent = tangent
  }

  func reverseTangent(_ sweep: Sweep) {
    guard let slope = y.slopeTangent else { return }
    // In place of f′, which nobody needs any more.
    let inner = slopes ?? slope
    let sink = sweep.sink(\.slopeTangent, of: x)
    sweep.tiles(x.rows, columns: y.columns) { rows in
      let first = rows.lowerBound
      if let slopes {
        multiply(slope, slopes, into: inner, rows, sweep)
        if let curvatures { add(curvatures, to: inner, rows, sweep) }
      }
      sweep.gradients[layer.weights].addOuterProducts(
        rows.count, .init(inner, from: first), .init(x.value, from: first),
        kernels: sweep.kernels)
      if let bias = layer.bias {
        sweep.combine(
          rows.count, .init(inner, from: first), columns: y.columns,
          .add(.init(sweep.gradients[bias], sweep.zeros(rows.count))))
      }
      elements?.add(inner, rows, sweep)
      layer.back.apply(
        rows.count, to: .init(inner, from: first), sink.advanced(by: first),
        kernels: sweep.kernels)
    }
    hand(slope, \.slopeTangent, sweep)
  }

  private func multiply(
    _ a: FloatMatrix, _ b: FloatMatrix, into out: FloatMatrix, _ rows: Range<Int>, _ sweep: Sweep
  ) {
    let first = rows.lowerBound
    sweep.combine(
      rows.count, .init(a, from: first), .init(b, from: first), columns: y.columns,
      .store(.init(out, from: first)))
  }

  private func add(
    _ a: FloatMatrix, to sums: FloatMatrix, _ rows: Range<Int>, _ sweep: Sweep
  ) {
    let first = rows.lowerBound
    sweep.combine(
      rows.count, .init(a, from: first), columns: y.columns, .add(.init(sums, from: first)))
  }

  /// What comes back by y comes to what it was added to as it is.
  private func hand(
    _ slope: FloatMatrix, _ part: ReferenceWritableKeyPath<Signal, FloatMatrix?>, _ sweep: Sweep
  ) {
    guard let base else { return }
    if base[keyPath: part] == nil {
      base[keyPath: part] = slope
    } else {
      sweep.combine(y.rows, .init(slope), columns: y.columns, sweep.sink(part, of: base))
    }
  }
}
