// SPDX-License-Identifier: MIT

import RelaxNumerics

/// SchNet's filters at knots, from which those of all edges are interpolated: a filter is a function of one
/// distance, and there are many more edges than knots.
///
/// Interpolation by eight knots is linear in what stands at them, so derivatives by it are exact for what was
/// computed, and the filter's layers are run in reverse once a step, at the knots. The knots are so near
/// each other that halfway between them no filter is off by more than `tolerance` of its block's largest, as
/// far as single precision shows.
struct KnotTable {
  /// One block's.
  struct Filter: Sendable {
    /// W, a row a knot.
    let knots: FloatMatrix
    /// Number of the sums of derivatives by it.
    let gradient: Int
  }

  let spacing: Double
  let filters: [Filter]

  private static let tolerance = 4e-6
  private static let most = 16_384
  private static let order = KnotPoints.order
  private static let groups = RowMixture.Groups(sizes: [order])

  init(
    _ plan: SchNetPlan, _ coarsest: KnotPoints, _ collector: GradientCollector,
    _ kernels: KernelSet
  ) {
    let layers = plan.blocks.map { Layers($0, plan.activation.kernel, collector, kernels) }
    var points = coarsest
    while true {
      let isFine = layers.allSatisfy { layer in
        layer.evaluate(points)
        return points.count > Self.most || layer.error(points) <= Self.tolerance
      }
      if isFine { break }
      points = points.twiceAsMany
    }
    spacing = points.spacing
    filters = layers.map { $0.filter(collector) }
  }

  // MARK: - At the knots

  /// The layers of one block's filter.
  private final class Layers {
    private let first: NetworkPlan.Linear
    private let second: NetworkPlan.Linear
    private let inner: DenseLayer
    private let outer: DenseLayer
    private let outerBack: DenseLayer
    private let activation: DenseActivation
    private let kernels: KernelSet
    private var points: KnotPoints?
    private var before = FloatMatrix(rows: 0, columns: 1)
    private var hidden = FloatMatrix(rows: 0, columns: 1)
    private var knots = FloatMatrix(rows: 0, columns: 1)

    init(
      _ block: SchNetPlan.Block, _ activation: DenseActivation, _ collector: GradientCollector,
      _ kernels: KernelSet
    ) {
      (first, second, self.kernels) = (block.filter[0], block.filter[1], kernels)
      func rectangle(_ linear: NetworkPlan.Linear) -> FloatRectangle {
        collector.rectangle(
          linear.weight, rows: linear.outputs, columns: 0..<linear.inputs, of: linear.inputs)
      }
      func bias(_ linear: NetworkPlan.Linear) -> FloatMatrix {
        collector.matrix(linear.bias, rows: 1, columns: linear.outputs)
      }
      inner = DenseLayer(rectangle(first), bias: bias(first))
      outer = DenseLayer(rectangle(second), bias: bias(second))
      outerBack = DenseLayer(rectangle(second), isTransposed: true)
      self.activation = activation
    }

    func evaluate(_ points: KnotPoints) {
      self.points = points
      (before, hidden, knots) = run(points.gaussians, points.cutoffs)
    }

    private func run(
      _ gaussians: FloatMatrix, _ cutoffs: AlignedBuffer<Float>
    ) -> (FloatMatrix, FloatMatrix, FloatMatrix) {
      let rows = gaussians.rows
      let before = FloatMatrix(rows: rows, columns: first.outputs)
      let hidden = FloatMatrix(rows: rows, columns: first.outputs)
      let result = FloatMatrix(rows: rows, columns: second.outputs)
      inner.apply(rows, to: .init(gaussians), .store(.init(before)), kernels: kernels)
      activation.apply(rows, to: before, into: hidden, kernels: kernels)
      outer.apply(
        rows, to: .init(hidden), scale: cutoffs, .store(.init(result)), kernels: kernels)
      return (before, hidden, result)
    }

    /// How far filters halfway between knots are off, in units of the largest.
    func error(_ points: KnotPoints) -> Double {
      let exact = run(points.betweenGaussians, points.betweenCutoffs).2
      let weights = KnotPoints.weights(0.5).values
      var (largest, worst) = (0.0, 0.0)
      for (row, knot) in points.between.enumerated() {
        for column in 0..<exact.columns {
          var sum = 0.0
          for k in 0..<KnotTable.order { sum += weights[k] * Double(knots[knot + k, column]) }
          largest = max(largest, abs(sum))
          worst = max(worst, abs(sum - Double(exact[row, column])))
        }
      }
      return largest > 0 ? worst / largest : 0
    }

    func filter(_ collector: GradientCollector) -> Filter {
      guard let points else { preconditionFailure("filters that were not evaluated") }
      let (first, second, kernels) = (self.first, self.second, self.kernels)
      let places = [first, second].map {
        (weight: collector.place($0.weight), bias: collector.place($0.bias))
      }
      let gradient = collector.reserve(rows: knots.rows, columns: knots.columns) {
        [before, hidden, outerBack, activation] sums, gradient in
        let d = FloatMatrix(rows: sums.rows, columns: sums.columns)
        RowCombination(.init(sums), scale: points.cutoffs).apply(
          sums.rows, columns: sums.columns, .store(.init(d)), kernels: kernels)
        func add(_ d: FloatMatrix, _ x: FloatMatrix, _ place: (weight: Int, bias: Int)) {
          let weights = FloatMatrix(rows: d.columns, columns: x.columns)
          weights.addOuterProducts(d.rows, .init(d), .init(x), kernels: kernels)
          weights.add(to: &gradient, at: place.weight, step: x.columns)
          let bias = FloatMatrix(rows: 1, columns: d.columns)
          for row in 0..<d.rows { bias.add(row: 0, d, row: row) }
          bias.add(to: &gradient, at: place.bias, step: d.columns)
        }
        add(d, hidden, places[1])
        let inner = FloatMatrix(rows: d.rows, columns: second.inputs)
        outerBack.apply(d.rows, to: .init(d), .store(.init(inner)), kernels: kernels)
        activation.differentiate(d.rows, at: before, inner, kernels: kernels)
        add(inner, points.gaussians, places[0])
      }
      return Filter(knots: knots, gradient: gradient)
    }
  }

  // MARK: - Between them

  /// Where the edges of a batch are among the knots.
  struct Places {
    let first: AlignedBuffer<Int32>
    /// What the knots are multiplied by, for values and for slopes: a row an edge.
    let values: FloatMatrix
    let slopes: FloatMatrix

    /// Mixtures of `rows` for edges from `edge` on.
    func mixture(_ weights: FloatMatrix, of rows: FloatMatrix, _ edge: Int) -> RowMixture {
      RowMixture(
        KnotTable.groups, weights: .init(weights, from: edge), of: rows, first: (first, edge))
    }
  }

  func places(of distances: [Double]) -> Places {
    let knots = (filters.first?.knots.rows ?? Self.order) - Self.order
    let first = AlignedBuffer<Int32>(count: distances.count)
    let values = FloatMatrix(rows: distances.count, columns: Self.order)
    let slopes = FloatMatrix(rows: distances.count, columns: Self.order)
    for (edge, distance) in distances.enumerated() {
      let place = distance / spacing
      let knot = min(Int(place), knots)
      first[edge] = Int32(knot)
      let weights = KnotPoints.weights(place - Double(knot))
      for k in 0..<Self.order {
        values[edge, k] = Float(weights.values[k])
        slopes[edge, k] = Float(weights.slopes[k] / spacing)
      }
    }
    return Places(first: first, values: values, slopes: slopes)
  }
}
