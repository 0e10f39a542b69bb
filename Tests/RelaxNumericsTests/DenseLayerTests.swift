// SPDX-License-Identifier: MIT

import Foundation
import TestSupport
import Testing

@testable import RelaxNumerics

/// A layer with everything that it can be combined with, and what plain loops make of it.
private struct Problem {
  var inputs: Int, outputs: Int, rows: Int
  var activation = DenseActivation.identity
  var hasBias = true, additions = 0, hasFactor = false, hasScale = false, adds = false
  var usesLists = false

  private let tableRows = 5

  /// A number by plain loops in double precision, and what rounding to single precision may change.
  private struct Entry {
    var value: Double
    var slack = 0.0
  }

  /// The result by the kernel and by loops.
  private func solve(_ kernels: KernelSet, seed: UInt64) -> (kernel: FloatMatrix, loops: [[Entry]])
  {
    var generator = SeededGenerator(seed: seed)
    let weights = (0..<inputs * outputs).map { _ in Double(Float(generator.uniform(-1, 1))) }
    let bias = (0..<outputs).map { _ in Double(Float(generator.uniform(-1, 1))) }
    let layer = DenseLayer(
      inputs: inputs, outputs: outputs, weights: weights, bias: hasBias ? bias : nil,
      activation: activation)
    let x = FloatMatrix.random(usesLists ? tableRows : rows, inputs, &generator)
    let tables = (0..<3).map { _ in
      FloatMatrix.random(usesLists ? tableRows : rows, outputs, &generator)
    }
    let lists = (0..<5).map { _ in
      AlignedBuffer((0..<rows).map { _ in Int32(generator.next() % UInt64(tableRows)) })
    }
    let scale = AlignedBuffer((0..<rows).map { _ in Float(generator.uniform(-1, 1)) })
    let out = FloatMatrix.random(usesLists && adds ? tableRows : rows, outputs, &generator)
    var loops = (0..<out.rows).map { row in
      (0..<outputs).map { Entry(value: Double(out[row, $0])) }
    }
    // Half a unit in the last place of every partial sum and product, in single precision.
    let half = 0x1p-24

    func listed(_ matrix: FloatMatrix, _ number: Int) -> DenseLayer.Rows {
      .init(matrix, usesLists ? lists[number] : nil)
    }
    func place(_ number: Int, _ row: Int) -> Int { usesLists ? Int(lists[number][row]) : row }
    for row in 0..<rows {
      for output in 0..<outputs {
        var (sum, slack) = (0.0, 0.0)
        func add(_ term: Double) {
          sum += term
          slack += half * (abs(sum) + abs(term))
        }
        for input in 0..<inputs {
          add(weights[output * inputs + input] * Double(x[place(0, row), input]))
        }
        if hasBias { add(bias[output]) }
        for table in 0..<additions { add(Double(tables[table][place(1 + table, row), output])) }
        // No activation is steeper than 1.1, and each is good to four half units.
        var value = plainActivation(activation, sum)
        slack = 1.1 * slack + 4 * half * max(1, abs(value))
        let factor =
          (hasFactor ? Double(tables[2][place(3, row), output]) : 1)
          * (hasScale ? Double(scale[row]) : 1)
        value *= factor
        slack = abs(factor) * slack + 2 * half * abs(value)
        let target = usesLists && adds ? place(4, row) : row
        if adds {
          loops[target][output].value += value
          loops[target][output].slack += slack + half * abs(loops[target][output].value)
        } else {
          loops[target][output] = Entry(value: value, slack: slack)
        }
      }
    }
    let addition: DenseLayer.Addition =
      switch additions {
      case 0: .none
      case 1: .rows(listed(tables[0], 1))
      default: .both(listed(tables[0], 1), listed(tables[1], 2))
      }
    layer.apply(
      rows, to: listed(x, 0), adding: addition, times: hasFactor ? listed(tables[2], 3) : nil,
      scale: hasScale ? scale : nil,
      adds ? .add(usesLists ? listed(out, 4) : .init(out)) : .store(.init(out)), kernels: kernels)
    return (out, loops)
  }

  /// Largest deviation, as a share of what rounding explains.
  func error(_ kernels: KernelSet, seed: UInt64) -> Double {
    let (kernel, loops) = solve(kernels, seed: seed)
    var worst = 0.0
    for (row, entries) in loops.enumerated() {
      for (column, entry) in entries.enumerated() {
        let deviation = abs(Double(kernel[row, column]) - entry.value)
        worst = max(worst, deviation.isNaN ? .infinity : deviation / (entry.slack + 1e-12))
      }
    }
    return worst
  }
}

/// The activation functions as they are written in the released code.
func plainActivation(_ kind: DenseActivation, _ x: Double) -> Double {
  let softplus = max(x, 0) + log1p(exp(-abs(x)))
  let leak = 0.05 * min(x, 0)
  return switch kind {
  case .identity: x
  case .relu: max(x, 0)
  case .leakyRelu: x < 0 ? 0.01 * x : x
  case .softplus: softplus
  case .leakySoftplus: softplus + leak
  case .elu: x < 0 ? expm1(x) : x
  case .leakyElu: (x < 0 ? expm1(x) : x) + leak
  case .shiftedSoftplus: softplus - log(2)
  case .leakyShiftedSoftplus: softplus - log(2) + leak
  case .tanh: tanh(x)
  case .leakyTanh: tanh(x) + 0.05 * x
  case .swish: x / (1 + exp(-x))
  }
}

@Suite struct DenseLayerTests {
  /// Inputs, outputs and rows around the sizes of vectors, panels and tiles.
  private static let shapes = [
    (1, 1, 1), (7, 33, 5), (36, 64, 6), (65, 130, 7), (450, 17, 3), (128, 96, 13), (33, 16, 12),
    (9, 81, 1), (200, 4, 25), (512, 48, 8),
  ]

  @Test("A layer is what plain loops make of it, on every kernel set", arguments: shapes)
  func plainLoops(inputs: Int, outputs: Int, rows: Int) {
    onEveryKernelSet { kernels in
      for (number, activation) in DenseActivation.allCases.enumerated() {
        for variant in stride(from: number % 3, to: 32, by: 3) {
          let problem = Problem(
            inputs: inputs, outputs: outputs, rows: rows, activation: activation,
            hasBias: variant & 1 != 0, additions: (variant >> 1) % 3, hasFactor: variant & 4 != 0,
            hasScale: variant & 8 != 0, adds: variant & 16 != 0, usesLists: variant & 2 != 0)
          let error = problem.error(kernels, seed: UInt64(100 * number + variant))
          #expect(error < 1, "\(kernels) \(problem): \(error) of what rounding explains")
        }
      }
    }
  }

  @Test("A row's result has the same bits whatever rows are beside it")
  func rowsAreIndependent() {
    onEveryKernelSet { kernels in
      var generator = SeededGenerator(seed: 9)
      let (inputs, outputs, rows) = (100, 72, 23)
      let layer = DenseLayer(
        inputs: inputs, outputs: outputs,
        weights: (0..<inputs * outputs).map { _ in generator.uniform(-1, 1) },
        bias: (0..<outputs).map { _ in generator.uniform(-1, 1) }, activation: .swish)
      let x = FloatMatrix(rows: rows, columns: inputs)
      for row in 0..<rows {
        for column in 0..<inputs { x[row, column] = Float(generator.uniform(-1, 1)) }
      }
      let together = FloatMatrix(rows: rows, columns: outputs)
      layer.apply(rows, to: .init(x), .store(.init(together)), kernels: kernels)
      for row in 0..<rows {
        let alone = FloatMatrix(rows: 1, columns: outputs)
        layer.apply(1, to: .init(x, from: row), .store(.init(alone)), kernels: kernels)
        for column in 0..<outputs {
          #expect(alone[0, column].bitPattern == together[row, column].bitPattern)
        }
      }
    }
  }

  @Test(
    "Activations are exact to single precision from −100 to 100",
    arguments: DenseActivation.allCases)
  func activations(kind: DenseActivation) {
    onEveryKernelSet { kernels in
      let identity = DenseLayer(
        inputs: 1, outputs: 1, weights: [1], bias: nil, activation: kind)
      let count = 20_001
      let x = FloatMatrix(rows: count, columns: 1)
      for row in 0..<count {
        let t = Double(row - count / 2) / Double(count / 2)
        x[row, 0] = Float(100 * t * t * t)
      }
      let y = FloatMatrix(rows: count, columns: 1)
      identity.apply(count, to: .init(x), .store(.init(y)), kernels: kernels)
      var worst = 0.0
      for row in 0..<count {
        let expected = plainActivation(kind, Double(x[row, 0]))
        worst = max(worst, abs(Double(y[row, 0]) - expected) / max(1, abs(expected)))
      }
      #expect(worst < 2e-7, "\(kernels): \(worst)")
    }
  }

  @Test("NaN comes through every activation", arguments: DenseActivation.allCases)
  func notANumber(kind: DenseActivation) {
    onEveryKernelSet { kernels in
      let layer = DenseLayer(inputs: 1, outputs: 1, weights: [1], bias: nil, activation: kind)
      let x = FloatMatrix(rows: 1, columns: 1)
      x[0, 0] = .nan
      let y = FloatMatrix(rows: 1, columns: 1)
      layer.apply(1, to: .init(x), .store(.init(y)), kernels: kernels)
      #expect(y[0, 0].isNaN, "\(kernels)")
    }
  }
}
