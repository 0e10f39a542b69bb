// SPDX-License-Identifier: MIT

import Foundation
import Networks

/// Numbers in double precision, one row an atom or edge.
typealias Rows = [[Double]]

/// The layers that the networks are made of, by plain loops in double precision: the definition by
/// which fast evaluations are judged.
///
/// Each takes its weights by their names in the released code, float32 widened to double.
final class ReferenceLayers {
  /// Batch normalisation uses the statistics that were learned, or those of the batch at hand.
  enum Mode { case evaluation, training }

  let tensors: [String: Tensor]
  let mode: Mode
  /// Running statistics after the forward passes made in training, by name.
  private(set) var statistics: [String: [Double]] = [:]
  /// What went in and out of each layer, as `lin/in0` and `lin/out`, if `isRecording`.
  private(set) var record: [String: Rows] = [:]
  private let isRecording: Bool

  init(_ tensors: [String: Tensor], mode: Mode = .evaluation, isRecording: Bool = false) {
    (self.tensors, self.mode, self.isRecording) = (tensors, mode, isRecording)
  }

  func tensor(_ name: String) -> Tensor {
    guard let tensor = tensors[name] else { preconditionFailure("no tensor \(name)") }
    return tensor
  }

  func vector(_ name: String) -> [Double] { tensor(name).values.map(Double.init) }

  func note(_ name: String, _ rows: @autoclosure () -> Rows) {
    if isRecording { record[name] = rows() }
  }

  /// x Wᵀ + b.
  func linear(_ x: Rows, _ name: String) -> Rows {
    let weight = tensor(name + ".weight")
    let bias = vector(name + ".bias")
    let (outputs, inputs) = (weight.shape[0], weight.shape[1])
    // Column by column, so that the innermost loop runs over outputs that do not depend on each
    // other, and some rows at a time, so that a column is fetched once for all of them.
    var columns = [Double](repeating: 0, count: inputs * outputs)
    for o in 0..<outputs {
      for i in 0..<inputs { columns[i * outputs + o] = Double(weight.values[o * inputs + i]) }
    }
    var y = Rows(repeating: bias, count: x.count)
    for first in stride(from: 0, to: x.count, by: 4) {
      let rows = first..<min(first + 4, x.count)
      for row in rows { precondition(x[row].count == inputs, "\(name): width \(x[row].count)") }
      columns.withUnsafeBufferPointer { columns in
        for i in 0..<inputs {
          for row in rows {
            let factor = x[row][i]
            y[row].withUnsafeMutableBufferPointer { sums in
              for o in 0..<outputs { sums[o] += factor * columns[i * outputs + o] }
            }
          }
        }
      }
    }
    note(name + "/in0", x)
    note(name + "/out", y)
    return y
  }

  /// (x − mean) / √(variance + ε) · weight + bias, column by column.
  ///
  /// In training the batch's mean and biased variance take part, and the running statistics move a
  /// tenth of the way towards its mean and unbiased variance.
  func batchNorm(_ x: Rows, _ name: String) -> Rows {
    var mean = vector(name + ".running_mean")
    var variance = vector(name + ".running_var")
    if mode == .training {
      let n = Double(x.count)
      for k in mean.indices {
        let batchMean = x.reduce(0) { $0 + $1[k] } / n
        let squares = x.reduce(0) { $0 + ($1[k] - batchMean) * ($1[k] - batchMean) }
        statistics[name + ".running_mean", default: mean][k] = 0.9 * mean[k] + 0.1 * batchMean
        statistics[name + ".running_var", default: variance][k] =
          0.9 * variance[k] + 0.1 * squares / (n - 1)
        mean[k] = batchMean
        variance[k] = squares / n
      }
    }
    let (weight, bias) = (vector(name + ".weight"), vector(name + ".bias"))
    let y = x.map { row in
      row.indices.map { k in
        (row[k] - mean[k]) / (variance[k] + 1e-5).squareRoot() * weight[k] + bias[k]
      }
    }
    note(name + "/in0", x)
    note(name + "/out", y)
    return y
  }

  /// Each row less its mean, divided by √(its variance + ε), times weight, plus bias.
  func layerNorm(_ x: Rows, _ name: String) -> Rows {
    let (weight, bias) = (vector(name + ".weight"), vector(name + ".bias"))
    return x.map { row in
      let mean = row.reduce(0, +) / Double(row.count)
      let variance = row.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(row.count)
      return row.indices.map { k in
        (row[k] - mean) / (variance + 1e-5).squareRoot() * weight[k] + bias[k]
      }
    }
  }

  /// A stack of layers, numbered as in the released code.
  ///
  /// A linear layer, then `depth` times an activation and a linear layer, with batch normalisation
  /// before the activation if `isNormalized`. Without hidden layers the linear layer is normalised
  /// always.
  func perceptron(
    _ x: Rows, _ name: String, depth: Int, isNormalized: Bool, _ activation: Activation
  ) -> Rows {
    note(name + "/in0", x)
    var y = linear(x, name + ".0")
    var place = 1
    if depth == 0 { y = batchNorm(y, name + ".1") }
    for _ in 0..<depth {
      if isNormalized {
        y = batchNorm(y, name + ".\(place)")
        place += 1
      }
      y = activated(y, activation)
      y = linear(y, name + ".\(place + 1)")
      place += 2
    }
    note(name + "/out", y)
    return y
  }
}

/// The activation of every number.
func activated(_ x: Rows, _ activation: Activation) -> Rows {
  x.map { $0.map { reference(activation, $0) } }
}

/// An activation by its definition.
func reference(_ activation: Activation, _ x: Double) -> Double {
  // ln(1 + eˣ) without overflow; the released code leaves out the last 2·10⁻⁹ above 20.
  let softplus = x > 20 ? x : max(x, 0) + log1p(exp(-abs(x)))
  let elu = x > 0 ? x : expm1(x)
  let leak = 0.05 * min(x, 0)
  // The released code keeps ln 2 in single precision, whatever it computes in.
  let shift = Double(logf(2))
  switch activation {
  case .relu: return max(x, 0)
  case .leakyRelu: return x > 0 ? x : 0.01 * x
  case .softplus: return softplus
  case .leakySoftplus: return softplus + leak
  case .elu: return elu
  case .leakyElu: return elu + leak
  case .shiftedSoftplus: return softplus - shift
  case .leakyShiftedSoftplus: return softplus + leak - shift
  case .tanh: return tanh(x)
  case .leakyTanh: return tanh(x) + 0.05 * x
  case .swish: return x / (1 + exp(-x))
  }
}

/// Row by row one after the other.
func concatenated(_ first: Rows, _ others: Rows...) -> Rows {
  first.indices.map { row in others.reduce(first[row]) { $0 + $1[row] } }
}

/// Sums of equal rows.
func sum(_ a: Rows, _ b: Rows) -> Rows {
  zip(a, b).map { zip($0, $1).map { $0 + $1 } }
}
