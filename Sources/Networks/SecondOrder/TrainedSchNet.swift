// SPDX-License-Identifier: MIT

import RelaxNumerics

/// SchNet at one step of a training: what a ``SchNetPlan`` says, in its symbols.
struct TrainedSchNet: TrainedNetwork {
  private let embedding: (table: FloatMatrix, gradient: Int)
  private let table: KnotTable
  private let blocks: [Block]
  private let hidden: TrainedLayer
  private let energy: TrainedLayer

  private struct Block {
    let value: TrainedLayer
    let ofSums: TrainedLayer
    let update: TrainedLayer
  }

  init(
    _ plan: SchNetPlan, _ knots: KnotPoints, _ collector: GradientCollector, _ kernels: KernelSet
  ) {
    embedding = (
      collector.matrix(plan.embedding, rows: plan.embedding.shape[0], columns: plan.width),
      collector.reserve(
        plan.embedding, rows: plan.embedding.shape[0], columns: 0..<plan.width, of: plan.width)
    )
    table = KnotTable(plan, knots, collector, kernels)
    blocks = plan.blocks.map { block in
      Block(
        value: TrainedLayer(block.value, nil, collector),
        ofSums: TrainedLayer(block.ofSums, plan.activation, collector),
        update: TrainedLayer(block.update, nil, collector))
    }
    hidden = TrainedLayer(plan.hidden, plan.activation, collector)
    energy = TrainedLayer(plan.energy, nil, collector)
  }

  func run(_ batch: EnergyBatch, _ sweep: Sweep) -> EnergyRun {
    var list = StepList(sweep)
    let places = table.places(of: batch.distance)
    var h = list.add(
      EmbeddingStep(embedding.table, gradient: embedding.gradient, batch.element, sweep)
    ).y
    for (block, filter) in zip(blocks, table.filters) {
      let v = list.dense(block.value, h)
      let sums = list.add(FilterStep(filter, places, batch, v, sweep)).y
      h = list.dense(block.update, list.dense(block.ofSums, sums), adding: h)
    }
    let energies = list.dense(energy, list.dense(hidden, h))
    return EnergyRun(steps: list.steps, energies: [energies])
  }
}
