// SPDX-License-Identifier: MIT

import RelaxNumerics
import Structures

/// Embeddings before the first block, a row an element of the batch, and back.
struct KindEmbedding {
  /// h of each element.
  let rows: FloatMatrix
  private let kinds: [Element]
  private let source: Source

  private enum Source {
    case table(TensorSpecification)
    case chain(ChainGradient)
  }

  init(_ network: DifferentiableNetwork, _ batch: GradientBatch, _ context: GradientContext) {
    kinds = batch.kinds
    switch network.plan.embedding {
    case .properties(let basis, let linear):
      let spread: [NetworkPlan.Stage] =
        if case .trained(let layer, let activation) = basis {
          [.linear(layer), .activation(activation)]
        } else { [] }
      guard
        let inputs = network.embedding.fixedInputs(of: kinds, kernels: context.kernels)
      else { preconditionFailure("a network's embedding is a table or it is not") }
      let chain = ChainGradient(spread + [.linear(linear)], of: inputs, context)
      (source, rows) = (.chain(chain), chain.output)
    case .table(let table):
      let width = network.plan.width
      source = .table(table)
      rows = FloatMatrix(rows: kinds.count, columns: width)
      for (row, element) in kinds.enumerated() {
        rows.copy(row: row, from: context.row(table, Int(element.atomicNumber), width), row: 0)
      }
    }
  }

  /// Adds all derivatives by weights, from those by `rows`.
  func reverse(_ d: FloatMatrix, _ context: GradientContext) {
    switch source {
    case .chain(let chain): chain.reverse(d, context, wantsInputs: false)
    case .table(let table):
      for (row, element) in kinds.enumerated() {
        let ofElement = FloatMatrix(rows: 1, columns: d.columns)
        ofElement.copy(row: 0, from: d, row: row)
        context.add(ofElement, to: table, from: Int(element.atomicNumber) * d.columns)
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
