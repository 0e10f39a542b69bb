// SPDX-License-Identifier: MIT

import Files
import RelaxNumerics
import TestSupport
import Testing

@testable import Networks

/// SchNet's filters in training, between the knots that they are computed at, against themselves in double
/// precision.
@Suite("Filters between knots") struct KnotTableTests {
  /// A network like those of trainings, its filters' weights times `scale`.
  private func model(gaussians: Int, scale: Float) throws -> (NetworkModel, SchNetPlan) {
    var c = SchNetConfiguration()
    (c.hiddenChannels, c.filters, c.interactions) = (8, 32, 2)
    (c.gaussians, c.cutoff) = (gaussians, 6)
    var model = try NetworkModel(untrained: .schNet(c), seed: 5)
    for (name, tensor) in model.tensors where name.contains(".mlp.") {
      model.tensors[name] = Tensor(shape: tensor.shape, values: tensor.values.map { scale * $0 })
    }
    try model.requireComplete()
    guard case .schNet(let plan) = c.plan else { preconditionFailure("a SchNet") }
    return (model, plan)
  }

  private func table(
    _ model: NetworkModel, _ plan: SchNetPlan, _ kernels: KernelSet
  ) -> (table: KnotTable, coarsest: KnotPoints) {
    let parameters = Parameters(model)
    let points = KnotPoints(plan, centers: model.values(plan.centers))
    return (
      KnotTable(
        plan, points, GradientCollector(parameters, ParameterPlaces(parameters)), kernels), points
    )
  }

  @Test("Values and slopes", arguments: [(20, 1), (50, 1), (50, 3), (200, 1)] as [(Int, Float)])
  func exactness(gaussians: Int, scale: Float) throws {
    let (model, plan) = try model(gaussians: gaussians, scale: scale)
    let distances = (0..<700).map { 0.3 + 5.7 * Double($0) / 700 }
    try onEveryKernelSet { kernels in
      let (table, points) = table(model, plan, kernels)
      #expect(table.spacing == points.spacing)
      let places = table.places(of: distances)
      for (block, filter) in zip(plan.blocks, table.filters) {
        let exact = SchNetFilter(block, plan, of: model, kernels: kernels).jets(distances)
        for (weights, expected, tolerance) in [
          (places.values, exact.values, 1.5e-6), (places.slopes, exact.slopes, 1.5e-5),
        ] {
          let found = FloatMatrix(rows: distances.count, columns: plan.filters)
          places.mixture(weights, of: filter.knots, 0).mix(
            distances.count, into: found, kernels: kernels)
          let largest = expected.reduce(0) { max($0, abs($1)) }
          let worst = expected.indices.reduce(0.0) {
            max($0, abs(Double(found[$1 / plan.filters, $1 % plan.filters]) - expected[$1]))
          }
          #expect(worst <= tolerance * largest, "\(worst / largest) \(kernels)")
        }
      }
    }
  }

  @Test("Filters that are too sharp for the first knots get more of them")
  func refined() throws {
    let (model, plan) = try model(gaussians: 50, scale: 60)
    let (table, points) = table(model, plan, .preferred)
    #expect(table.spacing < points.spacing)
  }
}
