// SPDX-License-Identifier: MIT

import RelaxNumerics

/// A matrix on its way through a network of energies, with all that training on forces needs.
///
/// With E the sum of energies and a direction u in which atoms move, these are the numbers, their derivatives
/// along u, the derivatives of E by them, and the derivatives along u of those. A loss that depends on
/// energies through a and on forces through u has, by any weight, the derivative along u of ∂E/∂weight
/// plus a ∂E/∂weight; so the last of the four begins as a.
final class Signal {
  let value: FloatMatrix
  /// d value / du; nil for zeros.
  var tangent: FloatMatrix?
  /// ∂E / ∂value; nil as long as nothing has come back.
  var slope: FloatMatrix?
  /// d slope / du + a · slope; likewise.
  var slopeTangent: FloatMatrix?

  init(_ value: FloatMatrix) { self.value = value }

  var rows: Int { value.rows }
  var columns: Int { value.columns }
}

/// What a network does to signals, forward when it is made, and then in three more sweeps.
protocol TwiceDifferentiable {
  /// From slopes of what it gave to those of what it read.
  func reverse(_ sweep: Sweep)
  /// From tangents of what it read to those of what it gave.
  func tangent(_ sweep: Sweep)
  /// From slopes' tangents of what it gave to those of what it read and to the loss' derivatives by weights.
  func reverseTangent(_ sweep: Sweep)
}

/// One thread's memory for sweeps through a network: matrices that are used again and again, and the
/// derivatives that it adds up.
final class Sweep {
  let kernels: KernelSet
  /// Derivatives of the loss, a matrix for each that layers have asked for.
  let gradients: [FloatMatrix]
  private var free: [Int: [FloatMatrix]] = [:]
  private var used: [FloatMatrix] = []
  private(set) var zeros = AlignedBuffer<Int32>()

  /// - Parameter other: a sweep of an earlier step, whose memory is taken over.
  init(gradients: [FloatMatrix], kernels: KernelSet, memoryOf other: Sweep? = nil) {
    (self.gradients, self.kernels) = (gradients, kernels)
    if let other { swap(&free, &other.free) }
  }

  /// A matrix whose numbers mean nothing yet, until ``release()``.
  func matrix(_ rows: Int, _ columns: Int) -> FloatMatrix {
    let matrix = free[columns]?.popLast() ?? FloatMatrix(rows: 0, columns: columns)
    matrix.resize(rows: rows)
    used.append(matrix)
    return matrix
  }

  /// A matrix of zeros.
  func cleared(_ rows: Int, _ columns: Int) -> FloatMatrix {
    let matrix = matrix(rows, columns)
    matrix.clear()
    return matrix
  }

  /// Another matrix with the same numbers.
  func copy(_ other: FloatMatrix) -> FloatMatrix {
    let matrix = matrix(other.rows, other.columns)
    combine(other.rows, .init(other), columns: other.columns, .store(.init(matrix)))
    return matrix
  }

  /// A list of at least `count` zeros: a row that all share.
  func zeros(_ count: Int) -> AlignedBuffer<Int32> {
    if zeros.count < count { zeros = AlignedBuffer(count: count) }
    return zeros
  }

  /// Takes all matrices back.
  func release() {
    for matrix in used { free[matrix.columns, default: []].append(matrix) }
    used.removeAll(keepingCapacity: true)
  }

  /// Where a derivative by `signal` goes: to what has come before, or to a new matrix.
  func sink(
    _ part: ReferenceWritableKeyPath<Signal, FloatMatrix?>, of signal: Signal
  ) -> DenseLayer.Sink {
    if let there = signal[keyPath: part] { return .add(.init(there)) }
    let new = matrix(signal.rows, signal.columns)
    signal[keyPath: part] = new
    return .store(.init(new))
  }

  /// The matrix to which derivatives by `signal` are added row by row.
  func sums(
    _ part: ReferenceWritableKeyPath<Signal, FloatMatrix?>, of signal: Signal
  ) -> FloatMatrix {
    if let there = signal[keyPath: part] { return there }
    let new = cleared(signal.rows, signal.columns)
    signal[keyPath: part] = new
    return new
  }

  /// Rows of a matrix of `columns`, so many at a time that several such matrices stay in the cache.
  func tiles(_ rows: Int, columns: Int, _ body: (Range<Int>) -> Void) {
    let size = KernelTile.rows(bytesPerRow: 6 * columns * MemoryLayout<Float>.size)
    for first in stride(from: 0, to: rows, by: size) { body(first..<min(rows, first + size)) }
  }

  /// a ⊙ b · scale, row by row.
  func combine(
    _ count: Int, _ a: DenseLayer.Rows, _ b: DenseLayer.Rows? = nil,
    scale: AlignedBuffer<Float>? = nil, from scaleStart: Int = 0, columns: Int,
    _ sink: DenseLayer.Sink
  ) {
    RowCombination(a, times: b, scale: scale, scaleStart: scaleStart).apply(
      count, columns: columns, sink, kernels: kernels)
  }
}
