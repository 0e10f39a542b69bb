// SPDX-License-Identifier: MIT

import Foundation
import TestSupport
import Testing

@testable import RelaxNumerics

@Suite struct NetworkKernelTests {
  @Test("Sines, cosines and Gaussians are those of the mathematics library")
  func spread() {
    let powers = (0..<50).map { pow(1.1, Double($0)) }
    let centers = (0..<50).map { Double($0) / 49 }
    let families = [
      SpreadFunctions(.sines, parameters: powers), SpreadFunctions(.cosines, parameters: powers),
      SpreadFunctions(.sines, parameters: (0..<7).map(Double.init)),
      SpreadFunctions(.gaussians(coefficient: -0.5 * 49 * 49), parameters: centers),
    ]
    func plain(_ family: SpreadFunctions, _ p: Double, _ x: Double) -> Double {
      switch family.kind {
      case .sines: sin(p * x)
      case .cosines: cos(p * x)
      case .gaussians(let coefficient): exp(coefficient * (x - p) * (x - p))
      }
    }
    onEveryKernelSet { kernels in
      var generator = SeededGenerator(seed: 4)
      for family in families {
        for width in [1, 4, 7, 9] {
          let rows = 11
          let features = (0..<rows * width).map { _ in generator.uniform(-1, 1) }
          let out = FloatMatrix(rows: rows, columns: 3 + width * family.parameters.count)
          family.evaluate(features, width: width, into: out, column: 3, kernels: kernels)
          for row in 0..<rows {
            for (k, p) in family.parameters.enumerated() {
              for s in 0..<width {
                let expected = plain(family, p, features[row * width + s])
                #expect(abs(Double(out[row, 3 + k * width + s]) - expected) < 4e-8)
              }
            }
          }
        }
      }
    }
  }

  @Test("Normalised sums are those of plain loops", arguments: [1, 5, 16, 33, 64, 100])
  func normalizedSum(columns: Int) {
    onEveryKernelSet { kernels in
      var generator = SeededGenerator(seed: UInt64(columns))
      let gain = (0..<columns).map { _ in Float(generator.uniform(0.5, 1.5)) }
      let shift = (0..<columns).map { _ in Float(generator.uniform(-1, 1)) }
      let (rows, targets) = (9, 3)
      let x = FloatMatrix(rows: rows, columns: columns)
      for row in 0..<rows {
        for column in 0..<columns { x[row, column] = Float(generator.uniform(-3, 5)) }
      }
      let sums = FloatMatrix(rows: targets, columns: columns + 1)
      let list = AlignedBuffer((0..<rows).map { Int32($0 * targets / rows) })
      NormalizedSum(gain: gain, shift: shift).add(
        rows, of: x, to: sums, rows: list, from: 0, kernels: kernels)
      var expected = [[Double]](repeating: Array(repeating: 0, count: columns), count: targets)
      for row in 0..<rows {
        let values = (0..<columns).map { Double(x[row, $0]) }
        let mean = values.reduce(0, +) / Double(columns)
        let variance = values.map { ($0 - mean) * ($0 - mean) }.reduce(0, +) / Double(columns)
        for column in 0..<columns {
          let normal = (values[column] - mean) / (variance + 1e-5).squareRoot()
          expected[Int(list[row])][column] += max(
            0, normal * Double(gain[column]) + Double(shift[column]))
        }
      }
      for target in 0..<targets {
        for column in 0..<columns {
          #expect(abs(Double(sums[target, column]) - expected[target][column]) < 1e-5)
        }
      }
    }
  }

  @Test("Buffers are aligned, zero at first, and keep what is copied")
  func buffers() {
    let buffer = AlignedBuffer<Float>(count: 3)
    #expect(Int(bitPattern: buffer.base) % 64 == 0)
    #expect((0..<3).allSatisfy { buffer[$0] == 0 })
    buffer.resize(1000)
    #expect(buffer.count == 1000 && Int(bitPattern: buffer.base) % 64 == 0)
    buffer[999] = 7
    let other = AlignedBuffer<Float>(count: 1000)
    other.copy(990..<1000, from: buffer)
    #expect(other[999] == 7)
    other.clear(999..<1000)
    #expect(other[999] == 0)
  }
}
