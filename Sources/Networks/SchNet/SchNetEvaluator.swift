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
  /// eV, of energies: what depends on elements alone.
  private let shift: Double
  private let isFree: [Bool]
  private let usesShortcuts: Bool
  private let workers: Int
  private let kindOfAtom: AlignedBuffer<Int32>
  /// v of each block from elements alone, and what the energy is read from.
  private let ofKinds: [FloatMatrix]
  /// v of each block.
  private let values: [FloatMatrix]
  /// [A_0 A_1 …], and the slope of ssp in each.
  private let sums: FloatMatrix
  private let kept: [FloatMatrix]
  /// What the energy is read from, and the slope of ssp there.
  private let readout: FloatMatrix
  private let keptReadout: FloatMatrix
  /// Derivatives by [readout, v of the last block, …, v of the second block].
  private let derivatives: FloatMatrix
  /// T, and derivatives by v of the first block.
  private let messages: FloatMatrix
  /// Derivatives by T, by turns, since other threads may still read those of the block behind.
  private let slopes: (FloatMatrix, FloatMatrix)
  /// Derivatives by what ssp is applied to.
  private let scratch: FloatMatrix
  private let energies: AlignedBuffer<Double>
  private let zeros: AlignedBuffer<Int32>
  private let points: TablePoints

  init(_ network: SchNet, _ structure: Structure, _ options: NetworkProvider.Options) {
    self.network = network
    shift = network.targets.normalization.energyShift(of: structure.elements)
    isFree = structure.freedoms.map { $0 != .fixed }
    usesShortcuts = options.usesShortcuts
    workers = options.workers
    let (atoms, plan) = (structure.count, network.plan)
    func matrix(_ columns: Int) -> FloatMatrix { FloatMatrix(rows: atoms, columns: columns) }
    let kinds = ElementKinds(structure)
    kindOfAtom = AlignedBuffer(kinds.ofAtoms)
    ofKinds =
      network.blocks.map { $0.valueOfElements.rows(of: kinds.kinds) } + [
        network.readoutOfElements.rows(of: kinds.kinds)
      ]
    values = plan.blocks.map { _ in matrix(plan.filters) }
    kept = plan.blocks.map { _ in matrix(plan.width) }
    sums = matrix(plan.blocks.count * network.widthInRows)
    (readout, keptReadout) = (matrix(plan.hidden.outputs), matrix(plan.hidden.outputs))
    derivatives = matrix(
      network.readoutInRows + (plan.blocks.count - 1) * network.filtersInRows)
    (messages, slopes) = (matrix(plan.filters), (matrix(plan.filters), matrix(plan.filters)))
    scratch = matrix(plan.width)
    energies = AlignedBuffer(count: atoms)
    zeros = AlignedBuffer(count: atoms)
    points = TablePoints(for: network.blocks[0].filter)
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
    points.replace(graph.distance)
    try forward(graph, cancellation)
    let ofDistances = AlignedBuffer<Float>(count: graph.count)
    try reverse(graph, ofDistances, cancellation)
    let targets = network.targets
    var evaluation = graph.evaluation(
      slopes: ofDistances, turns: nil,
      scale: targets.normalization.forceScale * targets.share(atoms: isFree.count),
      mean: targets.normalization.forceMean, isFree: wish.isFree, wantsStress: wish.stress,
      cell: geometry.cell, atoms: isFree.count)
    if targets.givesEnergy {
      evaluation.energy = targets.energy(
        isFree.indices.reduce(0) { $0 + energies[$1] }, atoms: isFree.count, shift: shift)
    }
    return evaluation
  }

  // MARK: - Forward

  private func forward(_ graph: EnergyGraph, _ cancellation: Cancellation) throws(ForceError) {
    energies.clear(0..<isFree.count)
    inParallel(workers, over: isFree.count) { [self] atoms in
      RowCombination(.init(ofKinds[0], kindOfAtom, from: atoms.lowerBound)).apply(
        atoms.count, columns: network.plan.filters, .store(rows(values[0], atoms)),
        kernels: network.kernels)
    }
    for number in network.blocks.indices {
      let filter = FilterSum(network.blocks[number].filter, at: points, graph.byTarget)
      inParallel(workers, over: isFree.count) { [self] atoms in
        filter.apply(atoms, of: values[number], into: messages, kernels: network.kernels)
        network.blocks[number].ofSums.apply(
          atoms.count, to: rows(messages, atoms), slopes: rows(kept[number], atoms),
          .store(rows(sums, atoms, column: number * network.widthInRows)),
          kernels: network.kernels)
        read(atoms, number + 1)
      }
      try cancellation.check()
    }
  }

  /// v of block `number`, or the energies of atoms.
  private func read(_ atoms: Range<Int>, _ number: Int) {
    let ofKinds = DenseLayer.Rows(ofKinds[number], kindOfAtom, from: atoms.lowerBound)
    if number < network.blocks.count {
      network.blocks[number].value?.apply(
        atoms.count, to: rows(sums, atoms), adding: .rows(ofKinds),
        .store(rows(values[number], atoms)), kernels: network.kernels)
      return
    }
    network.readout.apply(
      atoms.count, to: rows(sums, atoms), adding: .rows(ofKinds),
      slopes: rows(keptReadout, atoms), .store(rows(readout, atoms)), kernels: network.kernels)
    network.energy.read(
      atoms, readout, slopes: keptReadout, zeros, to: energies, kernels: network.kernels)
    RowCombination(rows(readout, atoms)).apply(
      atoms.count, columns: readout.columns, .store(rows(derivatives, atoms)),
      kernels: network.kernels)
  }

  // MARK: - In reverse

  private func reverse(
    _ graph: EnergyGraph, _ ofDistances: AlignedBuffer<Float>, _ cancellation: Cancellation
  ) throws(ForceError) {
    let last = network.blocks.count - 1
    inParallel(workers, over: isFree.count) { [self] atoms in takeBack(atoms, last) }
    for number in network.blocks.indices.reversed() {
      let filter = FilterSum(network.blocks[number].filter, at: points, graph.bySource)
      inParallel(workers, over: isFree.count) { [self] atoms in
        let slopes = FilterSum.Slopes(
          own: values[number], wanted: graph.wanted, addedTo: ofDistances)
        guard number > 0 else {
          filter.apply(
            atoms, of: slope(0), slopes: slopes, into: messages, kernels: network.kernels)
          return
        }
        filter.apply(
          atoms, of: slope(number), slopes: slopes, into: derivatives,
          column: network.readoutInRows + (last - number) * network.filtersInRows,
          kernels: network.kernels)
        takeBack(atoms, number - 1)
      }
      try cancellation.check()
    }
  }

  /// The derivative by T of block `number`, from those by all that reads its A.
  private func takeBack(_ atoms: Range<Int>, _ number: Int) {
    let block = network.blocks[number]
    block.back.apply(
      atoms.count, to: rows(derivatives, atoms), times: rows(kept[number], atoms),
      .store(rows(scratch, atoms)), kernels: network.kernels)
    block.ofSumsBack.apply(
      atoms.count, to: rows(scratch, atoms), .store(rows(slope(number), atoms)),
      kernels: network.kernels)
  }

  private func slope(_ number: Int) -> FloatMatrix { number % 2 == 0 ? slopes.0 : slopes.1 }

  private func rows(
    _ matrix: FloatMatrix, _ atoms: Range<Int>, column: Int = 0
  ) -> DenseLayer.Rows {
    DenseLayer.Rows(matrix, from: atoms.lowerBound, column: column)
  }
}
