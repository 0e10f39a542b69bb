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
  var inputs: Int { forward.inputs }

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
  private let elements: ElementRowsStep?
  let y: Signal
  /// f′, and f″, which becomes what ∂E/∂y and the tangent make of it; nil where f is the identity.
  private var slopes: FloatMatrix?
  private var curvatures: FloatMatrix?
  /// ∂E by what f is applied to.
  private var inner: FloatMatrix?

  init(
    _ layer: TrainedLayer, _ x: Signal, adding base: Signal? = nil,
    elements: ElementRowsStep? = nil, _ sweep: Sweep
  ) {
    (self.layer, self.x, self.base, self.elements) = (layer, x, base, elements)
    y = Signal(sweep.matrix(x.rows, layer.outputs))
    layer.forward.apply(
      x.rows, to: .init(x.value), adding: elements?.addition ?? .none, .store(.init(y.value)),
      kernels: sweep.kernels)
    if layer.activation != .identity {
      let (slopes, curvatures) = (sweep.matrix(x.rows, y.columns), sweep.matrix(x.rows, y.columns))
      layer.activation.curve(
        y.value, values: y.value, slopes: slopes, curvatures: curvatures, kernels: sweep.kernels)
      (self.slopes, self.curvatures) = (slopes, curvatures)
    }
    if let base {
      sweep.combine(
        y.rows, .init(base.value), columns: y.columns, .add(.init(y.value)))
    }
  }

  func reverse(_ sweep: Sweep) {
    guard let slope = y.slope else { return }
    if let slopes, let curvatures {
      let inner = sweep.matrix(y.rows, y.columns)
      sweep.combine(
        y.rows, .init(slope), .init(slopes), columns: y.columns, .store(.init(inner)))
      sweep.combine(
        y.rows, .init(slope), .init(curvatures), columns: y.columns, .store(.init(curvatures)))
      self.inner = inner
    } else {
      inner = base == nil ? slope : sweep.copy(slope)
    }
    if let inner {
      layer.back.apply(
        x.rows, to: .init(inner), sweep.sink(\.slope, of: x), kernels: sweep.kernels)
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
    layer.linear.apply(
      x.rows, to: .init(along), .store(.init(tangent)), kernels: sweep.kernels)
    if let inner {
      sweep.gradients[layer.weights].addOuterProducts(
        x.rows, .init(inner), .init(along), kernels: sweep.kernels)
    }
    if let slopes, let curvatures {
      sweep.combine(
        y.rows, .init(curvatures), .init(tangent), columns: y.columns, .store(.init(curvatures)))
      sweep.combine(
        y.rows, .init(tangent), .init(slopes), columns: y.columns, .store(.init(tangent)))
    }
    if let more = base?.tangent {
      sweep.combine(y.rows, .init(more), columns: y.columns, .add(.init(tangent)))
    }
    y.tangent = tangent
  }

  func reverseTangent(_ sweep: Sweep) {
    guard let slope = y.slopeTangent else { return }
    var inner = slope
    if let slopes {
      // In place of f′, which nobody needs any more.
      inner = slopes
      sweep.combine(y.rows, .init(slope), .init(slopes), columns: y.columns, .store(.init(inner)))
      if let curvatures {
        sweep.combine(y.rows, .init(curvatures), columns: y.columns, .add(.init(inner)))
      }
    }
    sweep.gradients[layer.weights].addOuterProducts(
      x.rows, .init(inner), .init(x.value), kernels: sweep.kernels)
    if let bias = layer.bias { sweep.addSum(of: inner, to: sweep.gradients[bias]) }
    elements?.add(inner, sweep)
    layer.back.apply(
      x.rows, to: .init(inner), sweep.sink(\.slopeTangent, of: x), kernels: sweep.kernels)
    hand(slope, \.slopeTangent, sweep)
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
