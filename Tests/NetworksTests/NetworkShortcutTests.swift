// SPDX-License-Identifier: MIT

import Forces
import Networks
import RelaxNumerics
import Structures
import TestSupport
import Testing

@testable import ReferenceNetworks

/// What a relaxation leaves out or remembers must not change a bit of what it sees.
@Suite("Shortcuts of networks") struct NetworkShortcutTests {
  /// Which atoms are free.
  enum Mask: String, CaseIterable, Sendable {
    case layers, single, partly, all, none

    func apply(to structure: Structure) -> Structure {
      var result = structure
      switch self {
      case .layers: break
      case .single:
        result.moveMask = MoveMask(free: (0..<structure.count).map { $0 == structure.count - 1 })
      case .partly:
        let freedoms = (0..<structure.count).map { atom -> Freedom in
          atom < 8 ? .fixed : [.z, .free, [.x, .y]][atom % 3]
        }
        result.moveMask = MoveMask(components: freedoms)
      case .all: result.moveMask = nil
      case .none: result.moveMask = MoveMask(free: Array(repeating: false, count: structure.count))
      }
      return result
    }
  }

  /// Positions along which free atoms move a little, into the slab, out of every other's reach and
  /// back; at the end a fixed atom moves too.
  private func walk(_ structure: Structure) -> [[Vector3]] {
    var random = SeededGenerator(seed: 17)
    let (start, free) = (structure.positions, structure.freeAtoms)
    func shaken(_ positions: [Vector3], by size: Double) -> [Vector3] {
      var result = positions
      for atom in free {
        for axis in 0..<3 { result[atom][axis] += random.uniform(-size, size) }
      }
      return result
    }
    var steps = [start]
    for _ in 0..<3 { steps.append(shaken(steps[steps.count - 1], by: 0.1)) }
    for height in [-3.5, -5.0, 3, 12] {
      var moved = shaken(start, by: 0.01)
      for atom in free.suffix(2) { moved[atom].z += height }
      steps.append(moved)
    }
    steps += [steps[2], shaken(start, by: 0.8), steps[2], start]
    var pushed = start
    let isFree = Set(free)
    pushed[start.indices.first { !isFree.contains($0) } ?? 0].x += 0.3
    return steps + [pushed, steps[1]]
  }

  /// Edges between fixed atoms.
  private func fixedEdges(_ structure: Structure, _ positions: [Vector3]) throws -> [BrutePair] {
    let free = Set(structure.freeAtoms)
    let graph = try NeighborGraph(positions: positions, cell: structure.cell)
    return (0..<graph.count).compactMap { e in
      let (s, t) = (Int(graph.source[e]), Int(graph.target[e]))
      return free.contains(s) || free.contains(t) ? nil : BrutePair(t, s, graph.offset[e])
    }
  }

  @Test("The walk drives edges between fixed atoms out of the fifty nearest, and atoms apart")
  func theWalkCrosses() throws {
    for mask in [Mask.layers, .partly, .single] {
      let structure = mask.apply(to: NetworkSamples.slab(seed: 1))
      let steps = walk(structure)
      let first = Set(try fixedEdges(structure, steps[0]))
      // Along the walk the fixed atoms stay, but at its end.
      let others = try steps.dropLast(2).map { Set(try fixedEdges(structure, $0)) }
      #expect(others.contains { !first.subtracting($0).isEmpty }, "\(mask): none leaves")
      #expect(others.contains { !$0.subtracting(first).isEmpty }, "\(mask): none comes")
      let last = structure.count - 1
      let counts = try steps.map { positions in
        let graph = try NeighborGraph(positions: positions, cell: structure.cell)
        return graph.source.filter { Int($0) == last }.count
      }
      #expect(Set(counts).count >= 4)
    }
  }

  @Test(
    "Forces on free atoms are the same to the last bit, with shortcuts and without",
    arguments: SmallNetwork.all)
  func walks(_ network: SmallNetwork) throws {
    try onEveryKernelSet { kernels in
      try compareAlongWalk(network, .layers, "\(kernels)", kernels)
    }
  }

  @Test(
    "So they are whichever atoms are free",
    arguments: [SmallNetwork.plain, .noFilter, .linearEdges, .gns], Mask.allCases)
  func masks(_ network: SmallNetwork, _ mask: Mask) throws {
    try compareAlongWalk(network, mask, "\(mask)")
  }

  private func compareAlongWalk(
    _ network: SmallNetwork, _ mask: Mask, _ comment: Comment,
    _ kernels: KernelSet = .preferred
  ) throws {
    let structure = mask.apply(to: NetworkSamples.slab(seed: 1))
    let free = Set(structure.freeAtoms)
    let model = network.model
    let plain = try NetworkProvider.of(model, usesShortcuts: false, kernels: kernels)
    var walking = try NetworkProvider.of(model, kernels: kernels).walker(structure)
    let leavesOut = free.count < structure.count
    for (step, positions) in walk(structure).enumerated() {
      var fresh = try plain.walker(structure)
      let expected = try fresh.all(positions)
      #expect(expected.forces.allSatisfy { $0.isFinite })
      let found = try walking.freeAtoms(positions)
      for atom in 0..<structure.count {
        let same = found.forces[atom] == expected.forces[atom]
        if free.contains(atom) {
          #expect(same, "step \(step), atom \(atom), \(comment)")
        } else {
          #expect(same || found.forces[atom] == .zero, "step \(step), atom \(atom), \(comment)")
        }
      }
      if leavesOut {
        #expect(found.energy == nil || found.energy == expected.energy)
        #expect(found.coverage == .free)
      } else {
        #expect(found == expected)
      }
      // Without shortcuts nothing is left out.
      #expect(try fresh.freeAtoms(positions) == expected)
      if step % 3 == 2 { #expect(try walking.all(positions) == expected) }
    }
  }

  @Test("The number of threads changes nothing", arguments: SmallNetwork.all)
  func threads(_ network: SmallNetwork) throws {
    let structure = NetworkSamples.slab(seed: 2)
    let model = network.model
    try onEveryKernelSet { kernels in
      let expected = try [1, 2, 3].map { threads -> [Evaluation] in
        var evaluator = try NetworkProvider.of(model, threads: threads, kernels: kernels)
          .walker(structure)
        return try walk(structure).prefix(4).flatMap {
          [try evaluator.freeAtoms($0), try evaluator.all($0)]
        }
      }
      for other in expected.dropFirst() { #expect(other == expected[0]) }
    }
  }

  @Test("Evaluators of one provider do not disturb each other", arguments: SmallNetwork.all)
  func interleaved(_ network: SmallNetwork) throws {
    let structures =
      (0..<3).map { NetworkSamples.slab(seed: 20 + UInt64($0)) }
      + NetworkSamples.assorted(3, seed: 8)
    let model = network.model
    let provider = try NetworkProvider.of(model)
    let walks = structures.map(walk(_:))
    let alone = try zip(structures, walks).map { structure, steps in
      var evaluator = try provider.walker(structure)
      return try steps.map { try evaluator.freeAtoms($0) }
    }
    var evaluators = try structures.map { try provider.walker($0) }
    for step in walks[0].indices {
      for k in structures.indices {
        #expect(try evaluators[k].freeAtoms(walks[k][step]) == alone[k][step])
      }
    }
  }

  @Test("Positions that are not numbers are refused, and leave no trace")
  func notNumbers() throws {
    let structure = NetworkSamples.slab(seed: 1)
    for network in SmallNetwork.all {
      let provider = try NetworkProvider.of(network.model)
      let expected = try provider.evaluate(structure)
      var evaluator = try provider.walker(structure)
      var broken = structure.positions
      broken[9].y = .nan
      #expect(throws: ForceError.impossibleGeometry("the position of atom 10 is not finite")) {
        try evaluator.freeAtoms(broken)
      }
      #expect(try evaluator.all(structure.positions) == expected)
    }
  }
}
