// SPDX-License-Identifier: MIT

import Foundation
import TestSupport
import Testing

@testable import RelaxNumerics

/// What reverse passes are made of, against plain loops in double precision.
@Suite struct GradientKernelTests {
  private static func list(
    _ count: Int, below limit: Int, _ random: inout SeededGenerator
  ) -> AlignedBuffer<Int32> {
    AlignedBuffer((0..<count).map { _ in Int32(random.next() % UInt64(limit)) })
  }

  /// Slopes of the activation functions as they are written in the released code.
  private static func plainSlope(_ kind: DenseActivation, _ x: Double) -> Double {
    let leak = x < 0 ? 0.05 : 0
    let sigmoid = 1 / (1 + exp(-x))
    return switch kind {
    case .identity: 1
    case .relu: x > 0 ? 1 : 0
    case .leakyRelu: x > 0 ? 1 : 0.01
    case .softplus, .shiftedSoftplus: sigmoid
    case .leakySoftplus, .leakyShiftedSoftplus: sigmoid + leak
    case .elu: x > 0 ? 1 : exp(x)
    case .leakyElu: (x > 0 ? 1 : exp(x)) + leak
    case .tanh: 1 - tanh(x) * tanh(x)
    case .leakyTanh: 1.05 - tanh(x) * tanh(x)
    case .swish: sigmoid + x * sigmoid * (1 - sigmoid)
    }
  }

  @Test(
    "Slopes are exact to single precision from −100 to 100, and go with the values",
    arguments: DenseActivation.allCases)
  func slopes(kind: DenseActivation) {
    onEveryKernelSet { kernels in
      let (start, count) = (3, 4001)
      let x = FloatMatrix(rows: start + count, columns: 5)
      let (d, values) = (
        FloatMatrix(rows: count, columns: 5), FloatMatrix(rows: count, columns: 5)
      )
      for row in 0..<count {
        let t = Double(row - count / 2) / Double(count / 2)
        for column in 0..<5 {
          x[start + row, column] = Float(100 * t * t * t)
          d[row, column] = Float(column - 1)
        }
      }
      kind.differentiate(count, at: x, from: start, d, values: values, kernels: kernels)
      let same = FloatMatrix(rows: count, columns: 5)
      kind.apply(count, to: x, from: start, into: same, kernels: kernels)
      for row in 0..<count {
        for column in 0..<5 {
          let at = Double(x[start + row, column])
          let slope = Self.plainSlope(kind, at)
          let error = abs(Double(d[row, column]) - Double(column - 1) * slope)
          #expect(error < 1.5e-6, "\(kernels) at \(at)")
          let value = plainActivation(kind, at)
          #expect(abs(Double(values[row, column]) - value) < 4e-7 * max(1, abs(value)))
          #expect(abs(Double(same[row, column]) - value) < 4e-7 * max(1, abs(value)))
        }
      }
    }
  }

  @Test(
    "Outer products are sums over rows",
    arguments: [(1, 1, 1), (5, 7, 33), (193, 13, 65), (400, 6, 16), (12, 128, 36), (7, 3, 200)])
  func outerProducts(rows: Int, outputs: Int, inputs: Int) {
    onEveryKernelSet { kernels in
      var random = SeededGenerator(seed: UInt64(rows))
      let y = FloatMatrix.random(rows + 2, outputs, &random)
      let x = FloatMatrix.random(rows + 1, inputs, &random)
      let sums = FloatMatrix.random(outputs, inputs, &random)
      let before = sums.copy()
      let some = outputs / 3..<outputs
      sums.addOuterProducts(
        rows, .init(y, from: 2), .init(x, from: 1), outputs: some, kernels: kernels)
      for k in 0..<outputs {
        for c in 0..<inputs {
          var sum = Double(before[k, c])
          if some.contains(k) {
            for r in 0..<rows { sum += Double(y[r + 2, k]) * Double(x[r + 1, c]) }
          }
          let slack = some.contains(k) ? 1e-7 * Double(rows + 1) : 0
          #expect(abs(Double(sums[k, c]) - sum) <= slack, "\(kernels) \(k) \(c)")
        }
      }
    }
  }

  @Test("Combinations of rows are gathered, multiplied and scattered", arguments: 0..<8)
  func combinations(variant: Int) {
    onEveryKernelSet { kernels in
      var random = SeededGenerator(seed: UInt64(variant))
      let (count, columns) = (29, 37)
      let (a, b) = (
        FloatMatrix.random(9, columns, &random), FloatMatrix.random(11, columns, &random)
      )
      let (rowsOfA, rowsOfB) = (
        Self.list(count + 2, below: 9, &random), Self.list(count, below: 11, &random)
      )
      let scale = AlignedBuffer((0..<count + 3).map { _ in Float(random.uniform(-1, 1)) })
      let (hasFactor, hasScale, adds) = (variant & 1 != 0, variant & 2 != 0, variant & 4 != 0)
      let out = FloatMatrix.random(adds ? 4 : count, columns, &random)
      let rowsOfOut = Self.list(count, below: 4, &random)
      var expected = (0..<out.rows).map { r in (0..<columns).map { Double(out[r, $0]) } }
      for r in 0..<count {
        for c in 0..<columns {
          let value =
            Double(a[Int(rowsOfA[r + 2]), c])
            * (hasFactor ? Double(b[Int(rowsOfB[r]), c]) : 1)
            * (hasScale ? Double(scale[r + 3]) : 1)
          if adds { expected[Int(rowsOfOut[r])][c] += value } else { expected[r][c] = value }
        }
      }
      RowCombination(
        .init(a, rowsOfA, from: 2), times: hasFactor ? .init(b, rowsOfB) : nil,
        scale: hasScale ? scale : nil, scaleStart: 3
      ).apply(
        count, columns: columns, adds ? .add(.init(out, rowsOfOut)) : .store(.init(out)),
        kernels: kernels)
      for r in 0..<out.rows {
        for c in 0..<columns { #expect(abs(Double(out[r, c]) - expected[r][c]) < 3e-6) }
      }
    }
  }

  @Test("Batch normalisation and its derivatives", arguments: [(2, 1), (17, 5), (200, 33)])
  func batchNormalization(rows: Int, columns: Int) {
    onEveryKernelSet { kernels in
      var random = SeededGenerator(seed: UInt64(columns))
      let x = FloatMatrix.random(rows, columns, &random, scale: 3)
      // Means far from zero are no trouble.
      for row in 0..<rows { x[row, 0] += 50 }
      let d = FloatMatrix.random(rows, columns, &random)
      let upper = d.copy()
      let gain = (0..<columns).map { _ in Float(random.uniform(0.5, 2)) }
      let shift = (0..<columns).map { _ in Float(random.uniform(-1, 1)) }
      let batch = BatchNormalization(of: x, gain: gain, shift: shift, kernels: kernels)
      let out = FloatMatrix(rows: rows, columns: columns)
      batch.apply(rows, of: x, into: out, kernels: kernels)
      let gradient = batch.gradient(d, of: x, kernels: kernels)
      let n = Double(rows)
      for c in 0..<columns {
        let values = (0..<rows).map { Double(x[$0, c]) }
        let mean = values.reduce(0, +) / n
        let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / n
        #expect(abs(batch.mean[c] - mean) < 1e-12 * (1 + abs(mean)))
        #expect(abs(batch.variance[c] - variance) < 1e-10 * variance + 1e-12)
        let inverse = 1 / (variance + 1e-5).squareRoot()
        let normal = values.map { ($0 - mean) * inverse }
        let slopes = (0..<rows).map { Double(upper[$0, c]) }
        let ofGain = zip(slopes, normal).reduce(0) { $0 + $1.0 * $1.1 }
        #expect(abs(gradient.gain[c] - ofGain) < 1e-9 * n)
        #expect(abs(gradient.shift[c] - slopes.reduce(0, +)) < 1e-9 * n)
        for r in 0..<rows {
          let value = normal[r] * Double(gain[c]) + Double(shift[c])
          #expect(abs(Double(out[r, c]) - value) < 1e-4)
          let slope =
            (slopes[r] - slopes.reduce(0, +) / n - normal[r] * ofGain / n) * inverse
            * Double(gain[c])
          #expect(abs(Double(d[r, c]) - slope) < 1e-4 * max(1, inverse), "\(kernels) \(r) \(c)")
        }
      }
    }
  }

  @Test("Derivatives of normalised rows", arguments: [(1, 3), (6, 16), (13, 37), (4, 100)])
  func normalizedRows(rows: Int, columns: Int) {
    onEveryKernelSet { kernels in
      var random = SeededGenerator(seed: UInt64(columns))
      let x = FloatMatrix.random(rows, columns, &random, scale: 2)
      let upper = FloatMatrix.random(5, columns, &random)
      let list = Self.list(rows, below: 5, &random)
      let gain = (0..<columns).map { _ in Float(random.uniform(0.5, 2)) }
      let shift = (0..<columns).map { _ in Float(random.uniform(-1, 1)) }
      let out = FloatMatrix(rows: rows, columns: columns)
      let sums = (FloatMatrix(rows: 1, columns: columns), FloatMatrix(rows: 1, columns: columns))
      NormalizedSum(gain: gain, shift: shift).gradient(
        rows, of: .init(x), .init(upper, list), into: out, gainSums: sums.0, shiftSums: sums.1,
        kernels: kernels)
      var expected = (
        [Double](repeating: 0, count: columns), [Double](repeating: 0, count: columns)
      )
      let n = Double(columns)
      for r in 0..<rows {
        let values = (0..<columns).map { Double(x[r, $0]) }
        let mean = values.reduce(0, +) / n
        let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / n
        let inverse = 1 / (variance + 1e-5).squareRoot()
        let normal = values.map { ($0 - mean) * inverse }
        var slopes = [Double](repeating: 0, count: columns)
        for c in 0..<columns where normal[c] * Double(gain[c]) + Double(shift[c]) > 0 {
          let d = Double(upper[Int(list[r]), c])
          expected.0[c] += d * normal[c]
          expected.1[c] += d
          slopes[c] = d * Double(gain[c])
        }
        let mean1 = slopes.reduce(0, +) / n
        let mean2 = zip(slopes, normal).reduce(0) { $0 + $1.0 * $1.1 } / n
        for c in 0..<columns {
          let slope = (slopes[c] - mean1 - normal[c] * mean2) * inverse
          #expect(abs(Double(out[r, c]) - slope) < 1e-5 * max(1, inverse), "\(kernels)")
        }
      }
      for c in 0..<columns {
        #expect(abs(Double(sums.0[0, c]) - expected.0[c]) < 1e-5 * Double(rows))
        #expect(abs(Double(sums.1[0, c]) - expected.1[c]) < 1e-5 * Double(rows))
      }
    }
  }

  @Test("Layers packed from single precision, as they are and transposed", arguments: [1, 9, 70])
  func layers(size: Int) {
    onEveryKernelSet { kernels in
      var random = SeededGenerator(seed: 4)
      let weights = FloatMatrix.random(size, 2 * size + 1, &random)
      let bias = FloatMatrix.random(1, size, &random)
      func doubles(_ rows: Int, _ columns: Int, _ value: (Int, Int) -> Float) -> [Double] {
        (0..<rows).flatMap { row in (0..<columns).map { Double(value(row, $0)) } }
      }
      let columns = 2 * size
      let pairs = [
        (
          DenseLayer(weights, columns: columns, bias: bias, activation: .swish),
          DenseLayer(
            inputs: columns, outputs: size, weights: doubles(size, columns) { weights[$0, $1] },
            bias: doubles(1, size) { bias[$0, $1] }, activation: .swish)
        ),
        (
          DenseLayer(weights, isTransposed: true),
          DenseLayer(
            inputs: size, outputs: columns + 1,
            weights: doubles(columns + 1, size) { weights[$1, $0] }, bias: nil)
        ),
      ]
      for (layer, expected) in pairs {
        #expect(layer.inputs == expected.inputs && layer.outputs == expected.outputs)
        let x = FloatMatrix.random(7, layer.inputs, &random)
        let results = [layer, expected].map { layer in
          let out = FloatMatrix(rows: 7, columns: layer.outputs)
          layer.apply(7, to: .init(x), .store(.init(out)), kernels: kernels)
          return doubles(7, layer.outputs) { out[$0, $1] }
        }
        #expect(results[0] == results[1])
      }
    }
  }

  @Test("Products of harmonics are contracted back, and slices go where they came from")
  func slices() {
    var random = SeededGenerator(seed: 6)
    let inner = FloatMatrix.random(3, 5, &random)
    let outer = (0..<6).map { _ in random.uniform(-1, 1) }
    let products = FloatMatrix.random(3, 10, &random)
    products.contractProducts(outer, width: 2, into: inner)
    for row in 0..<3 {
      for c in 0..<5 {
        let sum =
          outer[2 * row] * Double(products[row, c]) + outer[2 * row + 1]
          * Double(products[row, c + 5])
        #expect(abs(Double(inner[row, c]) - sum) < 1e-6)
      }
    }
    var numbers = (0..<40).map { Float($0) }
    let rectangle = FloatRectangle(rows: 3, columns: 4, of: numbers, at: 5, step: 10)
    let slice = FloatMatrix(rectangle)
    #expect(slice[0, 0] == 5 && slice[2, 3] == 28)
    slice.add(to: &numbers, at: 5, step: 10, columns: 2)
    slice.add(column: 3, to: &numbers, at: 0)
    #expect(numbers[5] == 10 && numbers[26] == 52 && numbers[27] == 27)
    #expect(numbers[0] == 8 && numbers[1] == 19 && numbers[2] == 30 && numbers[3] == 3)
    slice.fill(column: 1, from: numbers, at: 3)
    #expect(slice[1, 1] == 4 && slice[1, 2] == 17)
  }

  @Test("A layer packed from numbers among others is the one packed from a matrix of them")
  func packing() {
    var random = SeededGenerator(seed: 31)
    let numbers = (0..<90 * 80).map { _ in Float(random.uniform(-1, 1)) }
    for (rows, columns) in [(1, 1), (3, 70), (70, 3), (65, 64)] {
      let rectangle = FloatRectangle(rows: rows, columns: columns, of: numbers, at: 7, step: 80)
      let (matrix, bias) = (FloatMatrix(rectangle), FloatMatrix.random(1, rows, &random))
      let pairs = [
        (DenseLayer(rectangle, bias: bias), DenseLayer(matrix, bias: bias)),
        (DenseLayer(rectangle, isTransposed: true), DenseLayer(matrix, isTransposed: true)),
      ]
      for (found, expected) in pairs {
        let x = FloatMatrix.random(2, expected.inputs, &random)
        let outputs = [found, expected].map { layer in
          let y = FloatMatrix(rows: 2, columns: layer.outputs)
          layer.apply(2, to: .init(x), .store(.init(y)), kernels: .portable)
          return y
        }
        for row in 0..<2 {
          for column in 0..<expected.outputs {
            #expect(outputs[0][row, column] == outputs[1][row, column])
          }
        }
        #expect(outputs[1][1, 0] != 0)
      }
    }
  }
}
