// SPDX-License-Identifier: MIT

import Forces
import RelaxNumerics
import Structures
import TestSupport
import Testing

@testable import ExternalForces

/// Clusters against plain loops over all images; no library is needed.
@Suite("OpenKIM: particles")
struct OpenKIMParticleTests {
  /// Neighbours closer than `cutoff` (Å) in one list of a particle: their atoms and where they are.
  private func neighbors(
    _ list: Int, of particle: Int, in particles: OpenKIMParticles, closerThan cutoff: Double
  ) -> [(atom: Int, vector: Vector3)] {
    let coordinates = particles.coordinates
    func place(_ k: Int) -> Vector3 {
      Vector3(coordinates[3 * k], coordinates[3 * k + 1], coordinates[3 * k + 2])
    }
    let found = particles.neighbors[list]
    return (Int(found.starts[particle])..<Int(found.starts[particle + 1]))
      .map { Int(found.indices[$0]) }
      .map { (Int(particles.owners[$0]), place($0) - place(particle)) }
      .filter { $0.1.length < cutoff }
  }

  /// Whether both are the same, in any order.
  private func agree(
    _ found: [(atom: Int, vector: Vector3)], _ expected: [(atom: Int, vector: Vector3)]
  ) -> Bool {
    found.count == expected.count
      && expected.allSatisfy { pair in
        found.contains { $0.atom == pair.atom && ($0.vector - pair.vector).length < 1e-8 }
      }
  }

  @Test("have all neighbours of atoms, and of ghosts that matter", arguments: 0..<24)
  func completeness(_ number: Int) throws {
    let system = RandomSystem.assorted(24, seed: 11)[number]
    let inner = 0.45 * min(system.cutoff, 5)
    let outer = 2 * inner
    let lists = [
      OpenKIMModel.List(cutoff: outer, needsGhosts: false),
      OpenKIMModel.List(cutoff: inner, needsGhosts: true),
      OpenKIMModel.List(cutoff: 0.7 * inner, needsGhosts: false),
    ]
    var particles = OpenKIMParticles(influence: outer, lists: lists, kernels: .preferred)
    var structure = system.structure
    #expect(try particles.update(for: Geometry(structure), of: "kim"))
    var random = SeededGenerator(seed: 4)
    for step in 0..<2 {
      if step == 1 {
        // A move that keeps the lists.
        for atom in structure.positions.indices {
          structure.positions[atom].x += random.uniform(-0.2, 0.2)
        }
        #expect(try !particles.update(for: Geometry(structure), of: "kim"))
      }
      try compare(particles, structure, lists, inner: inner, outer: outer)
    }
  }

  private func compare(
    _ particles: OpenKIMParticles, _ structure: Structure, _ lists: [OpenKIMModel.List],
    inner: Double, outer: Double
  ) throws {
    // What each atom has around it; the very rim left out, which rounding decides.
    func around(_ cutoff: Double) -> [[(atom: Int, vector: Vector3)]] {
      var result = [[(atom: Int, vector: Vector3)]](repeating: [], count: structure.count)
      let pairs = bruteForcePairs(structure.positions, structure.cell, cutoff: cutoff)
      for (pair, vector) in pairs where vector.length < cutoff {
        result[pair.first].append((pair.second, vector))
      }
      return result
    }
    #expect(Set(particles.owners.prefix(structure.count)) == Set(0..<Int32(structure.count)))
    for (k, list) in lists.enumerated() {
      let cutoff = list.cutoff - 1e-9
      let expected = around(cutoff)
      for particle in 0..<structure.count {
        let found = neighbors(k, of: particle, in: particles, closerThan: cutoff)
        #expect(agree(found, expected[Int(particles.owners[particle])]), "list \(k)")
      }
    }
    // Ghosts within the inner cutoff of an atom: all that they have is within the outer one.
    let expected = around(inner - 1e-9)
    let coordinates = particles.coordinates
    for ghost in structure.count..<particles.owners.count {
      let isNear = (0..<structure.count).contains { atom in
        let d = (0..<3).map { coordinates[3 * ghost + $0] - coordinates[3 * atom + $0] }
        return Vector3(d[0], d[1], d[2]).length < inner - 1e-9
      }
      guard isNear else { continue }
      let found = neighbors(1, of: ghost, in: particles, closerThan: inner - 1e-9)
      #expect(agree(found, expected[Int(particles.owners[ghost])]))
    }
  }

  @Test("are no more than lists can hold, and fewer again afterwards")
  func limits() throws {
    let list = OpenKIMModel.List(cutoff: 5, needsGhosts: true)
    var particles = OpenKIMParticles(influence: 5, lists: [list], kernels: .preferred)
    let heap = [Vector3](repeating: Vector3(1, 2, 3), count: 20_000)
    let error = #expect(throws: ForceError.self) {
      try particles.update(for: Geometry(positions: heap, cell: .none), of: "kim")
    }
    #expect(error?.persistence == .forGood)
    // Few enough for a list, too many for the code of models.
    let crowd = (0..<600).map { Vector3(0.1 * Double($0 / 100), 0.01 * Double($0 % 100), 0) }
    #expect(throws: ForceError.self) {
      try particles.update(for: Geometry(positions: crowd + crowd, cell: .none), of: "kim")
    }
    #expect(try particles.update(for: Geometry(positions: crowd, cell: .none), of: "kim"))
    let pair = Geometry(positions: [.zero, Vector3(0, 0, 2)], cell: .none)
    #expect(try particles.update(for: pair, of: "kim"))
    #expect(particles.neighbors == [.init(starts: [0, 1, 2], indices: [1, 0])])
  }
}
