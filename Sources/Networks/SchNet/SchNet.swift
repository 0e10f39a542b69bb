// SPDX-License-Identifier: MIT

import Forces
import RelaxNumerics
import Structures

/// SchNet prepared for evaluation: what a ``SchNetPlan`` says, in its symbols.
///
/// Filters are functions of one distance, so they are tabulated: an edge costs some multiply-adds a filter.
/// The tables are as fine as it takes for values and slopes of a filter to be off by no more than 2⁻²⁴ of
/// its largest, which is what rounding to single precision does. Forces are exact derivatives of what is
/// tabulated.
struct SchNet: PreparedNetwork {
  let plan: SchNetPlan
  /// D numbers an atomic number.
  let embedding: [Float]
  let blocks: [Block]
  /// From h to `energy`'s input before its activation, and the reverse.
  let hidden: DenseLayer
  let hiddenBack: DenseLayer
  /// W and b of an atom's energy.
  let energy: AffineMap
  let targets: EnergyTargets
  let kernels: KernelSet

  /// One round of messages: layers, and what takes derivatives back through them.
  struct Block: Sendable {
    let filter: FunctionTable
    let value: DenseLayer
    let valueBack: DenseLayer
    let ofSums: DenseLayer
    let ofSumsBack: DenseLayer
    let update: DenseLayer
    let updateBack: DenseLayer
  }

  /// Of its largest, what a value or a slope of a filter may be off by.
  static let tolerance = 0x1p-24

  /// Prepares a complete model of this plan.
  init(_ plan: SchNetPlan, of model: NetworkModel, kernels: KernelSet) {
    (self.plan, self.kernels) = (plan, kernels)
    embedding = model.values(plan.embedding).map { Float($0) }
    let filters = plan.blocks.map { SchNetFilter($0, plan, of: model, kernels: kernels) }
    let width = plan.cutoff / Double(max(1, plan.centers.count - 1))
    let activation = plan.activation.kernel
    // All blocks have the same knots, so that places in tables are looked up once an edge.
    let spacing =
      filters.map { filter in
        FunctionTable.spacing(
          count: plan.filters, upTo: plan.cutoff, coarsest: width / 2, finest: width / 16,
          tolerance: Self.tolerance, jets: filter.jets)
      }.min() ?? width
    blocks = zip(plan.blocks, filters).map { block, filter in
      let value = AffineMap(model, block.value)
      let (ofSums, update) = (AffineMap(model, block.ofSums), AffineMap(model, block.update))
      return Block(
        filter: FunctionTable(
          count: plan.filters, upTo: plan.cutoff, spacing: spacing, jets: filter.jets),
        value: value.layer(), valueBack: value.transposed.layer(), ofSums: ofSums.layer(activation),
        ofSumsBack: ofSums.transposed.layer(), update: update.layer(),
        updateBack: update.transposed.layer())
    }
    let hidden = AffineMap(model, plan.hidden)
    (self.hidden, hiddenBack) = (hidden.layer(activation), hidden.transposed.layer())
    energy = AffineMap(model, plan.energy)
    targets = EnergyTargets(model, isMean: plan.readout == .mean)
  }

  var quantities: Quantities { targets.quantities }

  var isConservative: Bool { targets.isConservative }

  func memory(for structure: Structure) -> Double {
    let (d, f) = (Double(plan.width), Double(plan.filters))
    let blocks = Double(plan.blocks.count)
    let edge = 250 * neighbors(within: plan.cutoff, most: plan.maximumNeighbors)
    return Double(structure.count) * (4 * ((4 + blocks) * d + (4 + blocks) * f) + edge)
  }

  func makeEvaluator(
    for structure: Structure, _ options: NetworkProvider.Options
  ) -> any Evaluator {
    SchNetEvaluator(self, structure, options)
  }
}
