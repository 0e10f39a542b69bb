// SPDX-License-Identifier: MIT

import RelaxNumerics

/// Memory for one structure's atoms: embeddings, and what a block makes of them.
final class NodeTables: @unchecked Sendable {
  /// h.
  let embeddings: FloatMatrix
  /// P, Q and v of the block at hand.
  let source: FloatMatrix, target: FloatMatrix, value: FloatMatrix
  /// Sums of messages, D columns.
  let messages: FloatMatrix
  /// Between the layers of a node's network, by turns.
  let scratch: (FloatMatrix, FloatMatrix)

  init(atoms: Int, width: Int, widest: Int) {
    func table(_ columns: Int) -> FloatMatrix { FloatMatrix(rows: atoms, columns: columns) }
    embeddings = table(width)
    (source, target, value) = (table(width), table(width), table(width))
    messages = table(width)
    scratch = (table(widest), table(widest))
  }
}

/// Rows of a matrix in a list, as lists of every thread's share.
struct NodeRows {
  let list: AlignedBuffer<Int32>

  init(_ rows: some Collection<Int32>) { list = AlignedBuffer(rows) }

  var count: Int { list.count }

  /// Applies layers one after the other to the listed rows of `input`; the last one's results go to the
  /// listed rows of `output`, stored or added.
  func apply(
    _ layers: [DenseLayer], from input: FloatMatrix, to output: FloatMatrix, adds: Bool = false,
    scratch: (FloatMatrix, FloatMatrix), threads: Int, kernels: KernelSet
  ) {
    guard count > 0, !layers.isEmpty else { return }
    let list = self.list
    inParallel(threads, over: self.count) { part in
      let (start, count) = (part.lowerBound, part.count)
      var current = input
      for (number, layer) in layers.enumerated() {
        let isLast = number == layers.count - 1
        let next = isLast ? output : current === scratch.0 ? scratch.1 : scratch.0
        let rows = DenseLayer.Rows(next, list, from: start)
        layer.apply(
          count, to: .init(current, list, from: start), isLast && adds ? .add(rows) : .store(rows),
          kernels: kernels)
        current = next
      }
    }
  }
}
