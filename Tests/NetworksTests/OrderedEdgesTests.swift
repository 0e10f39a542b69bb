// SPDX-License-Identifier: MIT

import RelaxNumerics
import Structures
import TestSupport
import Testing

@testable import Networks

@Suite struct OrderedEdgesTests {
  /// A chain of copper atoms 2 Å apart, not periodic; each sends to those within 2.5 Å of it.
  private func chain(_ isFixed: [Bool], blocks: Int) throws -> OrderedEdges {
    let positions = isFixed.indices.map { Vector3(2 * Double($0), 0, 0) }
    let graph = try NeighborGraph(
      positions: positions, cell: .none, cutoff: 2.5, maximumNeighbors: 50)
    return OrderedEdges(graph, isFixed: isFixed, blocks: blocks)
  }

  @Test("In a chain, constancy ends one link sooner with every block")
  func chain() throws {
    // F F F F f: the free atom at the end is felt one atom farther in each block.
    let edges = try chain([true, true, true, true, false], blocks: 3)
    func constant(_ target: Int, _ block: Int) -> [Int32] {
      edges.constantEdges(to: target, in: block).map { edges.source[$0] }
    }
    #expect((0..<5).map { constant($0, 0) } == [[1], [0, 2], [1, 3], [2], []])
    #expect((0..<5).map { constant($0, 1) } == [[1], [0, 2], [1], [], []])
    #expect((0..<5).map { constant($0, 2) } == [[1], [0], [], [], []])
  }

  @Test("All edges are kept, and those of a target stay together", arguments: [0, 1, 2, 5])
  func nothingIsLost(blocks: Int) throws {
    for system in RandomSystem.assorted(12, seed: 77) {
      let graph = try NeighborGraph(system.structure, cutoff: system.cutoff, maximumNeighbors: 20)
      let isFixed = system.positions.indices.map { $0 % 3 != 0 }
      let edges = OrderedEdges(graph, isFixed: isFixed, blocks: blocks)
      #expect(edges.count == graph.count)
      for target in system.positions.indices {
        let range = edges.edges(to: target)
        func key(_ source: Int32, _ offset: CellOffset, _ distance: Double) -> String {
          "\(source) \(offset) \(distance)"
        }
        let kept = range.map { key(edges.source[$0], edges.offset[$0], edges.distance[$0]) }
        let given = range.map { key(graph.source[$0], graph.offset[$0], graph.distance[$0]) }
        #expect(kept.sorted() == given.sorted())
        for block in 0..<blocks {
          let constant = edges.constantEdges(to: target, in: block)
          #expect(constant.lowerBound == range.lowerBound)
          if !isFixed[target] { #expect(constant.isEmpty) }
          for edge in constant { #expect(isFixed[Int(edges.source[edge])]) }
        }
        if blocks > 0 && isFixed[target] {
          let count = range.count { isFixed[Int(edges.source[$0])] }
          #expect(edges.constantEdges(to: target, in: 0).count == count)
        }
      }
    }
  }

  @Test("Without fixed atoms the order is the graph's")
  func allFree() throws {
    for system in RandomSystem.assorted(6, seed: 78) {
      let graph = try NeighborGraph(system.structure, cutoff: system.cutoff, maximumNeighbors: 20)
      let edges = OrderedEdges(
        graph, isFixed: Array(repeating: false, count: system.positions.count), blocks: 4)
      #expect(edges.source == graph.source && edges.offset == graph.offset)
    }
  }

  @Test("A receptive field grows by one link a block, backwards")
  func receptiveField() throws {
    let edges = try chain([true, true, true, true, true, false], blocks: 3)
    let field = ReceptiveField(of: [5], edges: edges, blocks: 3, atomCount: 6)
    #expect(field.atoms == [[2, 3, 4, 5], [3, 4, 5], [4, 5], [5]])
    let everything = ReceptiveField(of: [0, 1, 2, 3, 4, 5], edges: edges, blocks: 3, atomCount: 6)
    #expect(everything.atoms == Array(repeating: [0, 1, 2, 3, 4, 5], count: 4))
    #expect(ReceptiveField(of: [], edges: edges, blocks: 2, atomCount: 6).atoms == [[], [], []])
  }

  @Test("Parts of a batch cover it and never share a target", arguments: 1...7)
  func parts(number: Int) {
    let batch = EdgeBatch()
    let counts = [5, 1, 40, 3, 3, 0, 17, 2]
    batch.begin(capacity: counts.reduce(0, +))
    for (target, count) in counts.enumerated() {
      for _ in 0..<count {
        batch.append(
          features: batch.count, source: 0, target: Int32(target), sum: Int32(target), weight: 1)
      }
      batch.endTarget()
    }
    let parts = batch.parts(number)
    #expect(parts.count <= number)
    #expect(parts.flatMap { Array($0) } == Array(0..<batch.count))
    let targets = parts.map { Set($0.map { batch.target[$0] }) }
    for i in targets.indices {
      for j in targets.indices where i < j { #expect(targets[i].isDisjoint(with: targets[j])) }
    }
  }

  @Test("Sums are held for the very same edges only")
  func constantSums() throws {
    let sums = ConstantSums(atoms: 5, rows: 5, columns: 3)
    let edges = try chain([true, true, true, true, false], blocks: 2)
    let range = edges.constantEdges(to: 1, in: 0)
    #expect(!sums.holds(1, range, of: edges))
    sums.remember(1, range, of: edges)
    #expect(sums.holds(1, range, of: edges))
    #expect(!sums.holds(1, range.dropLast().indices, of: edges))
    #expect(!sums.holds(2, edges.constantEdges(to: 2, in: 0), of: edges))
    sums.forget()
    #expect(!sums.holds(1, range, of: edges))
  }
}
