// SPDX-License-Identifier: MIT

import RelaxNumerics

/// DimeNet++'s sines of distances in training, whose frequencies are trained.
final class RadialStep: TwiceDifferentiable {
  let y: Signal
  private let batch: EnergyBatch
  private let gradient: Int
  /// By the distance, by the frequency, and by both.
  private let slopes: FloatMatrix
  private let byFrequency: FloatMatrix
  private let slopesByFrequency: FloatMatrix

  init(
    _ functions: RadialFunctions, gradient: Int, _ batch: EnergyBatch, _ sweep: Sweep
  ) {
    (self.batch, self.gradient) = (batch, gradient)
    let count = functions.frequencies.count
    func matrix() -> FloatMatrix { sweep.matrix(batch.edges, count) }
    (slopes, byFrequency, slopesByFrequency) = (matrix(), matrix(), matrix())
    y = Signal(matrix())
    for (edge, distance) in batch.distance.enumerated() {
      for (n, jet) in functions.trainedSines(distance).enumerated() {
        y.value[edge, n] = Float(jet.value)
        slopes[edge, n] = Float(jet.slope)
        byFrequency[edge, n] = Float(jet.byFrequency)
        slopesByFrequency[edge, n] = Float(jet.slopeByFrequency)
      }
    }
  }

  func reverse(_ sweep: Sweep) {
    guard let slope = y.slope else { return }
    DenseLayer.Rows(slope).addProducts(
      with: .init(slopes), to: 0..<batch.edges, of: batch.distanceSlopes, kernels: sweep.kernels)
  }

  func tangent(_ sweep: Sweep) {
    let tangent = sweep.matrix(y.rows, y.columns)
    sweep.combine(
      y.rows, .init(slopes), scale: batch.distanceTangents, columns: y.columns,
      .store(.init(tangent)))
    y.tangent = tangent
  }

  func reverseTangent(_ sweep: Sweep) {
    guard let slope = y.slope, let slopeTangent = y.slopeTangent else { return }
    let sums = DenseLayer.Sink.add(.init(sweep.gradients[gradient], sweep.zeros(y.rows)))
    sweep.combine(y.rows, .init(slopeTangent), .init(byFrequency), columns: y.columns, sums)
    sweep.combine(
      y.rows, .init(slope), .init(slopesByFrequency), scale: batch.distanceTangents,
      columns: y.columns, sums)
  }
}
