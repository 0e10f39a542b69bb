// SPDX-License-Identifier: MIT

import RelaxNumerics
import Structures
import Testing

@testable import Scoring

@Suite("Rows of one element in another order")
struct AtomExchangeTests {
  /// Sum of costs of the best assignment, by trying all.
  private static func best(_ costs: [[Double]], _ row: Int = 0, _ used: Set<Int> = []) -> Double {
    guard row < costs.count else { return 0 }
    return costs.indices.filter { !used.contains($0) }.map {
      costs[row][$0] + best(costs, row + 1, used.union([$0]))
    }.min() ?? 0
  }

  @Test("The cheapest assignment is that of trying all", arguments: 1...6)
  func assignment(size: Int) {
    var random = SeededGenerator(seed: UInt64(size))
    for _ in 0..<50 {
      let costs = (0..<size).map { _ in
        (0..<size).map { _ in random.below(3) == 0 ? 0 : random.uniform(0, 9) }
      }
      let columns = Assignment.cheapest(costs)
      #expect(Set(columns) == Set(0..<size))
      let sum = columns.enumerated().reduce(0) { $0 + costs[$1.offset][$1.element] }
      #expect(abs(sum - Self.best(costs)) < 1e-9)
    }
  }

  private static func slab(_ count: Int, seed: UInt64) -> Structure {
    var random = SeededGenerator(seed: seed)
    let positions = (0..<count).map { index -> Vector3 in
      let x = 2.5 * Double(index % 4) + random.uniform(-0.2, 0.2)
      let y = 2.5 * Double(index / 4 % 4) + random.uniform(-0.2, 0.2)
      return Vector3(x, y, 2.5 * Double(index / 16))
    }
    return Structure(
      elements: positions.indices.map { $0 % 5 == 0 ? Samples.oxygen : Samples.copper },
      positions: positions, cell: Cell(Vector3(10, 0, 0), Vector3(0, 10, 0), Vector3(0, 0, 30)),
      attributes: [Attribute(name: "sid", text: "a")])
  }

  @Test("Shuffled rows are found out, with the distance that is left", arguments: 1...8)
  func shuffled(seed: Int) throws {
    let reference = Self.slab(32, seed: UInt64(seed))
    var prediction = Samples.with(reference, "x", "y")
    var random = SeededGenerator(seed: UInt64(100 + seed))
    let copper = reference.elements.indices.filter { reference.elements[$0] == Samples.copper }
    let order = copper.shuffled(using: &random)
    for (from, to) in zip(copper, order) {
      // A lattice vector away is the same place.
      let shift = reference.cell.a * Double(from % 3 - 1)
      prediction.positions[to] = reference.positions[from] + Vector3(0, 0.01, 0) + shift
    }
    let score = try Samples.score([prediction], against: [reference])
    let exchange = try #require(score.structures[0].exchange)
    let moved = zip(copper, order).count { $0 != $1 }
    #expect(exchange.rows == moved)
    #expect(abs(exchange.distance - 0.01 * Double(copper.count) / 32) < 1e-9)
    #expect((score.structures[0].distance ?? 0) > 2 * exchange.distance)
  }

  @Test("Atoms that moved, and those of different elements that swapped, are no exchange")
  func none() throws {
    let reference = Self.slab(32, seed: 1)
    var moved = reference
    for atom in moved.positions.indices { moved.positions[atom] += Vector3(0.7, 0.3, 0) }
    var swapped = reference
    swapped.positions.swapAt(0, 1)
    #expect(reference.elements[0] != reference.elements[1])
    for prediction in [reference, moved, swapped] {
      let score = try Samples.score([prediction], against: [reference])
      #expect(score.structures[0].exchange == nil)
    }
  }

  @Test("Fixed atoms take no part, and hundreds away from their places are not looked into")
  func bounds() throws {
    var reference = Self.slab(32, seed: 2)
    var prediction = reference
    prediction.positions.swapAt(1, 2)
    reference.moveMask = MoveMask(free: reference.positions.indices.map { $0 != 1 && $0 != 2 })
    prediction.moveMask = reference.moveMask
    #expect(
      try Samples.score([prediction], against: [reference]).structures[0].exchange == nil)
    let chain = Structure(
      elements: [Element](repeating: Samples.copper, count: 300),
      positions: (0..<300).map { Vector3(3 * Double($0), 0, 0) },
      attributes: [Attribute(name: "sid", text: "a")])
    var turned = chain
    turned.positions.reverse()
    #expect(try Samples.score([turned], against: [chain]).structures[0].exchange == nil)
  }

  @Test("Means and quantiles stay finite to the ends of what there is")
  func extremes() throws {
    let huge = Double.greatestFiniteMagnitude
    #expect(Mean.of([huge, huge, -huge]) == huge / 3)
    #expect(Mean.of([]) == nil && Mean.of([1, 2]) == 1.5)
    #expect(Quantile.of([-huge, huge], 0.5) == 0)
    #expect(abs(Quantile.of([-huge, huge], 0.75) / (huge / 2) - 1) < 1e-12)
    func score(_ energy: Double) throws -> RelaxationScore {
      var scorer = RelaxationScorer()
      for index in 0..<4 {
        var reference = Samples.reference("\(index)")
        reference.energy = 0
        try scorer.add(reference: reference)
      }
      for index in 0..<4 {
        var prediction = Samples.reference("\(index)")
        prediction.energy = energy
        try scorer.add(prediction: prediction)
      }
      return try scorer.finish()
    }
    var comparison = try PairedComparison(score(1e308), score(-huge))
    comparison.resamples = 100
    let row = try #require(comparison.rows().first { $0.name == "energy MAE (eV)" })
    #expect(row.first == 1e308 && row.second == huge)
    #expect(row.low > 7e307 && row.high < 9e307)
  }
}
