// SPDX-License-Identifier: MIT

import RelaxNumerics

/// What DimeNet++ keeps of one structure's edges and atoms from the pass forward to the one in reverse.
///
/// Threads fill disjoint rows of it.
final class DimeNetMemory: @unchecked Sendable {
  /// x, and its derivative.
  let x: FloatMatrix
  let slopes: FloatMatrix
  /// What x before the first block is the activation of.
  let embedding: FloatMatrix
  /// e and its derivative by the distance; b without angles likewise.
  let sines: FloatMatrix
  let sineSlopes: FloatMatrix
  let bessels: FloatMatrix
  let besselSlopes: FloatMatrix
  let harmonics: FloatMatrix
  /// Derivatives by harmonics of an edge as one that gathers, and as one that sends.
  let harmonicSlopes: (ofSource: FloatMatrix, ofTarget: FloatMatrix)?
  /// Derivatives by T, by turns, since other threads may still read those of the block behind; and by y.
  private let gathered: (FloatMatrix, FloatMatrix)
  let sent: FloatMatrix
  let blocks: [Block]
  /// Σ x ⊙ radial e an atom, and the derivative by it, of each output.
  let outputSums: FloatMatrix
  let outputSlopes: [FloatMatrix]
  /// What hidden layers of an output give, and derivatives by it, by turns.
  let hidden: [FloatMatrix]
  let hiddenSlopes: (FloatMatrix, FloatMatrix)

  /// What a block keeps: what its activations are applied to, y, and sums an atom.
  struct Block: Sendable {
    let own: FloatMatrix
    let sender: FloatMatrix
    let down: FloatMatrix
    let y: FloatMatrix
    let sums: FloatMatrix
    let up: FloatMatrix
    let before: [Residual]
    let skip: FloatMatrix
    let after: [Residual]

    /// Those of D columns.
    fileprivate var wide: [FloatMatrix] {
      [own, sender, up, skip] + (before + after).flatMap { [$0.first, $0.second] }
    }
  }

  /// What the activations of a residual layer are applied to.
  struct Residual: Sendable {
    let first: FloatMatrix
    let second: FloatMatrix
  }

  init(_ network: DimeNet, atoms: Int) {
    let plan = network.plan
    func matrix(_ columns: Int, rows: Int = 0) -> FloatMatrix {
      FloatMatrix(rows: rows, columns: columns)
    }
    let (d, i, o) = (plan.width, plan.tripletWidth, plan.outputs[0].up.outputs)
    (x, slopes, embedding) = (matrix(d), matrix(d), matrix(d))
    (sines, sineSlopes) = (matrix(plan.radials), matrix(plan.radials))
    let functions = plan.degrees * plan.radials
    (bessels, besselSlopes) = (matrix(functions), matrix(functions))
    let count = plan.degrees * plan.degrees
    harmonics = matrix(count)
    harmonicSlopes = network.angles == .full ? (matrix(count), matrix(count)) : nil
    (gathered, sent) = ((matrix(i), matrix(i)), matrix(i))
    blocks = plan.blocks.map { block in
      func residuals(_ layers: [DimeNetPlan.Residual]) -> [Residual] {
        layers.map { _ in Residual(first: matrix(d), second: matrix(d)) }
      }
      return Block(
        own: matrix(d), sender: matrix(d), down: matrix(i), y: matrix(i),
        sums: matrix(i, rows: atoms * count), up: matrix(d), before: residuals(block.before),
        skip: matrix(d), after: residuals(block.after))
    }
    outputSums = matrix(d, rows: atoms)
    outputSlopes = plan.outputs.map { _ in matrix(d, rows: atoms) }
    hidden = plan.outputs[0].hidden.map { _ in matrix(o, rows: atoms) }
    hiddenSlopes = (matrix(o, rows: atoms), matrix(o, rows: atoms))
  }

  /// Derivatives by what edges gather in block `number`.
  func gathered(_ number: Int) -> FloatMatrix { number % 2 == 0 ? gathered.0 : gathered.1 }

  /// Begins the sums of an output.
  func clearSums(_ atoms: Range<Int>) { for atom in atoms { outputSums.clear(row: atom) } }

  /// Makes room for `edges` edges.
  func resize(edges: Int) {
    for matrix in [x, slopes, embedding, sines, sineSlopes, bessels, besselSlopes] {
      matrix.resize(rows: edges)
    }
    for matrix in [harmonics, gathered.0, gathered.1, sent] { matrix.resize(rows: edges) }
    for block in blocks {
      for matrix in block.wide + [block.down, block.y] { matrix.resize(rows: edges) }
    }
    if let (ofSource, ofTarget) = harmonicSlopes {
      for matrix in [ofSource, ofTarget] {
        matrix.resize(rows: edges)
        matrix.clear()
      }
    }
  }
}
