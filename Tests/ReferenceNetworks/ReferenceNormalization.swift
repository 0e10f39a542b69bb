// SPDX-License-Identifier: MIT

import Networks

/// Normalisations, and the stacks of layers that they stand in.
extension ReferenceLayers {
  /// (x − mean) / √(variance + ε) · weight + bias, column by column.
  ///
  /// In training the batch's mean and biased variance take part, and the running statistics move a
  /// tenth of the way towards its mean and unbiased variance.
  func batchNorm(_ x: Traced, _ name: String) -> Traced {
    var mean = vector(name + ".running_mean")
    var variance = vector(name + ".running_var")
    if mode == .training {
      let n = Double(x.count)
      var (batchMean, batchVariance, unbiased) = (mean, variance, variance)
      for k in mean.indices {
        batchMean[k] = x.rows.reduce(0) { $0 + $1[k] } / n
        let squares = x.rows.reduce(0) { $0 + ($1[k] - batchMean[k]) * ($1[k] - batchMean[k]) }
        (batchVariance[k], unbiased[k]) = (squares / n, squares / (n - 1))
      }
      moveStatistic(name + ".running_mean", towards: batchMean)
      moveStatistic(name + ".running_var", towards: unbiased)
      (mean, variance) = (batchMean, batchVariance)
    }
    let spread = variance.map { ($0 + 1e-5).squareRoot() }
    let normal = x.rows.map { row in row.indices.map { (row[$0] - mean[$0]) / spread[$0] } }
    let y = affine(normal, name)
    note(name + "/in0", x.rows)
    note(name + "/out", y)
    return traced(y) { [unowned self] slopes in
      // x̂ = (x − mean) / spread, and mean and spread depend on every x of the column.
      let slopes = slopesOfNormal(slopes, normal, name)
      let n = Double(x.count)
      var back = slopes
      for k in spread.indices {
        let average = slopes.reduce(0) { $0 + $1[k] } / n
        let overlap = zip(slopes, normal).reduce(0) { $0 + $1.0[k] * $1.1[k] } / n
        for row in back.indices {
          back[row][k] = (slopes[row][k] - average - normal[row][k] * overlap) / spread[k]
        }
      }
      x.receive(back)
    }
  }

  /// Each row less its mean, divided by √(its variance + ε), times weight, plus bias.
  func layerNorm(_ x: Traced, _ name: String) -> Traced {
    var spread: [Double] = []
    let normal = x.rows.map { row in
      let mean = row.reduce(0, +) / Double(row.count)
      let variance = row.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(row.count)
      spread.append((variance + 1e-5).squareRoot())
      return row.map { ($0 - mean) / (variance + 1e-5).squareRoot() }
    }
    return traced(affine(normal, name)) { [unowned self, spread] slopes in
      let slopes = slopesOfNormal(slopes, normal, name)
      x.receive(
        slopes.indices.map { index in
          let (slope, normal) = (slopes[index], normal[index])
          let average = slope.reduce(0, +) / Double(slope.count)
          let overlap = zip(slope, normal).reduce(0) { $0 + $1.0 * $1.1 } / Double(slope.count)
          return zip(slope, normal).map { ($0 - average - $1 * overlap) / spread[index] }
        })
    }
  }

  /// x̂ · weight + bias.
  private func affine(_ normal: Rows, _ name: String) -> Rows {
    let (weight, bias) = (vector(name + ".weight"), vector(name + ".bias"))
    return normal.map { row in row.indices.map { row[$0] * weight[$0] + bias[$0] } }
  }

  /// Derivatives by x̂, from those by x̂ · weight + bias, after learning both.
  private func slopesOfNormal(_ slopes: Rows, _ normal: Rows, _ name: String) -> Rows {
    learn(name + ".bias", columnsOf: slopes)
    learn(name + ".weight", columnsOf: product(slopes, normal))
    return product(slopes, Rows(repeating: vector(name + ".weight"), count: slopes.count))
  }

  /// A stack of layers, numbered as in the released code.
  ///
  /// A linear layer, then `depth` times an activation and a linear layer, with batch normalisation
  /// before the activation if `isNormalized`. Without hidden layers the linear layer is normalised
  /// always.
  func perceptron(
    _ x: Traced, _ name: String, depth: Int, isNormalized: Bool, _ activation: Activation
  ) -> Traced {
    note(name + "/in0", x.rows)
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
    note(name + "/out", y.rows)
    return y
  }
}
