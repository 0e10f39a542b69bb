// SPDX-License-Identifier: MIT

import Networks
import RelaxNumerics
import Structures

/// Embeddings before the first block, a row an element of the batch, and back.
struct KindEmbedding {
  /// h of each element.
  let rows: FloatMatrix
  private let kinds: [Element]
  private let embedding: GradientPlan.Embedding
  private let chain: ChainGradient?

  init(_ plan: GradientPlan, _ batch: GradientBatch, _ context: GradientContext) {
    (embedding, kinds) = (plan.embedding, batch.kinds)
    let width = plan.width
    switch embedding {
    case .chain(let stages):
      guard let inputs = plan.nodes.fixedInputs(of: kinds, kernels: context.kernels) else {
        preconditionFailure("a network's embedding is a table or it is not")
      }
      let chain = ChainGradient(stages, of: inputs, context)
      (self.chain, rows) = (chain, chain.output)
    case .table(let start):
      chain = nil
      rows = FloatMatrix(rows: kinds.count, columns: width)
      for (row, element) in kinds.enumerated() {
        rows.copy(
          row: row, from: context.row(start + Int(element.atomicNumber) * width, width), row: 0)
      }
    }
  }

  /// Adds all derivatives by weights, from those by `rows`.
  func reverse(_ d: FloatMatrix, _ context: GradientContext) {
    switch embedding {
    case .chain: chain?.reverse(d, context, wantsInputs: false)
    case .table(let start):
      for (row, element) in kinds.enumerated() {
        let ofElement = FloatMatrix(rows: 1, columns: d.columns)
        ofElement.copy(row: 0, from: d, row: row)
        ofElement.add(
          to: context.gradient, at: start + Int(element.atomicNumber) * d.columns,
          step: d.columns)
      }
    }
  }

  /// Derivatives by `rows`, from those by the embeddings of atoms.
  func sumOverAtoms(_ d: FloatMatrix, _ batch: GradientBatch) -> FloatMatrix {
    let sums = FloatMatrix(rows: kinds.count, columns: d.columns)
    for atom in 0..<batch.atoms { sums.add(row: Int(batch.kindOfAtom[atom]), d, row: atom) }
    return sums
  }
}
