// SPDX-License-Identifier: MIT

import RelaxNumerics
import TestSupport
import Testing

@testable import Structures

/// The pairs of a list within a distance, with the offset between the two rows read off their
/// coordinates.
private func pairs(
  of list: VerletList, _ positions: [Vector3], _ cell: Cell, within cutoff: Double
) -> [BrutePair: Vector3] {
  let offsets = list.owners.indices.map { row in
    let p = list.rows.coordinates[row]
    let s = cell.fractional(Vector3(p.x, p.y, p.z) - positions[Int(list.owners[row])])
    return CellOffset(Int32(s.x.rounded()), Int32(s.y.rounded()), Int32(s.z.rounded()))
  }
  var result: [BrutePair: Vector3] = [:]
  for row in positions.indices {
    for k in list.rows.starts[row]..<list.rows.starts[row + 1] {
      let other = Int(list.rows.neighbors[Int(k)])
      #expect(other != row)
      let d = list.rows.coordinates[other] - list.rows.coordinates[row]
      let vector = Vector3(d.x, d.y, d.z)
      guard vector.length <= cutoff else { continue }
      let pair = BrutePair(
        Int(list.owners[row]), Int(list.owners[other]), offsets[other] &- offsets[row])
      #expect(result[pair] == nil, "\(pair) twice")
      result[pair] = vector
    }
  }
  return result
}

/// Membership and vectors agree; a pair within rounding (1e-9 Å) of the cutoff may go either way.
private func expectEqual(
  _ found: [BrutePair: Vector3], _ expected: [BrutePair: Vector3], cutoff: Double,
  _ comment: String, sourceLocation: SourceLocation = #_sourceLocation
) {
  for (pair, vector) in expected {
    guard let other = found[pair] else {
      #expect(
        abs(vector.length - cutoff) < 1e-9, "\(comment): \(pair) at \(vector.length) Å is missing",
        sourceLocation: sourceLocation)
      continue
    }
    #expect((other - vector).length < 1e-9, "\(comment): \(pair)", sourceLocation: sourceLocation)
  }
  for (pair, vector) in found where expected[pair] == nil {
    #expect(
      abs(vector.length - cutoff) < 1e-9, "\(comment): \(pair) at \(vector.length) Å is extra",
      sourceLocation: sourceLocation)
  }
}

private enum Outcome { case reused, rebuilt }

/// Updates a list and checks which of the two it did.
private func update(
  _ list: inout VerletList, _ expected: Outcome, positions: [Vector3], cell: Cell,
  sourceLocation: SourceLocation = #_sourceLocation
) throws {
  let rebuilt = try list.update(positions: positions, cell: cell)
  #expect(rebuilt == (expected == .rebuilt), sourceLocation: sourceLocation)
}

@Suite struct VerletListTests {
  @Test(
    "A fresh list holds the pairs that brute force finds",
    arguments: RandomSystem.assorted(80, seed: 1))
  func fresh(_ system: RandomSystem) throws {
    var list = VerletList(cutoff: system.cutoff, skin: 0.4)
    try update(&list, .rebuilt, positions: system.positions, cell: system.cell)
    let reach = system.cutoff + 0.4
    let expected = bruteForcePairs(system.positions, system.cell, cutoff: reach)
    let found = pairs(of: list, system.positions, system.cell, within: .infinity)
    // Beyond the reach the list may go by parts per million, as documented.
    for (pair, vector) in found where expected[pair] == nil {
      #expect(vector.length < reach * (1 + 1e-4), "\(pair) at \(vector.length) Å")
    }
    expectEqual(
      found.filter { $0.value.length <= reach }, expected, cutoff: reach, system.name)
  }

  @Test(
    "Along a random walk no pair within the cutoff is ever missing",
    arguments: RandomSystem.assorted(40, seed: 2))
  func walk(_ system: RandomSystem) throws {
    var random = SeededGenerator(seed: UInt64(system.positions.count) + 77)
    var list = VerletList(cutoff: system.cutoff, skin: 0.5)
    var positions = system.positions
    var rebuilds = 0
    for step in 0..<25 {
      if try list.update(positions: positions, cell: system.cell) { rebuilds += 1 }
      expectEqual(
        pairs(of: list, positions, system.cell, within: system.cutoff),
        bruteForcePairs(positions, system.cell, cutoff: system.cutoff), cutoff: system.cutoff,
        "\(system.name), step \(step)")
      for index in positions.indices {
        positions[index] += Vector3(
          random.uniform(-0.1, 0.1), random.uniform(-0.1, 0.1), random.uniform(-0.1, 0.1))
      }
    }
    #expect((2..<25).contains(rebuilds), "the walk must both reuse and rebuild")
  }

  @Test("Half the skin is as far as an atom may go")
  func skinLimit() throws {
    let cell = Cell(Vector3(8, 0, 0), Vector3(0, 8, 0), Vector3(0, 0, 8))
    var list = VerletList(cutoff: 3, skin: 0.5)
    try list.update(positions: [.zero, Vector3(4, 4, 4)], cell: cell)
    try update(&list, .reused, positions: [Vector3(0.2499, 0, 0), Vector3(4, 4, 4)], cell: cell)
    try update(&list, .rebuilt, positions: [Vector3(0.2501, 0, 0), Vector3(4, 4, 4)], cell: cell)
  }

  @Test("Another cell, another periodicity or another number of atoms rebuilds")
  func rebuildsOnChange() throws {
    let cell = Cell(Vector3(8, 0, 0), Vector3(0, 8, 0), Vector3(0, 0, 8))
    let wider = Cell(Vector3(8.01, 0, 0), Vector3(0, 8, 0), Vector3(0, 0, 8))
    let atoms = [Vector3(1, 1, 1), Vector3(2, 2, 2)]
    var list = VerletList(cutoff: 3, skin: 0.5)
    try update(&list, .rebuilt, positions: atoms, cell: cell)
    try update(&list, .reused, positions: atoms, cell: cell)
    try update(&list, .rebuilt, positions: atoms, cell: wider)
    try update(&list, .rebuilt, positions: atoms, cell: wider.with(periodicity: .none))
    try update(&list, .rebuilt, positions: [atoms[0]], cell: wider.with(periodicity: .none))
    try update(&list, .rebuilt, positions: [], cell: wider)
    #expect(list.rows.neighbors.isEmpty && list.rows.starts == [0])
  }

  @Test("Astronomical distances cost neither memory nor pairs")
  func outliers() throws {
    var random = SeededGenerator(seed: 5)
    var positions = (0..<300).map { _ in
      Vector3(random.uniform(0, 12), random.uniform(0, 12), random.uniform(0, 12))
    }
    positions += positions.prefix(20).map { $0 + Vector3(1e7, 0, 0) }
    positions += [Vector3(-1e12, 5, 5), Vector3(3, 2e9, -1e10), Vector3(1e150, 0, 0)]
    let cell = Cell(
      Vector3(12, 0, 0), Vector3(0, 12, 0), Vector3(0, 0, 12),
      periodicity: Periodicity(false, true, false))
    for cell in [Cell.none, cell] {
      var list = VerletList(cutoff: 3, skin: 0.3)
      try list.update(positions: positions, cell: cell)
      var found: [[Int]] = []
      for row in positions.indices {
        for k in list.rows.starts[row]..<list.rows.starts[row + 1] {
          let other = Int(list.rows.neighbors[Int(k)])
          let d = list.rows.coordinates[other] - list.rows.coordinates[row]
          if (d * d).sum() <= 9 { found.append([Int(list.owners[row]), Int(list.owners[other])]) }
        }
      }
      let expected = bruteForcePairs(positions, cell, cutoff: 3).keys.map { [$0.first, $0.second] }
      #expect(
        found.sorted { $0.lexicographicallyPrecedes($1) }
          == expected.sorted { $0.lexicographicallyPrecedes($1) })
      #expect(list.rows.coordinates.count < 2000)
    }
  }

  @Test("The list depends on nothing but its input")
  func deterministic() throws {
    let system = RandomSystem.assorted(40, seed: 3)[39]
    var first = VerletList(cutoff: 5, skin: 0.4)
    var second = VerletList(cutoff: 5, skin: 0.4)
    try first.update(positions: system.positions, cell: system.cell)
    try second.update(positions: system.positions.reversed(), cell: .none)
    try second.update(positions: system.positions, cell: system.cell)
    #expect(first.owners == second.owners)
    #expect(first.rows.coordinates == second.rows.coordinates)
    #expect(first.rows.starts == second.rows.starts)
    #expect(first.rows.neighbors == second.rows.neighbors)
  }
}
