// SPDX-License-Identifier: MIT

import Networks

/// A matrix of duals on its way through a network, with the derivative of the output by each of its numbers
/// once the pass in reverse has come by.
final class Sheet {
  let rows: Int
  let columns: Int
  let values: [Dual]
  fileprivate(set) var slopes: [Dual]?

  init(_ values: [Dual], columns: Int) {
    precondition(columns > 0 && values.count % columns == 0)
    (self.values, self.columns, rows) = (values, columns, values.count / columns)
  }

  func receive(_ more: [Dual]) {
    precondition(more.count == values.count)
    guard var sums = slopes else {
      slopes = more
      return
    }
    for k in sums.indices { sums[k] += more[k] }
    slopes = sums
  }
}

/// Arithmetic on sheets that remembers how derivatives go back, in plain loops: the definition by which
/// networks are judged whose forces are derivatives.
final class Tape {
  let tensors: [String: ReferenceTensor]
  /// Derivatives by trained tensors, after `reverse`.
  private(set) var gradients: [String: [Dual]] = [:]
  private var steps: [() -> Void] = []

  init(_ tensors: [String: ReferenceTensor]) { self.tensors = tensors }

  func tensor(_ name: String) -> ReferenceTensor {
    guard let tensor = tensors[name] else { preconditionFailure("no tensor \(name)") }
    return tensor
  }

  /// Derivatives of the sum of `output` by everything before it.
  func reverse(from output: Sheet) {
    output.receive(Array(repeating: Dual(1), count: output.values.count))
    for step in steps.reversed() { step() }
    steps = []
  }

  func sheet(
    _ values: [Dual], columns: Int, _ pull: @escaping ([Dual]) -> Void
  ) -> Sheet {
    let result = Sheet(values, columns: columns)
    steps.append { if let slopes = result.slopes { pull(slopes) } }
    return result
  }

  private func learn(_ name: String, _ change: (inout [Dual]) -> Void) {
    let count = tensor(name).values.count
    change(&gradients[name, default: Array(repeating: Dual(0), count: count)])
  }

  /// x Wᵀ, and b if there is one.
  func linear(_ x: Sheet, _ name: String, hasBias: Bool = true) -> Sheet {
    let weight = tensor(name + ".weight")
    let (outputs, inputs) = (weight.shape[0], weight.shape[1])
    precondition(x.columns == inputs, "\(name): \(x.columns) columns")
    let bias = hasBias ? tensor(name + ".bias").values : Array(repeating: 0, count: outputs)
    var y = [Dual](repeating: Dual(0), count: x.rows * outputs)
    for r in 0..<x.rows {
      for o in 0..<outputs {
        var sum = Dual(bias[o])
        for i in 0..<inputs { sum += weight.values[o * inputs + i] * x.values[r * inputs + i] }
        y[r * outputs + o] = sum
      }
    }
    return sheet(y, columns: outputs) { [unowned self] slopes in
      var back = [Dual](repeating: Dual(0), count: x.values.count)
      for r in 0..<x.rows {
        for o in 0..<outputs {
          let slope = slopes[r * outputs + o]
          for i in 0..<inputs { back[r * inputs + i] += weight.values[o * inputs + i] * slope }
        }
      }
      x.receive(back)
      learn(name + ".weight") { sums in
        for r in 0..<x.rows {
          for o in 0..<outputs {
            let slope = slopes[r * outputs + o]
            for i in 0..<inputs { sums[o * inputs + i] += slope * x.values[r * inputs + i] }
          }
        }
      }
      guard hasBias else { return }
      learn(name + ".bias") { sums in
        for k in slopes.indices { sums[k % outputs] += slopes[k] }
      }
    }
  }

  /// Rows of a trained table.
  func looked(up indices: [Int], in name: String) -> Sheet {
    let table = tensor(name)
    let width = table.shape[1]
    let rows = indices.flatMap { table.values[$0 * width..<($0 + 1) * width].map { Dual($0) } }
    return sheet(rows, columns: width) { [unowned self] slopes in
      learn(name) { sums in
        for (row, index) in indices.enumerated() {
          for k in 0..<width { sums[index * width + k] += slopes[row * width + k] }
        }
      }
    }
  }

  /// A trained vector in each of `rows` rows.
  func repeated(_ name: String, rows: Int) -> Sheet {
    let vector = tensor(name).values
    let values = (0..<rows).flatMap { _ in vector.map { Dual($0) } }
    return sheet(values, columns: vector.count) { [unowned self] slopes in
      learn(name) { sums in
        for k in slopes.indices { sums[k % vector.count] += slopes[k] }
      }
    }
  }

  func added(_ a: Sheet, _ b: Sheet) -> Sheet {
    sheet(zip(a.values, b.values).map { $0 + $1 }, columns: a.columns) { slopes in
      a.receive(slopes)
      b.receive(slopes)
    }
  }

  func multiplied(_ a: Sheet, _ b: Sheet) -> Sheet {
    precondition(a.columns == b.columns && a.rows == b.rows)
    return sheet(zip(a.values, b.values).map { $0 * $1 }, columns: a.columns) { slopes in
      a.receive(zip(slopes, b.values).map { $0 * $1 })
      b.receive(zip(slopes, a.values).map { $0 * $1 })
    }
  }

  /// Each row times the number in the same row of a sheet of one column.
  func scaled(_ x: Sheet, by factors: Sheet) -> Sheet {
    precondition(factors.columns == 1 && factors.rows == x.rows)
    let c = x.columns
    return sheet(x.values.indices.map { factors.values[$0 / c] * x.values[$0] }, columns: c) {
      slopes in
      x.receive(slopes.indices.map { factors.values[$0 / c] * slopes[$0] })
      var sums = [Dual](repeating: Dual(0), count: x.rows)
      for k in slopes.indices { sums[k / c] += slopes[k] * x.values[k] }
      factors.receive(sums)
    }
  }

  func gathered(_ x: Sheet, _ indices: [Int]) -> Sheet {
    let c = x.columns
    return sheet(indices.flatMap { x.values[$0 * c..<($0 + 1) * c] }, columns: c) { slopes in
      var sums = [Dual](repeating: Dual(0), count: x.values.count)
      for (row, index) in indices.enumerated() {
        for k in 0..<c { sums[index * c + k] += slopes[row * c + k] }
      }
      x.receive(sums)
    }
  }

  /// For each of `count` places the sum of the rows that go there.
  func scattered(_ x: Sheet, to places: [Int], count: Int) -> Sheet {
    let c = x.columns
    var sums = [Dual](repeating: Dual(0), count: count * c)
    for (row, place) in places.enumerated() {
      for k in 0..<c { sums[place * c + k] += x.values[row * c + k] }
    }
    return sheet(sums, columns: c) { slopes in
      x.receive(places.flatMap { slopes[$0 * c..<($0 + 1) * c] })
    }
  }

  func joined(_ parts: [Sheet]) -> Sheet {
    let columns = parts.reduce(0) { $0 + $1.columns }
    let values = (0..<parts[0].rows).flatMap { row in
      parts.flatMap { $0.values[row * $0.columns..<(row + 1) * $0.columns] }
    }
    return sheet(values, columns: columns) { slopes in
      var start = 0
      for part in parts {
        part.receive(
          (0..<part.rows).flatMap {
            slopes[$0 * columns + start..<$0 * columns + start + part.columns]
          })
        start += part.columns
      }
    }
  }

  /// A function of each number, which gives its derivative too.
  func mapped(_ x: Sheet, _ function: (Dual) -> (value: Dual, slope: Dual)) -> Sheet {
    let found = x.values.map(function)
    return sheet(found.map(\.value), columns: x.columns) { slopes in
      x.receive(zip(slopes, found).map { $0 * $1.slope })
    }
  }

  /// Several functions of the number in each row of a sheet of one column.
  func spread(
    _ x: Sheet, count: Int, _ function: (Int, Dual) -> (value: Dual, slope: Dual)
  ) -> Sheet {
    precondition(x.columns == 1)
    let found = x.values.flatMap { value in (0..<count).map { function($0, value) } }
    return sheet(found.map(\.value), columns: count) { slopes in
      var sums = [Dual](repeating: Dual(0), count: x.rows)
      for k in slopes.indices { sums[k / count] += slopes[k] * found[k].slope }
      x.receive(sums)
    }
  }

  /// The length of each row.
  func lengths(_ x: Sheet) -> Sheet {
    let c = x.columns
    let lengths = (0..<x.rows).map { row in
      x.values[row * c..<(row + 1) * c].reduce(Dual(0)) { $0 + $1 * $1 }.squareRoot
    }
    return sheet(lengths, columns: 1) { slopes in
      x.receive(
        x.values.indices.map { k in
          lengths[k / c].value == 0 ? Dual(0) : slopes[k / c] * (x.values[k] / lengths[k / c])
        })
    }
  }

  /// f = x / (1 + e⁻ˣ).
  func swish(_ x: Sheet) -> Sheet {
    mapped(x) { x in
      let s = 1 / ((-x).exponential + 1)
      return (x * s, s + x * s * (1 - s))
    }
  }

  /// ln(1 + eˣ) − ln 2.
  func shiftedSoftplus(_ x: Sheet) -> Sheet {
    mapped(x) { x in
      let sigmoid = 1 / ((-x).exponential + 1)
      return (
        x.map({ reference(.softplus, $0) - Self.shift }) { 1 / (1 + Dual(-$0).exponential.value) },
        sigmoid
      )
    }
  }

  /// The released code's library keeps ln 2 in single precision, whatever it computes in.
  private static let shift = 0x1.62e43p-1
}
