// SPDX-License-Identifier: MIT

import RelaxNumerics
import Structures

/// A network that can be run in reverse: forward over a batch, keeping what is needed, and back, by a
/// hand-written pass in single precision over the algebra that evaluates it.
///
/// Equal batches, parameters and numbers of threads give equal bits. One batch at a time is at work in
/// it, since its memory is used from one to the next.
package final class DifferentiableNetwork {
  let plan: ForceCentricPlan
  /// What of embeddings and features does not depend on trained weights.
  let embedding: NodeEmbedding
  let basis: EdgeBasis
  /// From outputs to eV/Å.
  package let normalization: TargetNormalization
  let threads: Int
  let kernels: KernelSet
  private let places: ParameterPlaces
  // Kept from batch to batch, since they are large.
  private let workspaces: [MessageWorkspace]
  private let rounds: [MessageGradient]

  /// Prepares a complete model: its plan, its tables and what was done to its targets count, its
  /// weights do not.
  ///
  /// - Parameters:
  ///   - model: the network.
  ///   - threads: how many threads share a batch.
  ///   - kernels: which kernels compute.
  /// - Returns: nil for a network of another kind.
  package init?(_ model: NetworkModel, threads: Int, kernels: KernelSet) {
    precondition(threads > 0, "\(threads) threads")
    guard case .forceCentric(let plan) = model.architecture.plan else { return nil }
    (self.plan, self.threads, self.kernels) = (plan, threads, kernels)
    embedding = NodeEmbedding(plan, of: model)
    basis = EdgeBasis(plan, of: model)
    normalization = model.normalization
    places = ParameterPlaces(Parameters(model))
    workspaces = (0..<threads).map { _ in MessageWorkspace(width: plan.width) }
    rounds = plan.blocks.map { MessageGradient($0) }
  }

  /// The graph of a batch; all structures must be of elements that the model knows.
  ///
  /// - Throws: for a structure that lies too densely.
  package func graph(of structures: [Structure]) throws(TooDense) -> GradientBatch {
    try GradientBatch(structures, self)
  }

  /// Whether there are statistics over edges, which need two of them.
  package var normalizesEdges: Bool {
    plan.blocks.contains { if case .normalizedEdges = $0.filter { true } else { false } }
  }

  /// What a pass forward leaves for the one in reverse.
  package struct Pass {
    /// Three columns an atom, before ``DifferentiableNetwork/normalization``.
    package var output: FloatMatrix { last.output }
    fileprivate let context: GradientContext
    fileprivate let batch: GradientBatch
    fileprivate let basis: EdgeBasisGradient
    fileprivate let embedding: KindEmbedding
    fileprivate let rounds: [MessageGradient.Round]
    fileprivate let updates: [ChainGradient]
    fileprivate let readout: ChainGradient
    fileprivate let last: ChainGradient
  }

  /// Runs forward with the statistics of the batch, towards which the running ones are moved.
  ///
  /// - Parameters:
  ///   - batch: the atoms and edges.
  ///   - parameters: trained numbers and running statistics.
  ///   - share: of the batch's statistics in the running ones.
  package func forward(
    _ batch: GradientBatch, _ parameters: inout Parameters, share: Float
  ) -> Pass {
    let context = GradientContext(
      parameters, places, momentum: share, threads: threads, kernels: kernels)
    defer { parameters.statisticValues = context.statistics }
    let basis = EdgeBasisGradient(batch, plan.edges, context)
    let embedding = KindEmbedding(self, batch, context)
    let h = FloatMatrix(rows: batch.atoms, columns: plan.width)
    for atom in 0..<batch.atoms {
      h.copy(row: atom, from: embedding.rows, row: Int(batch.kindOfAtom[atom]))
    }
    var updates: [ChainGradient] = []
    var inputs: [MessageGradient.Round] = []
    for (number, messages) in rounds.enumerated() {
      let before = number == 0 ? embedding.rows : h.copy()
      let round = MessageGradient.Round(
        messages.block, isFirst: number == 0, batch, basis, embeddings: before, context)
      let sums = messages.forward(round, workspaces, context)
      let update = ChainGradient(messages.block.update, of: sums, context)
      h.add(update.output)
      updates.append(update)
      inputs.append(round)
    }
    let readout = ChainGradient(plan.readout, of: h, context)
    return Pass(
      context: context, batch: batch, basis: basis, embedding: embedding, rounds: inputs,
      updates: updates, readout: readout,
      last: ChainGradient(plan.output, of: readout.output, context))
  }

  /// Whether there is an energy that could be trained.
  package var hasEnergy: Bool { plan.energy != nil }

  /// The energy of each structure, before ``normalization``: what its layer makes of the sum over atoms.
  package func energies(of pass: Pass) -> [Double] {
    guard let layer = plan.energy else { return [] }
    let (rows, batch, context) = (pass.readout.output, pass.batch, pass.context)
    let (weights, bias) = (context.numbers(layer.weight), context.numbers(layer.bias))
    return zip(batch.starts, batch.starts.dropFirst()).map { first, end in
      weights.indices.reduce(Double(bias[0])) { sum, column in
        let total = (first..<end).reduce(0.0) { $0 + Double(rows[$1, column]) }
        return sum + total * Double(weights[column])
      }
    }
  }

  /// Runs the last pass in reverse.
  ///
  /// - Parameters:
  ///   - ofOutput: derivatives by its output, which are consumed.
  ///   - ofEnergies: derivatives by the energies of structures; nil for none.
  ///   - pass: what ``forward(_:_:share:)`` returned last.
  ///   - gradient: receives the derivative by each trained number.
  package func reverse(
    _ ofOutput: FloatMatrix, ofEnergies: [Double]? = nil, _ pass: Pass, gradient: inout [Float]
  ) {
    let (batch, context) = (pass.batch, pass.context)
    // Derivatives are added to the array itself, not to another one.
    swap(&context.gradient, &gradient)
    defer { swap(&context.gradient, &gradient) }
    for k in context.gradient.indices { context.gradient[k] = 0 }
    guard let ofReadout = pass.last.reverse(ofOutput, context) else { return }
    if let ofEnergies { add(ofEnergies, to: ofReadout, pass) }
    guard var d = pass.readout.reverse(ofReadout, context) else { return }
    for (number, messages) in rounds.enumerated().reversed() {
      guard let ofSums = pass.updates[number].reverse(d.copy(), context) else { continue }
      let ofEmbeddings = messages.reverse(ofSums, pass.rounds[number], workspaces, context)
      if number > 0 {
        d.add(ofEmbeddings)
      } else {
        for atom in 0..<batch.atoms {
          ofEmbeddings.add(row: Int(batch.kindOfAtom[atom]), d, row: atom)
        }
        d = ofEmbeddings
      }
    }
    if rounds.isEmpty { d = pass.embedding.sumOverAtoms(d, batch) }
    pass.embedding.reverse(d, context)
    pass.basis.reverse(context)
  }

  /// The derivatives by the energy's layer, and, in addition, those by what it reads.
  private func add(_ ofEnergies: [Double], to d: FloatMatrix, _ pass: Pass) {
    guard let layer = plan.energy else { return }
    let (rows, context, batch) = (pass.readout.output, pass.context, pass.batch)
    let weights = context.numbers(layer.weight)
    let (place, bias) = (context.place(layer.weight), context.place(layer.bias))
    for (slope, atoms) in zip(ofEnergies, zip(batch.starts, batch.starts.dropFirst())) {
      for column in weights.indices {
        var total = 0.0
        for atom in atoms.0..<atoms.1 {
          total += Double(rows[atom, column])
          d[atom, column] += Float(slope * Double(weights[column]))
        }
        context.gradient[place + column] += Float(slope * total)
      }
      context.gradient[bias] += Float(slope)
    }
  }
}

/// A structure of a batch whose atoms have more neighbours than can be worked with.
package struct TooDense: Error {
  /// Its place in the batch, from 0.
  package let structure: Int
}
