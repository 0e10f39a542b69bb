// SPDX-License-Identifier: MIT

import RelaxNumerics

/// y = a ⊙ b.
final class ProductStep: TwiceDifferentiable {
  private let a: Signal
  private let b: Signal
  let y: Signal

  init(_ a: Signal, _ b: Signal, _ sweep: Sweep) {
    (self.a, self.b) = (a, b)
    y = Signal(sweep.matrix(a.rows, a.columns))
    sweep.combine(
      y.rows, .init(a.value), .init(b.value), columns: y.columns, .store(.init(y.value)))
  }

  func reverse(_ sweep: Sweep) {
    guard let slope = y.slope else { return }
    for (one, other) in [(a, b), (b, a)] {
      sweep.combine(
        y.rows, .init(slope), .init(other.value), columns: y.columns,
        sweep.sink(\.slope, of: one))
    }
  }

  func tangent(_ sweep: Sweep) {
    for (one, other) in [(a, b), (b, a)] {
      guard let tangent = one.tangent else { continue }
      sweep.combine(
        y.rows, .init(tangent), .init(other.value), columns: y.columns,
        sweep.sink(\.tangent, of: y))
    }
  }

  func reverseTangent(_ sweep: Sweep) {
    guard let slope = y.slope, let slopeTangent = y.slopeTangent else { return }
    for (one, other) in [(a, b), (b, a)] {
      sweep.combine(
        y.rows, .init(slopeTangent), .init(other.value), columns: y.columns,
        sweep.sink(\.slopeTangent, of: one))
      if let tangent = other.tangent {
        sweep.combine(
          y.rows, .init(slope), .init(tangent), columns: y.columns,
          sweep.sink(\.slopeTangent, of: one))
      }
    }
  }
}

/// y_t = Σ a_e ⊙ b_e over the edges to t.
final class GatherStep: TwiceDifferentiable {
  private let a: Signal
  private let b: Signal
  private let targets: AlignedBuffer<Int32>
  let y: Signal

  init(_ a: Signal, _ b: Signal, _ batch: EnergyBatch, _ sweep: Sweep) {
    (self.a, self.b, targets) = (a, b, batch.target)
    y = Signal(sweep.cleared(batch.atoms, a.columns))
    gather(.init(a.value), .init(b.value), into: y.value, sweep)
  }

  private func gather(
    _ a: DenseLayer.Rows, _ b: DenseLayer.Rows, into sums: FloatMatrix, _ sweep: Sweep
  ) {
    sweep.combine(
      targets.count, a, b, columns: y.columns, .add(.init(sums, targets)))
  }

  func reverse(_ sweep: Sweep) {
    guard let slope = y.slope else { return }
    for (one, other) in [(a, b), (b, a)] {
      sweep.combine(
        targets.count, .init(slope, targets), .init(other.value), columns: y.columns,
        sweep.sink(\.slope, of: one))
    }
  }

  func tangent(_ sweep: Sweep) {
    for (one, other) in [(a, b), (b, a)] {
      guard let tangent = one.tangent else { continue }
      gather(.init(tangent), .init(other.value), into: sweep.sums(\.tangent, of: y), sweep)
    }
  }

  func reverseTangent(_ sweep: Sweep) {
    guard let slope = y.slope, let slopeTangent = y.slopeTangent else { return }
    for (one, other) in [(a, b), (b, a)] {
      sweep.combine(
        targets.count, .init(slopeTangent, targets), .init(other.value), columns: y.columns,
        sweep.sink(\.slopeTangent, of: one))
      guard let tangent = other.tangent else { continue }
      sweep.combine(
        targets.count, .init(slope, targets), .init(tangent), columns: y.columns,
        sweep.sink(\.slopeTangent, of: one))
    }
  }
}
