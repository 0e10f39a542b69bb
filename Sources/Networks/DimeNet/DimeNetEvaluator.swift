// SPDX-License-Identifier: MIT

import Forces
import RelaxNumerics
import Structures

/// DimeNet++ at work on one structure: a pass forward over all edges, and one in reverse.
///
/// Each thread takes some of the atoms with the edges to them, a tile of edges at a time through all layers
/// that see one edge only; twice a block they wait for each other. Every sum is made by one thread in an
/// order that the graph alone decides.
final class DimeNetEvaluator: Evaluator {
  private let network: DimeNet
  /// eV, of energies: what depends on elements alone.
  private let shift: Double
  private let isFree: [Bool]
  private let usesShortcuts: Bool
  private let workers: Int
  private let kindOfAtom: [Int32]
  private let kindTargets: FloatMatrix
  private let kindSources: FloatMatrix
  private let harmonics: RealHarmonics
  private let memory: DimeNetMemory
  private let workspaces: [DimeNetWorkspace]
  private let points: TablePoints

  init(_ network: DimeNet, _ structure: Structure, _ options: NetworkProvider.Options) {
    self.network = network
    shift = network.targets.normalization.energyShift(of: structure.elements)
    isFree = structure.freedoms.map { $0 != .fixed }
    usesShortcuts = options.usesShortcuts
    workers = options.workers
    let kinds = ElementKinds(structure)
    kindOfAtom = kinds.ofAtoms
    kindTargets = network.embedding.target.rows(of: kinds.kinds)
    kindSources = network.embedding.source.rows(of: kinds.kinds)
    harmonics = RealHarmonics(degrees: network.plan.degrees)
    memory = network.pool.withLock { $0.popLast() } ?? DimeNetMemory(network)
    workspaces = (0..<workers).map { _ in DimeNetWorkspace(network.plan) }
    points = TablePoints(for: network.sines)
  }

  deinit {
    // Big memory is slow to get from the system, a page at a time.
    network.pool.withLock { pool in
      if pool.count < WorkerThreads.mostInComputation { pool.append(memory) }
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
    let directions = zip(graph.vector, graph.distance).map { $0 / $1 }
    let edges = edges(of: graph, directions)
    let passes = DimeNetPasses(
      network: network, memory: memory, edges: edges, kindTargets: kindTargets,
      kindSources: kindSources, kindOfAtom: kindOfAtom, graph: graph, workspaces: workspaces)
    let energy = try passes.run(cancellation)
    let targets = network.targets
    let turns = memory.harmonicSlopes.map { slopes in
      directions.indices.map { edge in
        harmonics.gradient(at: directions[edge]) {
          Double(slopes.ofSource[edge, $0] + slopes.ofTarget[edge, $0])
        } / graph.distance[edge]
      }
    }
    var evaluation = graph.evaluation(
      slopes: passes.distanceSlopes, turns: turns, scale: targets.normalization.forceScale,
      mean: targets.normalization.forceMean, isFree: wish.isFree, wantsStress: wish.stress,
      cell: geometry.cell, atoms: isFree.count)
    if targets.givesEnergy {
      evaluation.energy = targets.energy(energy, atoms: isFree.count, shift: shift)
    }
    return evaluation
  }

  /// Makes room for the edges, and computes what no layer is needed for.
  private func edges(of graph: EnergyGraph, _ directions: [Vector3]) -> AngularSums.Edges {
    memory.resize(atoms: isFree.count, edges: graph.count)
    points.replace(graph.distance, dividingByMultiplesOf: network.plan.cutoff)
    network.sines.evaluate(
      points, values: memory.sines, slopes: memory.sineSlopes, kernels: network.kernels)
    network.bessels.evaluate(
      points, values: memory.bessels, slopes: memory.besselSlopes, kernels: network.kernels)
    for (edge, direction) in directions.enumerated() {
      harmonics.fill(edge, of: memory.harmonics, at: direction)
    }
    return AngularSums.Edges(
      harmonics: memory.harmonics, radial: memory.bessels, radialSlopes: memory.besselSlopes,
      partners: graph.partners(), byTarget: graph.byTarget, bySource: graph.bySource)
  }
}

/// Memory of one thread for a tile of edges.
final class DimeNetWorkspace: @unchecked Sendable {
  /// Edges of a tile at most.
  let rows: Int
  /// Of D columns each.
  let a: FloatMatrix, b: FloatMatrix, c: FloatMatrix
  /// T.
  let gathered: FloatMatrix
  /// Derivatives by an atom's sums.
  let sums: FloatMatrix
  /// What the last block keeps, of some atoms' edges.
  let received: DimeNetMemory.Received

  init(_ plan: DimeNetPlan) {
    rows = KernelTile.rows(bytesPerRow: 4 * plan.width * MemoryLayout<Float>.size)
    a = FloatMatrix(rows: rows, columns: plan.width)
    b = FloatMatrix(rows: rows, columns: plan.width)
    c = FloatMatrix(rows: rows, columns: plan.width)
    gathered = FloatMatrix(rows: rows, columns: plan.tripletWidth)
    sums = FloatMatrix(rows: plan.degrees * plan.degrees, columns: plan.tripletWidth)
    received = .init(plan.blocks[plan.blocks.count - 1], width: plan.width)
  }

  /// Edges at most for which the last block keeps something, but for atoms that have more.
  var edgesReturned: Int { 4 * rows }
}
