// SPDX-License-Identifier: MIT

import CKernels

/// Nonlinear functions that a dense layer ends with.
public enum DenseActivation: Int32, Sendable, CaseIterable {
  /// x
  case identity
  /// max(x, 0)
  case relu
  /// x, or 0.01 x below zero
  case leakyRelu
  /// ln(1 + eˣ)
  case softplus
  /// ln(1 + eˣ) + min(0.05 x, 0)
  case leakySoftplus
  /// x, or eˣ − 1 below zero
  case elu
  /// ELU + min(0.05 x, 0)
  case leakyElu
  /// ln(1 + eˣ) − ln 2
  case shiftedSoftplus
  /// ln(1 + eˣ) − ln 2 + min(0.05 x, 0)
  case leakyShiftedSoftplus
  /// tanh x
  case tanh
  /// tanh x + 0.05 x
  case leakyTanh
  /// x / (1 + e⁻ˣ)
  case swish
}

/// A linear layer and an activation, y = f(W x + b), its weights packed for the kernels.
///
/// Immutable and shared between threads. Every output is one chain of multiply-adds in ascending order
/// of inputs, so a row's result does not depend on the rows beside it.
public struct DenseLayer: Sendable {
  /// Length of x.
  public let inputs: Int
  /// Length of y.
  public let outputs: Int
  /// f, applied to each of the `outputs` numbers of a row.
  public let activation: DenseActivation
  /// W in panels of 64 outputs: a row an input.
  private let weights: AlignedBuffer<Float>
  /// b, padded; nil for none.
  private let bias: AlignedBuffer<Float>?

  /// Packs a layer.
  ///
  /// - Parameters:
  ///   - inputs: length of x.
  ///   - outputs: length of y.
  ///   - weights: W by output, then input.
  ///   - bias: b, if there is one.
  ///   - activation: f.
  public init(
    inputs: Int, outputs: Int, weights: [Double], bias: [Double]?,
    activation: DenseActivation = .identity
  ) {
    precondition(inputs > 0 && outputs > 0, "a layer from \(inputs) to \(outputs)")
    precondition(weights.count == inputs * outputs, "\(outputs) × \(inputs) weights")
    precondition(bias == nil || bias?.count == outputs, "a bias for \(outputs) outputs")
    (self.inputs, self.outputs, self.activation) = (inputs, outputs, activation)
    let panel = Int(RELAX_PANEL)
    let panels = (outputs + panel - 1) / panel
    let packed = AlignedBuffer<Float>(count: panels * panel * inputs)
    weights.withUnsafeBufferPointer { weights in
      for first in stride(from: 0, to: outputs, by: panel) {
        let destination = packed.base + first * inputs
        for output in first..<min(first + panel, outputs) {
          for input in 0..<inputs {
            destination[input * panel + output - first] = Float(weights[output * inputs + input])
          }
        }
      }
    }
    self.weights = packed
    self.bias = bias.map { bias in
      let padded = AlignedBuffer<Float>(count: FloatMatrix.padded(outputs))
      for (index, value) in bias.enumerated() { padded.base[index] = Float(value) }
      return padded
    }
  }

  /// Packs a layer from single precision.
  ///
  /// - Parameters:
  ///   - matrix: W, a row an output; or, `isTransposed`, a row an input.
  ///   - isTransposed: see `matrix`.
  ///   - columns: how many columns of `matrix` are W, nil for all.
  ///   - bias: b in its first row, if there is one.
  ///   - activation: f.
  public init(
    _ matrix: FloatMatrix, isTransposed: Bool = false, columns: Int? = nil,
    bias: FloatMatrix? = nil, activation: DenseActivation = .identity
  ) {
    let columns = columns ?? matrix.columns
    precondition(columns <= matrix.columns)
    self.init(
      matrix.buffer.base, (matrix.rows, columns), step: matrix.stride, isTransposed, bias,
      activation)
  }

  /// Packs a layer from numbers among others; see `init(_:isTransposed:columns:bias:activation:)`.
  public init(
    _ rectangle: FloatRectangle, isTransposed: Bool = false, bias: FloatMatrix? = nil,
    activation: DenseActivation = .identity
  ) {
    let layer = rectangle.withFirst {
      DenseLayer(
        $0, (rectangle.rows, rectangle.columns), step: rectangle.step, isTransposed, bias,
        activation)
    }
    guard let layer else { preconditionFailure("a layer of no numbers") }
    self = layer
  }

  private init(
    _ numbers: UnsafePointer<Float>, _ size: (rows: Int, columns: Int), step: Int,
    _ isTransposed: Bool, _ bias: FloatMatrix?, _ activation: DenseActivation
  ) {
    precondition(size.rows > 0 && size.columns > 0)
    (inputs, outputs) = isTransposed ? size : (size.columns, size.rows)
    self.activation = activation
    let panel = Int(RELAX_PANEL)
    let packed = AlignedBuffer<Float>(count: (outputs + panel - 1) / panel * panel * inputs)
    let (outputStep, inputStep) = isTransposed ? (1, step) : (step, 1)
    for first in stride(from: 0, to: outputs, by: panel) {
      for input in 0..<inputs {
        let destination = packed.base + (first * inputs + input * panel)
        let source = numbers + (first * outputStep + input * inputStep)
        for k in 0..<min(panel, outputs - first) { destination[k] = source[k * outputStep] }
      }
    }
    weights = packed
    guard let bias else {
      self.bias = nil
      return
    }
    precondition(bias.rows > 0 && bias.columns == outputs, "a bias for \(outputs) outputs")
    let padded = AlignedBuffer<Float>(count: FloatMatrix.padded(outputs))
    padded.copy(0..<outputs, from: bias.buffer)
    self.bias = padded
  }

  /// W x alone, with the same packed weights.
  public var linearPart: DenseLayer {
    DenseLayer(inputs: inputs, outputs: outputs, activation: .identity, weights: weights, bias: nil)
  }

  private init(
    inputs: Int, outputs: Int, activation: DenseActivation, weights: AlignedBuffer<Float>,
    bias: AlignedBuffer<Float>?
  ) {
    (self.inputs, self.outputs, self.activation) = (inputs, outputs, activation)
    (self.weights, self.bias) = (weights, bias)
  }

  /// Rows of a matrix, in their order or as listed.
  public struct Rows: Sendable {
    let matrix: FloatMatrix
    let indices: AlignedBuffer<Int32>?
    let start: Int
    let column: Int

    /// Rows `start`, `start` + 1, … of `matrix`, or, with a list, rows `list[start]`, …; numbers from `column`
    /// on.
    public init(
      _ matrix: FloatMatrix, _ list: AlignedBuffer<Int32>? = nil, from start: Int = 0,
      column: Int = 0
    ) {
      precondition(column % Int(RELAX_LANES) == 0, "column \(column) does not begin a vector")
      (self.matrix, indices, self.start, self.column) = (matrix, list, start, column)
    }

    /// Rows that begin `count` places later.
    public func advanced(by count: Int) -> Rows {
      Rows(matrix, indices, from: start + count, column: column)
    }

    /// Traps if any of `count` rows is not there or narrower than `columns`.
    func requireRows(_ count: Int, columns: Int) {
      precondition(
        column >= 0 && column + columns <= matrix.stride, "\(columns) columns of \(matrix.columns)")
      precondition(start >= 0)
      guard let indices else {
        precondition(start + count <= matrix.rows, "\(start + count) rows of \(matrix.rows)")
        return
      }
      precondition(start + count <= indices.count, "\(start + count) of \(indices.count) in a list")
      let limit = UInt32(matrix.rows)
      var worst: UInt32 = 0
      for k in start..<start + count { worst = max(worst, UInt32(bitPattern: indices.base[k])) }
      precondition(count == 0 || worst < limit, "row \(worst) of \(limit)")
    }

    var view: relax_rows {
      guard let indices else {
        return relax_rows(
          base: matrix.buffer.base + start * matrix.stride + column,
          stride: Int64(matrix.stride), rows: nil)
      }
      return relax_rows(
        base: matrix.buffer.base + column, stride: Int64(matrix.stride),
        rows: indices.base + start)
    }
  }

  /// Rows added to W x + b before the activation.
  public enum Addition: Sendable {
    /// Nothing is added.
    case none
    /// One row for each.
    case rows(Rows)
    /// Two rows for each, such as those of an edge's two atoms.
    case both(Rows, Rows)
  }

  /// What becomes of results.
  public enum Sink: Sendable {
    /// They replace rows.
    case store(Rows)
    /// They are added to rows, in order.
    case add(Rows)

    /// Where they go, and whether they are added.
    var target: (rows: Rows, adds: Bool) {
      switch self {
      case .store(let rows): (rows, false)
      case .add(let rows): (rows, true)
      }
    }

    /// Rows that begin `count` places later.
    public func advanced(by count: Int) -> Sink {
      switch self {
      case .store(let rows): .store(rows.advanced(by: count))
      case .add(let rows): .add(rows.advanced(by: count))
      }
    }
  }

  /// Applies the layer to `count` rows: f(W x + b + added) · factor · scale, stored or added.
  ///
  /// - Parameters:
  ///   - count: rows.
  ///   - x: what it is applied to.
  ///   - addition: rows added before the activation.
  ///   - factor: rows that results are multiplied by, element by element.
  ///   - scale: numbers that rows are multiplied by, the first of them at `scaleStart`.
  ///   - scaleStart: see `scale`.
  ///   - slopes: rows in their order that f′ is stored to.
  ///   - sink: where results go.
  ///   - kernels: which kernels compute.
  /// - Complexity: O(`count` · `inputs` · `outputs`).
  public func apply(
    _ count: Int, to x: Rows, adding addition: Addition = .none, times factor: Rows? = nil,
    scale: AlignedBuffer<Float>? = nil, scaleStart: Int = 0, slopes: Rows? = nil, _ sink: Sink,
    kernels: KernelSet
  ) {
    guard count > 0 else { return }
    var layer = relax_dense_layer()
    layer.weights = UnsafePointer(weights.base)
    (layer.inputs, layer.outputs) = (Int32(inputs), Int32(outputs))
    layer.bias = bias.map { UnsafePointer($0.base) }
    layer.activation = activation.rawValue
    x.requireRows(count, columns: inputs)
    layer.x = x.view
    func view(_ rows: Rows) -> relax_rows {
      rows.requireRows(count, columns: outputs)
      return rows.view
    }
    switch addition {
    case .none: break
    case .rows(let rows): layer.add.0 = view(rows)
    case .both(let first, let second): layer.add = (view(first), view(second))
    }
    if let factor { layer.factor = view(factor) }
    if let scale {
      precondition(scaleStart >= 0 && scaleStart + count <= scale.count)
      layer.scale = UnsafePointer(scale.base + scaleStart)
    }
    if let slopes {
      precondition(slopes.indices == nil, "rows in their order")
      let view = view(slopes)
      (layer.slopes, layer.slopes_stride) = (UnsafeMutablePointer(mutating: view.base), view.stride)
    }
    let (out, adds) = sink.target
    layer.accumulates = adds ? 1 : 0
    let target = view(out)
    layer.out = UnsafeMutablePointer(mutating: target.base)
    (layer.out_stride, layer.out_rows) = (target.stride, target.rows)
    relax_dense(kernels.rawValue, &layer, Int32(count))
  }
}
