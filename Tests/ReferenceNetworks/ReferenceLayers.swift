// SPDX-License-Identifier: MIT

import Files
import Networks

/// A tensor in double precision.
struct ReferenceTensor: Hashable {
  var shape: [Int]
  var values: [Double]
}

/// The layers that the networks are made of, by plain loops in double precision: the definition by
/// which fast evaluations are judged.
///
/// Each takes its weights by their names in the released code. In training each remembers how the
/// derivative of a loss goes back through it.
final class ReferenceLayers {
  /// Batch normalisation uses the statistics that were learned, or those of the batch at hand.
  enum Mode { case evaluation, training }

  let tensors: [String: ReferenceTensor]
  let mode: Mode
  /// Running statistics after the forward passes made in training, by name.
  private(set) var statistics: [String: [Double]] = [:]
  /// What went in and out of each layer, as `lin/in0` and `lin/out`, if `isRecording`.
  private(set) var record: [String: Rows] = [:]
  private let isRecording: Bool
  /// The steps back, in the order of the steps forward.
  private var steps: [() -> Void] = []
  /// Derivatives of the loss by the tensors that it depends on, after `differentiate`.
  private var gradients: [String: [Double]] = [:]

  init(
    _ tensors: [String: ReferenceTensor], mode: Mode = .evaluation, isRecording: Bool = false
  ) {
    (self.tensors, self.mode, self.isRecording) = (tensors, mode, isRecording)
  }

  /// Weights of a model, float32 widened to double.
  convenience init(
    _ tensors: [String: Tensor], mode: Mode = .evaluation, isRecording: Bool = false
  ) {
    self.init(
      tensors.mapValues { ReferenceTensor(shape: $0.shape, values: $0.values.map(Double.init)) },
      mode: mode, isRecording: isRecording)
  }

  func tensor(_ name: String) -> ReferenceTensor {
    guard let tensor = tensors[name] else { preconditionFailure("no tensor \(name)") }
    return tensor
  }

  func vector(_ name: String) -> [Double] { tensor(name).values }

  func note(_ name: String, _ rows: @autoclosure () -> Rows) {
    if isRecording { record[name] = rows() }
  }

  /// Moves a running statistic a tenth of the way to that of the batch.
  func moveStatistic(_ name: String, towards batch: [Double]) {
    statistics[name] = zip(vector(name), batch).map { 0.9 * $0 + 0.1 * $1 }
  }

  /// A step to take on the way back.
  func remember(_ step: @escaping () -> Void) { steps.append(step) }

  /// The derivative of a loss by each tensor that it depends on, from its derivative by `output`.
  func differentiate(_ output: Traced, _ slopes: Rows) -> [String: [Double]] {
    precondition(mode == .training, "the forward pass was not remembered")
    output.receive(slopes)
    for step in steps.reversed() { step() }
    steps = []
    return gradients
  }

  /// Adds to the derivative by a tensor.
  func learn(_ name: String, _ change: (inout [Double]) -> Void) {
    let count = tensor(name).values.count
    change(&gradients[name, default: Array(repeating: 0, count: count)])
  }

  /// Adds the sum of rows to the derivative by a vector.
  func learn(_ name: String, columnsOf rows: Rows) {
    learn(name) { sums in
      for row in rows { for k in row.indices { sums[k] += row[k] } }
    }
  }

  /// x Wᵀ + b.
  func linear(_ x: Traced, _ name: String) -> Traced {
    let weight = tensor(name + ".weight")
    let (outputs, inputs) = (weight.shape[0], weight.shape[1])
    // Column by column, so that the innermost loop runs over outputs that do not depend on each
    // other.
    var columns = [Double](repeating: 0, count: inputs * outputs)
    for o in 0..<outputs {
      for i in 0..<inputs { columns[i * outputs + o] = weight.values[o * inputs + i] }
    }
    var y = Rows(repeating: vector(name + ".bias"), count: x.count)
    addProduct(x.rows, columns, width: inputs, to: &y, name)
    note(name + "/in0", x.rows)
    note(name + "/out", y)
    return traced(y) { [unowned self] slopes in
      var back = Rows(repeating: Array(repeating: 0, count: inputs), count: x.count)
      addProduct(slopes, weight.values, width: outputs, to: &back, name)
      x.receive(back)
      learn(name + ".bias", columnsOf: slopes)
      learn(name + ".weight") { sums in
        for (row, slope) in zip(x.rows, slopes) {
          for o in 0..<outputs {
            let factor = slope[o]
            for i in 0..<inputs { sums[o * inputs + i] += factor * row[i] }
          }
        }
      }
    }
  }

  /// Adds x M to y, with the rows of M, as many as x is wide, one after the other.
  ///
  /// It takes some rows of x at a time, so that a row of M is fetched once for all of them.
  private func addProduct(
    _ x: Rows, _ matrix: [Double], width: Int, to y: inout Rows, _ name: String
  ) {
    for first in stride(from: 0, to: x.count, by: 4) {
      let rows = first..<min(first + 4, x.count)
      for row in rows { precondition(x[row].count == width, "\(name): width \(x[row].count)") }
      matrix.withUnsafeBufferPointer { matrix in
        for i in 0..<width {
          for row in rows {
            let factor = x[row][i]
            y[row].withUnsafeMutableBufferPointer { sums in
              for o in sums.indices { sums[o] += factor * matrix[i * sums.count + o] }
            }
          }
        }
      }
    }
  }

  /// Each row plus the numbers of a vector.
  func shifted(_ x: Traced, _ name: String) -> Traced {
    let constant = vector(name)
    return traced(x.rows.map { zip($0, constant).map { $0 + $1 } }) { [unowned self] slopes in
      x.receive(slopes)
      learn(name, columnsOf: slopes)
    }
  }

  /// Each row times the numbers of a vector.
  func stretched(_ x: Traced, _ name: String) -> Traced {
    let factors = Rows(repeating: vector(name), count: x.count)
    return traced(product(x.rows, factors)) { [unowned self] slopes in
      x.receive(product(slopes, factors))
      learn(name, columnsOf: product(slopes, x.rows))
    }
  }

  /// Rows of a table that is learned.
  func looked(up indices: [Int], in name: String) -> Traced {
    let table = tensor(name)
    let width = table.shape[1]
    let rows = indices.map { Array(table.values[($0 * width)..<(($0 + 1) * width)]) }
    return traced(rows) { [unowned self] slopes in
      learn(name) { sums in
        for (index, slope) in zip(indices, slopes) {
          for k in 0..<width { sums[index * width + k] += slope[k] }
        }
      }
    }
  }
}
