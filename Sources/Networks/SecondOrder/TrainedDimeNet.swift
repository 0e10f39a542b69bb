// SPDX-License-Identifier: MIT

import RelaxNumerics

/// DimeNet++ at one step of a training: what a ``DimeNetPlan`` says, in its symbols.
struct TrainedDimeNet: TrainedNetwork {
  private let plan: DimeNetPlan
  private let bessels: FunctionTable
  private let functions: RadialFunctions
  private let frequencies: Int
  private let elements: (target: TrainedElementRows, source: TrainedElementRows)
  private let radial: TrainedLayer
  private let mixing: TrainedLayer
  private let outputs: [Output]
  private let blocks: [Block]

  private struct Output {
    let radial: TrainedLayer
    let up: TrainedLayer
    let hidden: [TrainedLayer]
    let energy: TrainedLayer
  }

  private struct Residual {
    let first: TrainedLayer
    let second: TrainedLayer
  }

  private struct Block {
    let radial: (first: TrainedLayer, second: TrainedLayer)
    let angular: AngularStep.Factors
    let sender: TrainedLayer
    let own: TrainedLayer
    let down: TrainedLayer
    let up: TrainedLayer
    let before: [Residual]
    let skip: TrainedLayer
    let after: [Residual]
  }

  /// - Parameter bessels: b without angles, times the distance in units of the cutoff.
  init(
    _ plan: DimeNetPlan, bessels: FunctionTable, _ collector: GradientCollector,
    _ kernels: KernelSet
  ) {
    (self.plan, self.bessels) = (plan, bessels)
    let rows = collector.matrix(plan.frequencies, rows: 1, columns: plan.radials)
    functions = RadialFunctions(
      plan, frequencies: (0..<plan.radials).map { Double(rows[0, $0]) })
    frequencies = collector.reserve(
      plan.frequencies, rows: 1, columns: 0..<plan.radials, of: plan.radials)
    let (d, f) = (plan.width, plan.activation)
    func ofElements(_ columns: Range<Int>) -> TrainedElementRows {
      TrainedElementRows(
        plan.embedding.elements, plan.embedding.mixing, columns: columns, collector, kernels)
    }
    elements = (ofElements(0..<d), ofElements(d..<2 * d))
    radial = TrainedLayer(plan.embedding.radial, f, collector)
    mixing = TrainedLayer(plan.embedding.mixing, f, columns: 2 * d..<3 * d, collector)
    outputs = plan.outputs.map { output in
      Output(
        radial: TrainedLayer(output.radial, nil, collector),
        up: TrainedLayer(output.up, nil, collector),
        hidden: output.hidden.map { TrainedLayer($0, f, collector) },
        energy: TrainedLayer(output.energy, nil, collector))
    }
    func residuals(_ layers: [DimeNetPlan.Residual]) -> [Residual] {
      layers.map {
        Residual(
          first: TrainedLayer($0.first, f, collector),
          second: TrainedLayer($0.second, f, collector))
      }
    }
    blocks = plan.blocks.map { block in
      Block(
        radial: (
          TrainedLayer(block.radial.first, nil, collector),
          TrainedLayer(block.radial.second, nil, collector)
        ),
        angular: .init(block.angular, radials: plan.radials, collector, kernels),
        sender: TrainedLayer(block.sender, f, collector),
        own: TrainedLayer(block.own, f, collector), down: TrainedLayer(block.down, f, collector),
        up: TrainedLayer(block.up, f, collector), before: residuals(block.before),
        skip: TrainedLayer(block.skip, f, collector), after: residuals(block.after))
    }
  }

  func run(_ batch: EnergyBatch, _ sweep: Sweep) -> EnergyRun {
    var list = StepList(sweep)
    let edges = AngularEdges(plan, bessels: bessels, batch, sweep)
    let scratch = AngularStep.Scratch(edges, columns: plan.tripletWidth, sweep)
    let e = list.add(RadialStep(functions, gradient: frequencies, batch, sweep)).y
    var x = list.dense(
      mixing, list.dense(radial, e),
      elements: ElementAddition(target: elements.target, source: elements.source, batch: batch))
    var energies = [energy(outputs[0], x, e, batch, &list)]
    for (block, output) in zip(blocks, outputs.dropFirst()) {
      let own = list.dense(block.own, x)
      let factors = list.dense(block.radial.second, list.dense(block.radial.first, e))
      let sent = list.add(ProductStep(list.dense(block.sender, x), factors, sweep)).y
      let y = list.dense(block.down, sent)
      let sums = list.add(AngularStep(block.angular, edges, y, scratch, sweep)).y
      var h = list.dense(block.up, sums, adding: own)
      for layer in block.before { h = residual(layer, h, &list) }
      x = list.dense(block.skip, h, adding: x)
      for layer in block.after { x = residual(layer, x, &list) }
      energies.append(energy(output, x, e, batch, &list))
    }
    return EnergyRun(steps: list.steps, energies: energies, angular: edges)
  }

  /// h + f(second f(first h)).
  private func residual(_ layer: Residual, _ h: Signal, _ list: inout StepList) -> Signal {
    list.dense(layer.second, list.dense(layer.first, h), adding: h)
  }

  private func energy(
    _ output: Output, _ x: Signal, _ e: Signal, _ batch: EnergyBatch, _ list: inout StepList
  ) -> Signal {
    let factors = list.dense(output.radial, e)
    var y = list.dense(output.up, list.add(GatherStep(factors, x, batch, list.sweep)).y)
    for layer in output.hidden { y = list.dense(layer, y) }
    return list.dense(output.energy, y)
  }
}

extension AngularStep.Factors {
  /// Both projections in one, with √(4π/(2l + 1)) of the addition theorem in the rows of degree l.
  fileprivate init(
    _ factors: DimeNetPlan.Factors, radials: Int, _ collector: GradientCollector,
    _ kernels: KernelSet
  ) {
    let (first, second) = (factors.first, factors.second)
    let inner = collector.matrix(first.weight, rows: first.outputs, columns: first.inputs)
    let outer = collector.matrix(second.weight, rows: second.outputs, columns: second.inputs)
    let norms = (0..<first.inputs).map { Float(AngularSums.norm(degree: $0 / radials)) }
    // Rows by radial function: the first projection's columns, as the second sees them.
    let turned = FloatMatrix(rows: first.inputs, columns: first.outputs)
    for row in 0..<first.inputs {
      for column in 0..<first.outputs { turned[row, column] = norms[row] * inner[column, row] }
    }
    rows = FloatMatrix(rows: first.inputs, columns: second.outputs)
    DenseLayer(outer).apply(
      first.inputs, to: .init(turned), .store(.init(rows)), kernels: kernels)
    let (ofFirst, ofSecond) = (collector.place(first.weight), collector.place(second.weight))
    gradient = collector.reserve(rows: first.inputs, columns: second.outputs) { sums, gradient in
      let byOuter = FloatMatrix(rows: second.outputs, columns: second.inputs)
      byOuter.addOuterProducts(first.inputs, .init(sums), .init(turned), kernels: kernels)
      byOuter.add(to: &gradient, at: ofSecond, step: second.inputs)
      let byTurned = FloatMatrix(rows: first.inputs, columns: first.outputs)
      DenseLayer(outer, isTransposed: true).apply(
        first.inputs, to: .init(sums), .store(.init(byTurned)), kernels: kernels)
      for row in 0..<first.outputs {
        for column in 0..<first.inputs {
          gradient[ofFirst + row * first.inputs + column] += norms[column] * byTurned[column, row]
        }
      }
    }
  }
}
