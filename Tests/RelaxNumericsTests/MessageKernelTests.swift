// SPDX-License-Identifier: MIT

import Foundation
import TestSupport
import Testing

@testable import RelaxNumerics

/// Tabulated filters and sums over angles against plain loops.
@Suite("Message kernels") struct MessageKernelTests {
  /// sin(k x + 1), k = 1 …, with derivatives.
  private static func sines(_ count: Int) -> ([Double]) -> FunctionTable.Jets {
    { points in
      var jets = FunctionTable.Jets(values: [], slopes: [], curvatures: [])
      for x in points {
        for f in 0..<count {
          let k = Double(f + 1)
          jets.values.append(sin(k * x + 1))
          jets.slopes.append(k * cos(k * x + 1))
          jets.curvatures.append(-k * k * sin(k * x + 1))
        }
      }
      return jets
    }
  }

  @Test("Tables are as exact as was asked for, and their slopes are those of their values")
  func tables() throws {
    let count = 19
    let jets = Self.sines(count)
    let spacing = FunctionTable.spacing(
      count: count, upTo: 5, coarsest: 1, finest: 1e-4, tolerance: 0x1p-24, jets: jets)
    #expect(spacing > 1e-3 && spacing < 0.1)
    #expect(FunctionTable.error(count: count, upTo: 5, spacing: spacing, jets: jets) <= 0x1p-24)
    #expect(FunctionTable.error(count: count, upTo: 5, spacing: 2 * spacing, jets: jets) > 0x1p-24)
    let table = FunctionTable(count: count, upTo: 5, spacing: spacing, jets: jets)
    var random = SeededGenerator(seed: 3)
    let places = [0, 5, 2.5, table.spacing] + (0..<50).map { _ in random.uniform(0, 5) }
    let points = TablePoints(for: table)
    for unit in [nil, 5.0] {
      let used = unit == nil ? places : places.filter { $0 > 0.1 }
      points.replace(used, dividingByMultiplesOf: unit)
      let values = FloatMatrix(rows: used.count, columns: count)
      let slopes = FloatMatrix(rows: used.count, columns: count)
      try onEveryKernelSet { kernels in
        table.evaluate(points, values: values, slopes: slopes, kernels: kernels)
        for (row, x) in used.enumerated() {
          for f in 0..<count {
            let k = Double(f + 1)
            let (value, slope) = (sin(k * x + 1), k * cos(k * x + 1))
            let expected = unit.map { $0 / x * value } ?? value
            let expectedSlope = unit.map { $0 / x * (slope - value / x) } ?? slope
            let size = unit.map { $0 / x } ?? 1
            #expect(abs(Double(values[row, f]) - expected) <= 4e-7 * size)
            #expect(abs(Double(slopes[row, f]) - expectedSlope) <= 1e-6 * size * max(k, 1 / x + k))
          }
        }
      }
    }
  }

  private static func lists(atoms: Int, _ random: inout SeededGenerator) -> EdgeLists {
    var (starts, others) = ([0], [Int32]())
    for _ in 0..<atoms {
      for _ in 0..<Int(random.next() % 6) { others.append(Int32(random.next() % UInt64(atoms))) }
      starts.append(others.count)
    }
    return EdgeLists(starts: starts, others: others)
  }

  @Test("Edges by their other ends")
  func turning() {
    var random = SeededGenerator(seed: 5)
    let lists = Self.lists(atoms: 9, &random)
    let turned = EdgeLists(turning: lists)
    for center in 0..<9 {
      let edges = (turned.starts[center]..<turned.starts[center + 1]).map {
        turned.edges?[Int($0)] ?? -1
      }
      #expect(edges == edges.sorted())
      for edge in edges {
        #expect(lists.others[Int(edge)] == Int32(center))
        let target = turned.others[Int(edge)]
        #expect((lists.starts[Int(target)]..<lists.starts[Int(target) + 1]).contains(edge))
      }
    }
    #expect(turned.starts[9] == Int32(lists.others.count))
  }

  @Test("Sums of filtered rows, with slopes and without", arguments: [1, 16, 19, 65])
  func filters(columns: Int) throws {
    var random = SeededGenerator(seed: UInt64(columns))
    let atoms = 12
    let byTarget = Self.lists(atoms: atoms, &random)
    let count = byTarget.others.count
    let distances = (0..<count).map { _ in random.uniform(0, 5) }
    let jets = Self.sines(columns)
    let table = FunctionTable(count: columns, upTo: 5, spacing: 0.004, jets: jets)
    let points = TablePoints(for: table)
    points.replace(distances)
    let x = FloatMatrix.random(atoms, columns, &random)
    let own = FloatMatrix.random(atoms, columns, &random)
    for lists in [byTarget, EdgeLists(turning: byTarget)] {
      var sums = [[Double]](repeating: Array(repeating: 0, count: columns), count: atoms)
      var slopes = [Double](repeating: 0, count: count)
      for center in 0..<atoms {
        for k in Int(lists.starts[center])..<Int(lists.starts[center + 1]) {
          let edge = Int(lists.edges?[k] ?? Int32(k))
          let found = jets([distances[edge]])
          for f in 0..<columns {
            let value = Double(x[Int(lists.others[edge]), f])
            sums[center][f] += value * found.values[f]
            slopes[edge] += value * Double(own[center, f]) * found.slopes[f]
          }
        }
      }
      let wanted = AlignedBuffer<UInt8>((0..<count).map { $0 % 3 == 0 ? 0 : 1 })
      try onEveryKernelSet { kernels in
        let out = FloatMatrix(rows: atoms, columns: columns)
        let plain = FloatMatrix(rows: atoms, columns: columns)
        let filter = FilterSum(table, at: points, lists)
        filter.apply(0..<atoms, of: x, into: plain, kernels: kernels)
        let found = AlignedBuffer<Float>(count: count)
        for part in [0..<5, 5..<atoms] {
          filter.apply(
            part, of: x, slopes: .init(own: own, wanted: wanted, addedTo: found), into: out,
            kernels: kernels)
        }
        for center in 0..<atoms {
          for f in 0..<columns {
            #expect(abs(Double(out[center, f]) - sums[center][f]) <= 1e-5)
            #expect(out[center, f] == plain[center, f])
          }
        }
        for edge in 0..<count {
          let expected = wanted[edge] == 0 ? 0 : slopes[edge]
          #expect(abs(Double(found[edge]) - expected) <= 2e-5 * Double(columns * columns))
        }
      }
    }
  }

  @Test("Scalar products of rows", arguments: [1, 16, 37])
  func products(columns: Int) throws {
    var random = SeededGenerator(seed: 9)
    let (a, b) = (FloatMatrix.random(7, columns, &random), FloatMatrix.random(5, columns, &random))
    let list = AlignedBuffer<Int32>([4, 0, 0, 3, 1, 2, 2])
    try onEveryKernelSet { kernels in
      let sums = AlignedBuffer<Float>(Array(repeating: Float(0.5), count: 9))
      DenseLayer.Rows(a, from: 1).addProducts(
        with: .init(b, list, from: 2), to: 3..<8, of: sums, kernels: kernels)
      for k in 0..<9 {
        var expected = 0.5
        if (3..<8).contains(k) {
          for c in 0..<columns {
            expected += Double(a[k - 2, c]) * Double(b[Int(list[k - 1]), c])
          }
        }
        #expect(abs(Double(sums[k]) - expected) <= 1e-5)
      }
    }
  }
}
