// SPDX-License-Identifier: MIT

import RelaxNumerics

/// What DimeNet++ keeps of one structure's edges and atoms from the pass forward to the one in reverse.
///
/// Threads fill disjoint rows of it.
final class DimeNetMemory: @unchecked Sendable {
  let x: FloatMatrix
  /// h of the block at hand; in reverse, where it is not needed any more, derivatives by x.
  let h: FloatMatrix
  var slopes: FloatMatrix { h }
  /// f′ where x before the first block is made.
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
  /// Of all blocks but the last, which goes back a few atoms at a time.
  let received: [Received]
  /// Σ x ⊙ radial e an atom, and the derivative by it, of each output.
  let outputSums: FloatMatrix
  let outputSlopes: [FloatMatrix]
  /// f′ of the hidden layers of an output, and what they give, by turns.
  let hidden: [FloatMatrix]
  let hiddenValues: (FloatMatrix, FloatMatrix)

  /// What a block keeps where edges send: f′ of its layers, what the sending edge's gives, y, and sums an atom.
  struct Block: Sendable {
    let own: FloatMatrix
    let sender: FloatMatrix
    let senderValues: FloatMatrix
    let down: FloatMatrix
    let y: FloatMatrix
    let sums: FloatMatrix

    /// Those with a row an edge.
    fileprivate var ofEdges: [FloatMatrix] { [own, sender, senderValues, down, y] }
  }

  /// What a block keeps where edges receive: f′ of its layers.
  struct Received: Sendable {
    let up: FloatMatrix
    let before: [Residual]
    let skip: FloatMatrix
    let after: [Residual]

    init(_ block: DimeNetPlan.Block, width: Int) {
      func matrix() -> FloatMatrix { FloatMatrix(rows: 0, columns: width) }
      func residuals(_ layers: [DimeNetPlan.Residual]) -> [Residual] {
        layers.map { _ in Residual(first: matrix(), second: matrix()) }
      }
      (up, before) = (matrix(), residuals(block.before))
      (skip, after) = (matrix(), residuals(block.after))
    }

    /// Makes room; what was there may be lost.
    func resize(edges: Int) {
      for matrix in [up, skip] + (before + after).flatMap({ [$0.first, $0.second] }) {
        matrix.resize(rows: edges)
      }
    }
  }

  /// f′ of the two layers of a residual one.
  struct Residual: Sendable {
    let first: FloatMatrix
    let second: FloatMatrix
  }

  init(_ network: DimeNet) {
    let plan = network.plan
    func matrix(_ columns: Int) -> FloatMatrix { FloatMatrix(rows: 0, columns: columns) }
    let (d, i, o) = (plan.width, plan.tripletWidth, plan.outputs[0].up.outputs)
    (x, h, embedding) = (matrix(d), matrix(d), matrix(d))
    (sines, sineSlopes) = (matrix(plan.radials), matrix(plan.radials))
    let functions = plan.degrees * plan.radials
    (bessels, besselSlopes) = (matrix(functions), matrix(functions))
    let count = plan.degrees * plan.degrees
    harmonics = matrix(count)
    harmonicSlopes = network.angles == .full ? (matrix(count), matrix(count)) : nil
    (gathered, sent) = ((matrix(i), matrix(i)), matrix(i))
    blocks = plan.blocks.map { _ in
      Block(
        own: matrix(d), sender: matrix(d), senderValues: matrix(d), down: matrix(i),
        y: matrix(i), sums: matrix(i))
    }
    received = plan.blocks.dropLast().map { Received($0, width: d) }
    outputSums = matrix(d)
    outputSlopes = plan.outputs.map { _ in matrix(d) }
    hidden = plan.outputs[0].hidden.map { _ in matrix(o) }
    hiddenValues = (matrix(o), matrix(o))
  }

  /// Derivatives by what edges gather in block `number`.
  func gathered(_ number: Int) -> FloatMatrix { number % 2 == 0 ? gathered.0 : gathered.1 }

  /// Begins the sums of an output.
  func clearSums(_ atoms: Range<Int>) { for atom in atoms { outputSums.clear(row: atom) } }

  /// Makes room; nothing but derivatives by harmonics is cleared.
  func resize(atoms: Int, edges: Int) {
    for matrix in [x, h, embedding, sines, sineSlopes, bessels, besselSlopes] {
      matrix.resize(rows: edges)
    }
    for matrix in [harmonics, gathered.0, gathered.1, sent] { matrix.resize(rows: edges) }
    for block in blocks {
      for matrix in block.ofEdges { matrix.resize(rows: edges) }
      block.sums.resize(rows: atoms * harmonics.columns)
    }
    for kept in received { kept.resize(edges: edges) }
    for matrix in [outputSums, hiddenValues.0, hiddenValues.1] + outputSlopes + hidden {
      matrix.resize(rows: atoms)
    }
    if let (ofSource, ofTarget) = harmonicSlopes {
      for matrix in [ofSource, ofTarget] {
        matrix.resize(rows: edges)
        matrix.clear()
      }
    }
  }
}
