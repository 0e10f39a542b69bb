// SPDX-License-Identifier: MIT

import Networks
import RelaxNumerics
import Structures

/// ForceNet or GNS in training: loss and gradient by a hand-written reverse pass in single precision
/// over the algebra that evaluates them.
///
/// All samples make one graph. Equal batches, parameters and numbers of threads give equal bits.
/// `energy_mlp`, which no force depends on, gets the gradient 0.
public final class NetworkGradients: GradientSource {
  private let plan: GradientPlan
  private let knownElements: Set<Element>
  private let places: [Parameters.Place]
  private let penalty: ForcePenalty
  private let threads: Int
  private let kernels: KernelSet
  // Kept from step to step, since they are large.
  private let workspaces: [MessageWorkspace]
  private let rounds: [MessageGradient]

  /// Gradients for models like `model`, a complete one: its architecture, its tables and what was done
  /// to its targets count, its weights do not.
  ///
  /// - Parameters:
  ///   - model: ForceNet or GNS.
  ///   - penalty: what errors count.
  ///   - threads: how many threads share a batch.
  ///   - kernels: which kernels compute.
  /// - Throws: for another architecture.
  public init(
    _ model: NetworkModel, penalty: ForcePenalty = .absolute, threads: Int = 1,
    kernels: KernelSet = .preferred
  ) throws(GradientError) {
    precondition(threads > 0, "\(threads) threads")
    let parameters = Parameters(model)
    guard let plan = GradientPlan(model, parameters) else {
      throw .untrainable(architecture: model.architecture.name)
    }
    (self.plan, self.penalty, self.threads, self.kernels) = (plan, penalty, threads, kernels)
    knownElements = model.knownElements
    places = parameters.trained
    workspaces = (0..<threads).map { _ in MessageWorkspace(width: plan.width) }
    rounds = plan.blocks.map { MessageGradient($0) }
  }

  /// The loss of a batch and its gradient; see ``GradientSource``.
  public func evaluate(
    _ batch: [TrainingSample], _ parameters: inout Parameters, gradient: inout [Float]
  ) throws -> Double {
    precondition(gradient.count == parameters.values.count, "a gradient of another length")
    let context = GradientContext(parameters, threads: threads, kernels: kernels)
    let graph = try graph(of: batch, parameters)
    let pass = forward(graph, context)
    let (loss, ofOutput) = ForceLoss(batch, penalty).evaluate(
      pass.readout.output, plan.normalization)
    reverse(ofOutput, graph, pass, context)
    context.gradient.copy(to: &gradient)
    parameters.statisticValues = context.statistics
    return loss
  }

  /// Runs forward only; see ``GradientSource``.
  public func moveStatistics(
    towards batch: [TrainingSample], share: Float, _ parameters: inout Parameters
  ) throws {
    let context = GradientContext(
      parameters, momentum: share, threads: threads, kernels: kernels)
    _ = forward(try graph(of: batch, parameters), context)
    parameters.statisticValues = context.statistics
  }

  private func graph(
    of batch: [TrainingSample], _ parameters: Parameters
  ) throws(GradientError) -> GradientBatch {
    precondition(parameters.trained == places, "parameters of another model")
    try requireTrainable(batch)
    let graph = try GradientBatch(batch, plan, threads: threads, kernels: kernels)
    try requireStatistics(graph)
    return graph
  }

  /// What a pass forward leaves for the one in reverse.
  private struct Pass {
    var basis: EdgeBasisGradient
    var embedding: KindEmbedding
    var rounds: [MessageGradient.Round]
    var updates: [ChainGradient]
    var readout: ChainGradient
  }

  private func forward(_ batch: GradientBatch, _ context: GradientContext) -> Pass {
    let basis = EdgeBasisGradient(batch, plan, context)
    let embedding = KindEmbedding(plan, batch, context)
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
    return Pass(
      basis: basis, embedding: embedding, rounds: inputs, updates: updates,
      readout: ChainGradient(plan.readout, of: h, context))
  }

  /// Adds all derivatives, from those by the output.
  private func reverse(
    _ ofOutput: FloatMatrix, _ batch: GradientBatch, _ pass: Pass, _ context: GradientContext
  ) {
    guard var d = pass.readout.reverse(ofOutput, context) else { return }
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

  /// Batch statistics need two rows: their unbiased variance is infinite otherwise.
  private func requireStatistics(_ batch: GradientBatch) throws(GradientError) {
    guard batch.atoms > 1 else { throw .tooFewAtoms(batch.atoms) }
    let needsEdges = plan.blocks.contains {
      if case .normalizedEdges = $0.filter { true } else { false }
    }
    guard !needsEdges || batch.edges > 1 else { throw .tooFewEdges(batch.edges) }
  }

  private func requireTrainable(_ batch: [TrainingSample]) throws(GradientError) {
    for (number, sample) in batch.enumerated() {
      let unknown = Set(sample.structure.elements).subtracting(knownElements)
      if !unknown.isEmpty { throw .unknownElements(unknown.sorted(), sample: number) }
      guard PositionBounds.contain(sample.structure.positions) else {
        throw .positionsNotFinite(sample: number)
      }
      let labels = zip(sample.forces, sample.weights)
      guard labels.allSatisfy({ $0.isFinite && $1.isFinite && $1 >= 0 }) else {
        throw .labelsNotFinite(sample: number)
      }
    }
    guard batch.contains(where: { $0.weights.contains { $0 > 0 } }) else { throw .noWeight }
  }
}
