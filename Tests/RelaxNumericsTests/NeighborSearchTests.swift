// SPDX-License-Identifier: MIT

import TestSupport
import Testing

@testable import RelaxNumerics

/// Random points in a box with a few crowded spots, so that bins differ in how full they are.
private func points(_ count: Int, box: Double, seed: UInt64) -> [SIMD4<Double>] {
  var random = SeededGenerator(seed: seed)
  return (0..<count).map { index in
    let size = index % 4 == 0 ? box / 8 : box
    return SIMD4(random.uniform(0, size), random.uniform(0, size), random.uniform(0, size), 0)
  }
}

private func distance(_ a: SIMD4<Double>, _ b: SIMD4<Double>) -> Double {
  let d = a - b
  return (d * d).sum().squareRoot()
}

@Suite struct NeighborSearchTests {
  @Test(
    "Every kernel set finds the neighbours that plain loops find",
    arguments: [
      (0, 0), (1, 1), (2, 1), (9, 9), (100, 60), (700, 700), (3000, 2000),
    ])
  func plainLoops(count: Int, atoms: Int) throws {
    let points = points(count, box: 20, seed: UInt64(count))
    let reach = 3.0
    try onEveryKernelSet { set in
      var rows = NeighborRows()
      let order = try rows.rebuild(points: points, atomCount: atoms, reach: reach, kernels: set)
      #expect(order.prefix(atoms).sorted() == Array(0..<Int32(atoms)))
      #expect(order.dropFirst(atoms).sorted() == Array(Int32(atoms)..<Int32(count)))
      #expect(rows.coordinates == order.map { points[Int($0)] })
      #expect(rows.starts.first == 0 && Int(rows.starts[atoms]) == rows.neighbors.count)
      var missing = 0
      var extra = 0
      for row in 0..<atoms {
        let found = rows.neighbors[Int(rows.starts[row])..<Int(rows.starts[row + 1])]
        let members = Set(found)
        #expect(members.count == found.count, "a neighbour is listed twice")
        for other in 0..<count {
          let d = distance(rows.coordinates[row], rows.coordinates[other])
          let listed = members.contains(Int32(other))
          if d <= reach && other != row && !listed { missing += 1 }
          // The margin of single precision, relative.
          if listed && (d > reach * (1 + 1e-5) || other == row) { extra += 1 }
        }
      }
      #expect(missing == 0 && extra == 0, "\(set)")
    }
  }

  @Test("A rebuild reuses its memory and leaves nothing behind")
  func reuse() throws {
    let many = points(2000, box: 15, seed: 1)
    let few = points(50, box: 15, seed: 2)
    var used = NeighborRows()
    _ = try used.rebuild(points: many, atomCount: 2000, reach: 3, kernels: .preferred)
    _ = try used.rebuild(points: few, atomCount: 50, reach: 5, kernels: .preferred)
    var fresh = NeighborRows()
    _ = try fresh.rebuild(points: few, atomCount: 50, reach: 5, kernels: .preferred)
    #expect(used.coordinates == fresh.coordinates)
    #expect(used.starts == fresh.starts)
    #expect(used.neighbors == fresh.neighbors)
  }

  @Test("Far clusters and lone points take few bins and lose no pair")
  func sparse() throws {
    var scattered = points(200, box: 8, seed: 3)
    scattered += points(200, box: 8, seed: 4).map { $0 + SIMD4(3e5, -1e6, 7e8, 0) }
    for k in 0..<100 { scattered.append(SIMD4(repeating: 1e4 * Double(k)) * SIMD4(1, 1, 1, 0)) }
    var rows = NeighborRows()
    let order = try rows.rebuild(points: scattered, atomCount: 500, reach: 2, kernels: .preferred)
    var expected = 0
    for a in scattered.indices {
      for b in scattered.indices where a != b && distance(scattered[a], scattered[b]) <= 2 {
        expected += 1
      }
    }
    var found = 0
    for row in 0..<500 {
      for k in rows.starts[row]..<rows.starts[row + 1] {
        let other = Int(rows.neighbors[Int(k)])
        if distance(rows.coordinates[row], rows.coordinates[other]) <= 2 { found += 1 }
      }
    }
    #expect(order.count == 500 && found == expected && expected > 1000)
    let grid = BinGrid(points: scattered, reach: 2)
    #expect(grid.bins.x * grid.bins.y * grid.bins.z <= 4 * 500 + 64)
  }
}
