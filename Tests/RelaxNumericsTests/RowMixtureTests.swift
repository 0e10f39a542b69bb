// SPDX-License-Identifier: MIT

import Foundation
import TestSupport
import Testing

@testable import RelaxNumerics

/// Mixtures of rows and curves of activations against plain loops.
@Suite("Mixtures of rows") struct RowMixtureTests {
  @Test("Forward, back and slopes", arguments: [1, 5, 16, 33, 64, 130])
  func mixtures(columns: Int) throws {
    var random = SeededGenerator(seed: UInt64(columns))
    let sizes = [2, 1, 4]
    let (items, groups) = (9, RowMixture.Groups(sizes: sizes))
    let weights = FloatMatrix.random(12, 7, &random)
    let rows = FloatMatrix.random(20, columns, &random)
    let list = (0..<items).map { _ in Int32(random.next() % 12) }
    let first = (0..<items).map { _ in Int32(random.next() % 11) }
    let places = AlignedBuffer((0..<items).map { Int32((7 * $0) % items) })
    let d = FloatMatrix.random(3 * items, columns, &random)
    let mixture = RowMixture(
      groups, weights: .init(weights, AlignedBuffer(list)), of: rows, from: 2,
      first: (AlignedBuffer(first), 0))
    var mixed = [[Double]](repeating: Array(repeating: 0, count: columns), count: 3 * items)
    var ofRows = [[Double]](repeating: Array(repeating: 0, count: columns), count: 20)
    var ofWeights = [[Double]](repeating: Array(repeating: 0, count: 7), count: items)
    for item in 0..<items {
      var k = 0
      for (g, size) in sizes.enumerated() {
        let out = 3 * Int(places[item]) + g
        for _ in 0..<size {
          let (row, w) = (2 + Int(first[item]) + k, Double(weights[Int(list[item]), k]))
          for c in 0..<columns {
            mixed[out][c] += w * Double(rows[row, c])
            ofRows[row][c] += w * Double(d[out, c])
            ofWeights[item][k] += Double(rows[row, c]) * Double(d[out, c])
          }
          k += 1
        }
      }
    }
    try onEveryKernelSet { kernels in
      let out = FloatMatrix(rows: 3 * items, columns: columns)
      let back = FloatMatrix(rows: 20, columns: columns)
      let slopes = FloatMatrix(rows: items + 1, columns: 7)
      mixture.mix(items, into: out, items: (places, 0), kernels: kernels)
      for row in 0..<3 * items {
        for c in 0..<columns { #expect(abs(Double(out[row, c]) - mixed[row][c]) < 1e-6) }
      }
      mixture.mix(items, into: out, items: (places, 0), adding: true, kernels: kernels)
      for row in 0..<3 * items {
        for c in 0..<columns { #expect(abs(Double(out[row, c]) - 2 * mixed[row][c]) < 2e-6) }
      }
      RowMixture(
        groups, weights: .init(weights, AlignedBuffer(list)), of: back, from: 2,
        first: (AlignedBuffer(first), 0)
      ).addBack(items, of: d, items: (places, 0), kernels: kernels)
      mixture.addSlopes(items, of: d, items: (places, 0), to: slopes, row: 1, kernels: kernels)
      for row in 0..<20 {
        for c in 0..<columns { #expect(abs(Double(back[row, c]) - ofRows[row][c]) < 5e-6) }
      }
      for item in 0..<items {
        for k in 0..<7 {
          let room = 1e-6 * Double(columns + 9)
          #expect(abs(Double(slopes[item + 1, k]) - ofWeights[item][k]) < room)
        }
      }
    }
  }

  @Test("Values, slopes and curvatures of activations, far out too")
  func curves() throws {
    let points: [Float] =
      [-1e30, -100, -90, -60, -41, -39, -20, -3, -1, -1e-3, 0, 1e-3, 0.5, 2, 8, 30, 90, 1e30]
      + (0..<60).map { Float($0) * 0.37 - 11 }
    let x = FloatMatrix(rows: points.count, columns: 1)
    for (row, point) in points.enumerated() { x[row, 0] = point }
    for activation in DenseActivation.allCases where activation.hasCurve {
      try onEveryKernelSet { kernels in
        func matrix() -> FloatMatrix { FloatMatrix(rows: x.rows, columns: 1) }
        let (values, slopes, curvatures) = (matrix(), matrix(), matrix())
        for part in [0..<5, 5..<x.rows] {
          activation.curve(
            part, of: x, values: values, slopes: slopes, curvatures: curvatures, kernels: kernels)
        }
        for (row, point) in points.enumerated() {
          let u = Double(point)
          let small = exp(-abs(u))
          let s = (u > 0 ? 1 : small) / (1 + small)
          let r = (u > 0 ? small : 1) / (1 + small)
          let expected: (Double, Double, Double) =
            switch activation {
            case .swish:
              (u * s, s + (u == 0 ? 0 : u * s * r), s * r * (2 + (s * r == 0 ? 0 : u * (r - s))))
            case .shiftedSoftplus: (max(u, 0) + log1p(small) - log(2), s, s * r)
            default: (u, 1, 0)
            }
          #expect(abs(Double(values[row, 0]) - expected.0) <= 3e-7 * max(1, abs(expected.0)))
          #expect(abs(Double(slopes[row, 0]) - expected.1) <= 3e-7)
          #expect(abs(Double(curvatures[row, 0]) - expected.2) <= 3e-7, "\(activation) at \(u)")
        }
      }
    }
  }
}
