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
///
/// h is never formed. It is h of the element plus Σ_k update_k A_k, A_k = ssp(ofSums_k T_k), and all that reads
/// it is linear: updates are folded into what reads them.
struct SchNet: PreparedNetwork {
  let plan: SchNetPlan
  let blocks: [Block]
  /// What the energy is read from, before ssp: its part from elements, and from [A_0 A_1 …].
  let readoutOfElements: ElementRows
  let readout: DenseLayer
  let energy: EnergyLayer
  let targets: EnergyTargets
  let kernels: KernelSet

  /// One round of messages, and what takes derivatives back through it.
  struct Block: Sendable {
    let filter: FunctionTable
    /// v: its part from elements, and from [A_0 … A_(b−1)], nil for the first block.
    let valueOfElements: ElementRows
    let value: DenseLayer?
    /// From T to A.
    let ofSums: DenseLayer
    let ofSumsBack: DenseLayer
    /// The derivative by A from those by [readout, v of the last block, …, v of the next block].
    let back: DenseLayer
  }

  /// Columns that A of one block takes, and v: whole vectors.
  var widthInRows: Int { KernelTile.wholeColumns(plan.width) }
  var filtersInRows: Int { KernelTile.wholeColumns(plan.filters) }
  var readoutInRows: Int { KernelTile.wholeColumns(plan.hidden.outputs) }

  /// Prepares a complete model of this plan.
  init(_ plan: SchNetPlan, of model: NetworkModel, kernels: KernelSet) {
    (self.plan, self.kernels) = (plan, kernels)
    let filters = plan.blocks.map { SchNetFilter($0, plan, of: model, kernels: kernels) }
    let width = plan.cutoff / Double(max(1, plan.centers.count - 1))
    let finest = max(width / 32, plan.cutoff / 16_384)
    // All blocks have the same knots, so that places in tables are looked up once an edge.
    let spacing =
      filters.map { filter in
        FunctionTable.spacing(
          count: plan.filters, upTo: plan.cutoff, coarsest: width / 2, finest: finest,
          tolerance: FunctionTable.singlePrecision, jets: filter.jets)
      }.min() ?? width
    let reads = SchNetReads(plan, of: model, kernels: kernels)
    let activation = plan.activation.kernel
    blocks = plan.blocks.indices.map { number in
      let ofSums = AffineMap(model, plan.blocks[number].ofSums)
      return Block(
        filter: FunctionTable(
          count: plan.filters, upTo: plan.cutoff, spacing: spacing, jets: filters[number].jets),
        valueOfElements: reads.ofElements(number), value: reads.forward(number),
        ofSums: ofSums.layer(activation), ofSumsBack: ofSums.transposed.layer(),
        back: reads.back(number))
    }
    readoutOfElements = reads.ofElements(plan.blocks.count)
    guard let readout = reads.forward(plan.blocks.count, activation) else {
      preconditionFailure("a network without blocks")
    }
    self.readout = readout
    let energy = AffineMap(model, plan.energy)
    self.energy = EnergyLayer(energy.weights, bias: energy.bias[0])
    targets = EnergyTargets(model, isMean: plan.readout == .mean)
  }

  var quantities: Quantities { targets.quantities }

  var isConservative: Bool { targets.isConservative }

  var reach: Double { plan.cutoff }

  var mostNeighbors: Int { plan.maximumNeighbors }

  func memory(for structure: Structure, neighbors: Double) -> Double {
    let (d, f) = (Double(plan.width), Double(plan.filters))
    let blocks = Double(plan.blocks.count)
    let edge = 250 * neighbors
    return Double(structure.count) * (4 * ((3 + 2 * blocks) * d + (4 + 2 * blocks) * f) + edge)
  }

  func makeEvaluator(
    for structure: Structure, _ options: NetworkProvider.Options
  ) -> any Evaluator {
    SchNetEvaluator(self, structure, options)
  }
}
