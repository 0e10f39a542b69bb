// SPDX-License-Identifier: MIT

import Forces
import RelaxNumerics
import Structures

/// SchNet at work on one structure: a pass forward over all atoms, and one in reverse.
///
/// Each thread takes some of the atoms; between blocks they wait for each other. Every sum over edges is
/// made by one thread in the order of the edges, so no bit depends on how many there are. What it holds
/// is sendable in this sense only: threads write disjoint rows.
final class SchNetEvaluator: Evaluator, @unchecked Sendable {
  private let network: SchNet
  private let isFree: [Bool]
  private let usesShortcuts: Bool
  private let workers: Int
  /// h, then dE/dh.
  private let embeddings: FloatMatrix
  /// h before the first block.
  private let initial: FloatMatrix
  /// v of each block.
  private let values: [FloatMatrix]
  /// The slope of each block's activation.
  private let kept: [FloatMatrix]
  /// Likewise of that before the energy, and what it gives.
  private let keptReadout: FloatMatrix
  private let readout: FloatMatrix
  /// T, and derivatives by v.
  private let messages: FloatMatrix
  /// Derivatives by T, by turns, since other threads may still read those of the block before.
  private let slopes: (FloatMatrix, FloatMatrix)
  /// Results of activations, and derivatives by what they are applied to.
  private let scratch: FloatMatrix
  private let points: TablePoints?

  init(_ network: SchNet, _ structure: Structure, _ options: NetworkProvider.Options) {
    self.network = network
    isFree = structure.freedoms.map { $0 != .fixed }
    usesShortcuts = options.usesShortcuts
    workers = max(1, min(options.threads, WorkerThreads.mostInComputation))
    let (atoms, plan) = (structure.count, network.plan)
    func matrix(_ columns: Int) -> FloatMatrix { FloatMatrix(rows: atoms, columns: columns) }
    (embeddings, initial, scratch) = (matrix(plan.width), matrix(plan.width), matrix(plan.width))
    values = plan.blocks.map { _ in matrix(plan.filters) }
    kept = plan.blocks.map { _ in matrix(plan.width) }
    (readout, keptReadout) = (matrix(plan.hidden.outputs), matrix(plan.hidden.outputs))
    (messages, slopes) = (matrix(plan.filters), (matrix(plan.filters), matrix(plan.filters)))
    points = network.blocks.first.map { TablePoints(for: $0.filter) }
    for (atom, element) in structure.elements.enumerated() {
      let first = Int(element.atomicNumber) * plan.width
      for column in 0..<plan.width { initial[atom, column] = network.embedding[first + column] }
    }
  }

  func evaluate(
    _ geometry: Geometry, wanting: Quantities, cancellation: Cancellation
  ) throws(ForceError) -> Evaluation {
    try geometry.requireSound()
    try cancellation.check()
    let wish = EnergyWish(
      wanting, isFree: isFree, usesShortcuts: usesShortcuts, cell: geometry.cell)
    let graph = try EnergyGraph(
      geometry, cutoff: network.plan.cutoff, maximumNeighbors: network.plan.maximumNeighbors,
      isFree: wish.isFree, kernels: network.kernels)
    points?.replace(graph.distance)
    try forward(graph, cancellation)
    let energy = readEnergy()
    let derivatives = AlignedBuffer<Float>(count: graph.count)
    try reverse(graph, derivatives, cancellation)
    let targets = network.targets
    var evaluation = graph.evaluation(
      slopes: derivatives, turns: nil,
      scale: targets.normalization.forceScale * targets.share(atoms: isFree.count),
      mean: targets.normalization.forceMean, isFree: wish.isFree, wantsStress: wish.stress,
      cell: geometry.cell, atoms: isFree.count)
    evaluation.energy = targets.energy(energy, atoms: isFree.count)
    return evaluation
  }

  // MARK: - Passes

  private func filter(_ block: SchNet.Block, _ lists: EdgeLists) -> FilterSum? {
    points.map { FilterSum(block.filter, at: $0, lists) }
  }

  private func forward(_ graph: EnergyGraph, _ cancellation: Cancellation) throws(ForceError) {
    for atom in isFree.indices { embeddings.copy(row: atom, from: initial) }
    inParallel(workers, over: isFree.count) { [self] atoms in sendValues(atoms, of: 0) }
    for (number, block) in network.blocks.enumerated() {
      let filter = filter(block, graph.byTarget)
      inParallel(workers, over: isFree.count) { [self] atoms in
        filter?.apply(atoms, of: values[number], into: messages, kernels: network.kernels)
        block.ofSums.apply(
          atoms.count, to: .init(messages, from: atoms.lowerBound),
          slopes: .init(kept[number], from: atoms.lowerBound),
          .store(.init(scratch, from: atoms.lowerBound)), kernels: network.kernels)
        apply(
          block.update, atoms, scratch, .add(.init(embeddings, from: atoms.lowerBound)))
        sendValues(atoms, of: number + 1)
      }
      try cancellation.check()
    }
  }

  /// v of block `number`, or what the energy is read from, for which derivatives come back at once.
  private func sendValues(_ atoms: Range<Int>, of number: Int) {
    guard number == network.blocks.count else {
      apply(
        network.blocks[number].value, atoms, embeddings,
        .store(.init(values[number], from: atoms.lowerBound)))
      return
    }
    network.hidden.apply(
      atoms.count, to: .init(embeddings, from: atoms.lowerBound),
      slopes: .init(keptReadout, from: atoms.lowerBound),
      .store(.init(readout, from: atoms.lowerBound)), kernels: network.kernels)
  }

  /// The sum of the energies of atoms; the derivatives by what they are read from take their places.
  private func readEnergy() -> Double {
    var sum = 0.0
    for atom in isFree.indices {
      var energy = network.energy.bias[0]
      for (column, weight) in network.energy.weights.enumerated() {
        energy += weight * Double(readout[atom, column])
        readout[atom, column] = Float(weight) * keptReadout[atom, column]
      }
      sum += energy
    }
    return sum
  }

  private func reverse(
    _ graph: EnergyGraph, _ derivatives: AlignedBuffer<Float>, _ cancellation: Cancellation
  ) throws(ForceError) {
    inParallel(workers, over: isFree.count) { [self] atoms in
      apply(
        network.hiddenBack, atoms, readout,
        .store(.init(embeddings, from: atoms.lowerBound)))
      takeBack(atoms, to: network.blocks.count - 1)
    }
    for (number, block) in network.blocks.enumerated().reversed() {
      let filter = filter(block, graph.bySource)
      inParallel(workers, over: isFree.count) { [self] atoms in
        filter?.apply(
          atoms, of: slope(number),
          slopes: .init(own: values[number], wanted: graph.wanted, addedTo: derivatives),
          into: messages, kernels: network.kernels)
        guard number > 0 else { return }
        apply(
          block.valueBack, atoms, messages, .add(.init(embeddings, from: atoms.lowerBound)))
        takeBack(atoms, to: number - 1)
      }
      try cancellation.check()
    }
  }

  /// From dE/dh behind block `number` to the derivative by its T.
  private func takeBack(_ atoms: Range<Int>, to number: Int) {
    guard number >= 0 else { return }
    let block = network.blocks[number]
    block.updateBack.apply(
      atoms.count, to: .init(embeddings, from: atoms.lowerBound),
      times: .init(kept[number], from: atoms.lowerBound),
      .store(.init(scratch, from: atoms.lowerBound)), kernels: network.kernels)
    apply(
      block.ofSumsBack, atoms, scratch, .store(.init(slope(number), from: atoms.lowerBound)))
  }

  private func slope(_ number: Int) -> FloatMatrix { number % 2 == 0 ? slopes.0 : slopes.1 }

  private func apply(
    _ layer: DenseLayer, _ atoms: Range<Int>, _ x: FloatMatrix, _ sink: DenseLayer.Sink
  ) {
    layer.apply(
      atoms.count, to: .init(x, from: atoms.lowerBound), sink, kernels: network.kernels)
  }
}
