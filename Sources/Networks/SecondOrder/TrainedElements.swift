// SPDX-License-Identifier: MIT

import RelaxNumerics

/// Trained rows of elements, the first signal of a network: no tangent, since atoms' elements do not move.
final class EmbeddingStep: TwiceDifferentiable {
  let y: Signal
  private let elements: AlignedBuffer<Int32>
  private let gradient: Int

  /// - Parameters:
  ///   - table: a row an atomic number.
  ///   - gradient: number of the derivatives by it.
  ///   - elements: the atomic number of each row.
  init(
    _ table: FloatMatrix, gradient: Int, _ elements: AlignedBuffer<Int32>, _ sweep: Sweep
  ) {
    (self.elements, self.gradient) = (elements, gradient)
    y = Signal(sweep.matrix(elements.count, table.columns))
    sweep.combine(
      y.rows, .init(table, elements), columns: y.columns, .store(.init(y.value)))
  }

  func reverse(_ sweep: Sweep) {}

  func tangent(_ sweep: Sweep) {}

  func reverseTangent(_ sweep: Sweep) {
    guard let slope = y.slopeTangent else { return }
    sweep.combine(
      y.rows, .init(slope), columns: y.columns,
      .add(.init(sweep.gradients[gradient], elements)))
  }
}

/// What a layer makes of trained rows of elements, as long as they are its only input: a row an atomic
/// number, so that no edge has to be multiplied by it.
struct TrainedElementRows: Sendable {
  let rows: FloatMatrix
  /// Number of the sums of derivatives by `rows`.
  let gradient: Int

  /// `columns` of a layer, applied to the rows of `elements`.
  init(
    _ elements: TensorSpecification, _ layer: NetworkPlan.Linear, columns: Range<Int>,
    _ collector: GradientCollector, _ kernels: KernelSet
  ) {
    let count = elements.shape[0]
    let table = collector.matrix(elements, rows: count, columns: columns.count)
    let weights = collector.rectangle(
      layer.weight, rows: layer.outputs, columns: columns, of: layer.inputs)
    let product = FloatMatrix(rows: count, columns: layer.outputs)
    DenseLayer(weights).apply(
      count, to: .init(table), .store(.init(product)), kernels: kernels)
    rows = product
    let ofElements = collector.place(elements)
    let ofWeights = collector.place(layer.weight) + columns.lowerBound
    let back = DenseLayer(weights, isTransposed: true)
    gradient = collector.reserve(rows: count, columns: layer.outputs) { sums, gradient in
      let byWeights = FloatMatrix(rows: layer.outputs, columns: columns.count)
      byWeights.addOuterProducts(count, .init(sums), .init(table), kernels: kernels)
      byWeights.add(to: &gradient, at: ofWeights, step: layer.inputs)
      let byElements = FloatMatrix(rows: count, columns: columns.count)
      back.apply(count, to: .init(sums), .store(.init(byElements)), kernels: kernels)
      byElements.add(to: &gradient, at: ofElements, step: columns.count)
    }
  }
}

/// Rows of both elements of each edge, added before an activation.
struct ElementAddition {
  let target: TrainedElementRows
  let source: TrainedElementRows
  let batch: EnergyBatch

  /// For edges from `first` on.
  func addition(from first: Int) -> DenseLayer.Addition {
    .both(
      .init(target.rows, batch.targetElement, from: first),
      .init(source.rows, batch.sourceElement, from: first))
  }

  /// Adds derivatives by what they were added to.
  func add(_ d: FloatMatrix, _ edges: Range<Int>, _ sweep: Sweep) {
    let first = edges.lowerBound
    for (rows, list) in [(target, batch.targetElement), (source, batch.sourceElement)] {
      sweep.combine(
        edges.count, .init(d, from: first), columns: d.columns,
        .add(.init(sweep.gradients[rows.gradient], list, from: first)))
    }
  }
}
