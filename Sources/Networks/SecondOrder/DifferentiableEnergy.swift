// SPDX-License-Identifier: MIT

import RelaxNumerics
import Structures

/// A network whose forces are derivatives of an energy, in training: losses of energies and forces, and their
/// derivatives by weights.
///
/// For given derivatives by forces, those by weights are derivatives of a directional derivative of the
/// energy: forward, in reverse for the forces, forward along the direction and in reverse once more, by hand
/// for each layer (``TwiceDifferentiable``). Equal batches, parameters and numbers of threads give equal bits.
package final class DifferentiableEnergy {
  /// From outputs to eV and eV/Å.
  private let targets: EnergyTargets
  private let network: NetworkPlan
  /// The knots that SchNet's filters begin with.
  private let knots: KnotPoints?
  private let bessels: FunctionTable?
  private let cutoff: Double
  private let maximumNeighbors: Int
  /// Edges that one sweep takes at most, for memory, but for a structure that has more.
  private let edgesPerSweep: Int
  private let places: ParameterPlaces
  private let threads: Int
  private let kernels: KernelSet
  /// Kept from step to step, since memory is slow to get.
  private var sweeps: [Sweep] = []

  /// Prepares a complete model; its weights do not count.
  ///
  /// - Returns: nil for a network of another kind.
  package init?(_ model: NetworkModel, threads: Int, kernels: KernelSet) {
    precondition(threads > 0, "\(threads) threads")
    network = model.architecture.plan
    switch network {
    case .forceCentric: return nil
    case .schNet(let plan):
      (cutoff, maximumNeighbors) = (plan.cutoff, plan.maximumNeighbors)
      targets = EnergyTargets(model, isMean: plan.readout == .mean)
      knots = KnotPoints(plan, centers: model.values(plan.centers))
      bessels = nil
      // Nothing but tiles is held of edges.
      edgesPerSweep = 100_000
    case .dimeNet(let plan):
      (cutoff, maximumNeighbors) = (plan.cutoff, plan.maximumNeighbors)
      (targets, knots) = (EnergyTargets(model), nil)
      let functions = RadialFunctions(plan, of: model)
      bessels = functions.besselTable(
        spacing: functions.spacing(plan.degrees * plan.radials, functions.bessels))
      edgesPerSweep = max(1, 400_000 / plan.width)
    }
    (self.threads, self.kernels) = (threads, kernels)
    places = ParameterPlaces(Parameters(model))
  }

  /// Structures as graphs that threads take one after the other.
  package struct Batch {
    fileprivate let parts: [EnergyBatch]
  }

  /// The graphs of a batch; all structures must be of elements that the model knows.
  ///
  /// - Throws: for a structure that lies too densely.
  package func graph(of structures: [Structure]) throws(TooDense) -> Batch {
    var graphs: [NeighborGraph] = []
    for (number, structure) in structures.enumerated() {
      do throws(TooManyNeighbors) {
        graphs.append(
          try NeighborGraph(
            structure, cutoff: cutoff, maximumNeighbors: maximumNeighbors, kernels: kernels))
      } catch {
        throw TooDense(structure: number)
      }
    }
    let total = graphs.reduce(0) { $0 + $1.count }
    let most = min(edgesPerSweep, (total + threads - 1) / threads)
    var parts: [EnergyBatch] = []
    var (first, edges) = (0, 0)
    func close(_ end: Int) {
      guard end > first else { return }
      parts.append(
        EnergyBatch(Array(structures[first..<end]), first: first, Array(graphs[first..<end])))
      (first, edges) = (end, 0)
    }
    for (number, graph) in graphs.enumerated() {
      if edges > 0 && edges + graph.count > most { close(number) }
      edges += graph.count
    }
    close(structures.count)
    return Batch(parts: parts)
  }

  /// What a loss makes of one structure's prediction.
  package struct Judgement: Sendable {
    /// By the energy.
    package var energySlope: Double
    /// By each force; empty if the loss has none.
    package var forceSlopes: [Vector3]

    /// Derivatives of a loss.
    package init(energySlope: Double, forceSlopes: [Vector3]) {
      (self.energySlope, self.forceSlopes) = (energySlope, forceSlopes)
    }
  }

  /// Evaluates a batch, and adds up what its loss has for derivatives by weights.
  ///
  /// - Parameters:
  ///   - batch: what ``graph(of:)`` returned.
  ///   - parameters: where the network stands.
  ///   - judge: called once a structure, from any thread, with its place in the batch, its energy in eV, and
  ///     its forces in eV/Å.
  ///   - gradient: receives the derivatives.
  package func differentiate(
    _ batch: Batch, _ parameters: Parameters,
    judge: @escaping @Sendable (Int, Double, [Vector3]) -> Judgement, gradient: inout [Float]
  ) {
    let collector = GradientCollector(parameters, places)
    let network = trained(collector)
    // A table may have got finer; everything else has the size that it had.
    let sums = (0..<threads).map { _ in collector.makeMatrices() }
    sweeps = sums.enumerated().map { thread, sums in
      Sweep(
        gradients: sums, kernels: kernels,
        memoryOf: thread < sweeps.count ? sweeps[thread] : nil)
    }
    let work = Work(network: network, sweeps: sweeps)
    let parts = batch.parts
    let (threads, targets) = (threads, targets)
    inParallel(threads) { thread in
      for number in stride(from: thread, to: parts.count, by: threads) {
        work.differentiate(parts[number], thread, targets, judge)
      }
    }
    for k in gradient.indices { gradient[k] = 0 }
    collector.deliver(sums, to: &gradient)
  }

  /// The network with its weights as they are.
  private func trained(_ collector: GradientCollector) -> any TrainedNetwork {
    switch network {
    case .schNet(let plan):
      if let knots { return TrainedSchNet(plan, knots, collector, kernels) }
    case .dimeNet(let plan):
      if let bessels { return TrainedDimeNet(plan, bessels: bessels, collector, kernels) }
    case .forceCentric: break
    }
    preconditionFailure("a network without energies")
  }
}

/// What threads share: the network is not changed, and each has a sweep of its own.
private struct Work: @unchecked Sendable {
  let network: any TrainedNetwork
  let sweeps: [Sweep]

  func differentiate(
    _ batch: EnergyBatch, _ thread: Int, _ targets: EnergyTargets,
    _ judge: (Int, Double, [Vector3]) -> DifferentiableEnergy.Judgement
  ) {
    let sweep = sweeps[thread]
    defer { sweep.release() }
    let run = network.run(batch, sweep)
    run.reverse(sweep)
    let derivatives = batch.forces(turns: run.angular?.turns)
    var direction = [Vector3](repeating: .zero, count: batch.atoms)
    var weights = [Float](repeating: 0, count: batch.atoms)
    let normalization = targets.normalization
    for (number, structure) in batch.structures.enumerated() {
      let atoms = batch.atomStarts[number]..<batch.atomStarts[number + 1]
      let part = targets.share(atoms: atoms.count)
      let (energyScale, forceScale) = (
        normalization.energyScale * part, normalization.forceScale * part
      )
      let sum = run.energies.reduce(0.0) { sum, signal in
        atoms.reduce(sum) { $0 + Double(signal.value[$1, 0]) }
      }
      let shift = normalization.energyShift(of: batch.compositions[number])
      let judgement = judge(
        structure, targets.energy(sum, atoms: atoms.count, shift: shift),
        derivatives[atoms].map { $0 * forceScale + Vector3(repeating: normalization.forceMean) })
      for (atom, slope) in zip(atoms, judgement.forceSlopes) {
        direction[atom] = slope * -forceScale
      }
      for atom in atoms { weights[atom] = Float(judgement.energySlope * energyScale) }
    }
    batch.move(along: direction)
    run.differentiate(weights, sweep)
  }
}
