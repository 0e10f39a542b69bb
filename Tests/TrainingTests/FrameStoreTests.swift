// SPDX-License-Identifier: MIT

import RelaxNumerics
import Structures
import Testing

@testable import Training

@Suite("Frames in memory")
struct FrameStoreTests {
  /// What was put into a store.
  private struct Entry {
    var structure: Structure
    var forces: [Vector3]
    var system: String
    var isAdsorbate: [Bool]
  }

  /// Frames of every kind: with and without a mask, tags and periodicity, of systems that come again.
  private func entries(_ count: Int, seed: UInt64) throws -> [Entry] {
    var random = SeededGenerator(seed: seed)
    return try (0..<count).map { number in
      let atoms = 1 + Int(random.next() % 5)
      func vector() -> Vector3 {
        Vector3(random.uniform(-9, 9), random.uniform(-9, 9), random.uniform(-9, 9))
      }
      var structure = Structure(
        elements: try (0..<atoms).map { _ in
          try #require(Element(atomicNumber: 1 + Int(random.next() % 90)))
        },
        positions: (0..<atoms).map { _ in vector() },
        cell: number % 3 == 0
          ? .none
          : Cell(
            Vector3(9, 0.1, 0), Vector3(0, 8 + random.uniform(), 0), Vector3(0, 0.3, 20),
            periodicity: Periodicity(true, number % 2 == 0, false)),
        moveMask: number % 4 == 1
          ? nil : MoveMask(free: (0..<atoms).map { _ in random.uniform() < 0.5 }))
      if number % 2 == 0 { structure.tags = (0..<atoms).map { _ in Int(random.next() % 3) } }
      // Single precision holds these.
      let forces = (0..<atoms).map { _ in
        Vector3(Double(Int(random.next() % 99)), Double(number), 0.5)
      }
      return Entry(
        structure: structure, forces: forces, system: "s\(random.next() % 4)",
        isAdsorbate: (0..<atoms).map { structure.tags?[$0] == 2 })
    }
  }

  private func store(_ entries: [Entry]) -> FrameStore {
    var store = FrameStore()
    for entry in entries {
      store.append(entry.structure, forces: entry.forces, system: entry.system)
    }
    return store
  }

  private func expect(_ store: FrameStore, _ entries: [Entry]) {
    var weights = AtomWeights()
    (weights.fixed, weights.adsorbate) = (0, 3)
    #expect(store.count == entries.count)
    #expect(store.atoms == entries.reduce(0) { $0 + $1.structure.count })
    for (index, entry) in entries.enumerated() {
      let (found, expected) = (store.structure(index), entry.structure)
      #expect(found.elements == expected.elements && found.positions == expected.positions)
      #expect(found.cell == expected.cell && found.freedoms == expected.freedoms)
      #expect((found.moveMask == nil) == (expected.moveMask == nil))
      #expect(store.forces(index) == entry.forces && store.system(index) == entry.system)
      #expect(
        store.sample(index, weights: weights).weights
          == expected.freedoms.indices.map {
            expected.freedoms[$0] == .fixed ? 0 : entry.isAdsorbate[$0] ? 3 : 1
          })
    }
  }

  @Test("come out as they went in", arguments: [1, 2, 3])
  func kept(_ seed: UInt64) throws {
    let entries = try entries(40, seed: seed)
    expect(store(entries), entries)
  }

  @Test("are the same after sets were joined, in whatever parts", arguments: [0, 1, 17, 40])
  func joined(_ cut: Int) throws {
    let entries = try entries(40, seed: 4)
    var all = FrameStore()
    all.append(store(Array(entries[..<cut])))
    all.append(store(Array(entries[cut...])))
    expect(all, entries)
  }

  @Test("are the same after some were chosen, in any order")
  func chosen() throws {
    let entries = try entries(40, seed: 5)
    var random = SeededGenerator(seed: 6)
    for count in [0, 1, 13, 60] {
      let chosen = (0..<count).map { _ in Int(random.next() % 40) }
      var some = store(Array(entries[..<2]))
      some.append(store(entries), frames: chosen)
      expect(some, Array(entries[..<2]) + chosen.map { entries[$0] })
    }
  }
}
