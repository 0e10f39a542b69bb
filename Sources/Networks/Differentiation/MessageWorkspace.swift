// SPDX-License-Identifier: MIT

import RelaxNumerics

/// Memory of one thread: a tile of edges, and the derivatives that its edges add to.
final class MessageWorkspace: @unchecked Sendable {
  /// Edges of a tile.
  let rows: Int
  /// Values, and derivatives by turns.
  let values: FloatMatrix
  private(set) var derivatives: (FloatMatrix, FloatMatrix)
  /// As many zeros as a tile has edges: a list of rows that are all summed into the first.
  let zeros: AlignedBuffer<Int32>

  /// Derivatives by P, Q and v.
  let source: FloatMatrix, target: FloatMatrix, value: FloatMatrix
  /// By F, and by hidden layers' weights and biases.
  private(set) var first: FloatMatrix
  private(set) var hidden: [(weights: FloatMatrix, bias: FloatMatrix)] = []
  /// By the last layer's weights, and, in the last column, its bias.
  let last: FloatMatrix
  /// By gain and shift of a normalisation of rows.
  let gain: FloatMatrix, shift: FloatMatrix

  init(width: Int) {
    let rows = KernelTile.rows(bytesPerRow: 3 * width * MemoryLayout<Float>.size)
    self.rows = rows
    values = FloatMatrix(rows: rows, columns: width)
    derivatives = (
      FloatMatrix(rows: rows, columns: width), FloatMatrix(rows: rows, columns: width)
    )
    zeros = AlignedBuffer(count: rows)
    func table(_ rows: Int) -> FloatMatrix { FloatMatrix(rows: rows, columns: width) }
    (source, target, value) = (table(0), table(0), table(0))
    first = table(width)
    last = FloatMatrix(rows: width, columns: width + 1)
    (gain, shift) = (table(1), table(1))
  }

  /// Sets all derivatives to zero.
  func begin(senders: Int, features: Int, hidden layers: Int) {
    let width = values.columns
    for table in [source, target, value] {
      table.resize(rows: senders)
      table.clear()
    }
    if first.columns != features { first = FloatMatrix(rows: width, columns: features) }
    while hidden.count < layers {
      hidden.append(
        (FloatMatrix(rows: width, columns: width), FloatMatrix(rows: 1, columns: width)))
    }
    for (weights, bias) in hidden {
      weights.clear()
      bias.clear()
    }
    for matrix in [first, last, gain, shift] { matrix.clear() }
  }

  /// Adds the derivatives of another thread.
  func add(_ other: MessageWorkspace) {
    let pairs = [
      (source, other.source), (target, other.target), (value, other.value), (first, other.first),
      (last, other.last), (gain, other.gain), (shift, other.shift),
    ]
    for (mine, others) in pairs { mine.add(others) }
    for (mine, others) in zip(hidden, other.hidden) {
      mine.weights.add(others.weights)
      mine.bias.add(others.bias)
    }
  }

  /// The other tile of derivatives comes first.
  func turn() { derivatives = (derivatives.1, derivatives.0) }

  /// Calls `body` with tiles of about equal size.
  func forEachTile(_ part: Range<Int>, _ body: (_ start: Int, _ count: Int) -> Void) {
    guard !part.isEmpty else { return }
    let tiles = (part.count + rows - 1) / rows
    let size = min(rows, KernelTile.whole((part.count + tiles - 1) / tiles))
    for start in stride(from: part.lowerBound, to: part.upperBound, by: size) {
      body(start, min(size, part.upperBound - start))
    }
  }
}
