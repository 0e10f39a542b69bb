// SPDX-License-Identifier: MIT

import Forces
import Foundation
import RelaxNumerics
import Structures
import Synchronization
import Testing

@testable import ExternalForces

@Suite(
  "OpenKIM: models",
  .enabled(if: OpenKIMSamples.areInstalled, "\(OpenKIMSamples.skipMessage)"))
struct OpenKIMModelTests {
  private static let everything: Quantities = [.energy, .forces, .stress]

  private func expect(
    _ found: Evaluation, _ expected: Recorded.Numbers, _ sourceLocation: SourceLocation
  ) throws {
    let energy = try #require(found.energy)
    #expect(
      abs(energy - expected.energy) <= 1e-11 * abs(expected.energy), sourceLocation: sourceLocation)
    #expect(found.forces.count == expected.forces.count, sourceLocation: sourceLocation)
    for (f, g) in zip(found.forces, expected.forces) {
      #expect((f - Vector3(g[0], g[1], g[2])).length < 1e-10, sourceLocation: sourceLocation)
    }
    let stress = try #require(found.stress).voigt
    for (s, t) in zip(stress, expected.stress) {
      #expect(abs(s - t) < 1e-11, sourceLocation: sourceLocation)
    }
  }

  @Test("give the numbers that they give to another program", arguments: Recorded.all)
  func golden(_ recorded: Recorded) throws {
    let provider = try OpenKIMProvider(model: recorded.model)
    for (structure, numbers) in [
      (OpenKIMSamples.thin(recorded.elements, distance: recorded.distance), recorded.thin),
      (OpenKIMSamples.slab(recorded.elements, distance: recorded.distance), recorded.slab),
    ] {
      let found = try provider.evaluate(structure, wanting: Self.everything)
      try expect(found, numbers, #_sourceLocation)
    }
  }

  @Test("give the slope of their energy along atoms and strains", arguments: Recorded.all)
  func slopes(_ recorded: Recorded) throws {
    let provider = try OpenKIMProvider(model: recorded.model)
    let structure = OpenKIMSamples.slab(recorded.elements, distance: recorded.distance)
    let found = try provider.evaluate(structure, wanting: Self.everything)
    let scale = max(0.1, found.forces.map(\.length).max() ?? 0)
    var evaluator = try provider.makeEvaluator(for: structure)
    func slope(_ change: (Double) -> Geometry) throws -> Double {
      func energy(_ size: Double) throws -> Double {
        try #require(try evaluator.evaluate(change(size), wanting: .energy).energy)
      }
      let near = try energy(1e-3) - (try energy(-1e-3))
      let far = try energy(2e-3) - (try energy(-2e-3))
      return (8 * near - far) / 12e-3
    }
    for atom in [0, 3] {
      for axis in 0..<3 {
        let value = try slope { size in
          var geometry = Geometry(structure)
          geometry.positions[atom][axis] += size
          return geometry
        }
        #expect(abs(value + found.forces[atom][axis]) < 1e-6 * scale, "atom \(atom), \(axis)")
      }
    }
    let stress = try #require(found.stress).voigt
    // Pairs cross the sharp cutoff of one.
    let tolerance = recorded.model == OpenKIMSamples.universal ? 1e-3 : 1e-5
    for (k, (i, j)) in [(0, 0), (1, 1), (2, 2), (1, 2), (0, 2), (0, 1)].enumerated() {
      let value = try slope { size in
        func strained(_ v: Vector3) -> Vector3 {
          var result = v
          result[i] += 0.05 * size * v[j]
          result[j] += 0.05 * size * v[i]
          return result
        }
        let cell = structure.cell
        return Geometry(
          positions: structure.positions.map(strained),
          cell: Cell(
            strained(cell.a), strained(cell.b), strained(cell.c), periodicity: cell.periodicity))
      }
      let expected = stress[k] * structure.cell.volume
      #expect(abs(value / 0.1 - expected) < tolerance * scale, "strain \(k)")
    }
  }

  @Test("do not care whether a neighbour is an image or an atom", arguments: Recorded.all)
  func supercells(_ recorded: Recorded) throws {
    let provider = try OpenKIMProvider(model: recorded.model)
    let single = OpenKIMSamples.thin(recorded.elements, distance: recorded.distance)
    let cell = single.cell
    let several = Structure(
      elements: single.elements + single.elements + single.elements,
      positions: (0..<3).flatMap { n in single.positions.map { $0 + Double(n) * cell.b } },
      cell: Cell(cell.a, 3 * cell.b, cell.c - cell.b))
    let one = try provider.evaluate(single, wanting: Self.everything)
    let three = try provider.evaluate(several, wanting: Self.everything)
    #expect(abs(try #require(three.energy) - 3 * (try #require(one.energy))) < 1e-10)
    for (atom, force) in three.forces.enumerated() {
      #expect((force - one.forces[atom % single.count]).length < 1e-10)
    }
    for (s, t) in zip(try #require(three.stress).voigt, try #require(one.stress).voigt) {
      #expect(abs(s - t) < 1e-11)
    }
  }

  @Test("are told of every move of atoms and of the cell", arguments: Recorded.all)
  func moves(_ recorded: Recorded) throws {
    let provider = try OpenKIMProvider(model: recorded.model)
    var structure = OpenKIMSamples.slab(recorded.elements, distance: recorded.distance)
    var evaluator = try provider.makeEvaluator(for: structure)
    defer { evaluator.close() }
    var random = SeededGenerator(seed: 3)
    // Small moves keep the lists, larger ones do not.
    for size in [0.02, 0.02, 0.15, 0.02, 0.3, 0.01] {
      for atom in structure.positions.indices {
        structure.positions[atom] +=
          size * Vector3(random.uniform(-1, 1), random.uniform(-1, 1), random.uniform(-1, 1))
      }
      if size == 0.15 {
        let cell = structure.cell
        structure.cell = Cell(
          1.02 * cell.a, cell.b + 0.1 * cell.a, cell.c, periodicity: cell.periodicity)
      }
      let used = try evaluator.evaluate(Geometry(structure), wanting: Self.everything)
      let fresh = try provider.evaluate(structure, wanting: Self.everything)
      let scale = max(1, fresh.forces.map(\.length).max() ?? 0)
      #expect(abs(try #require(used.energy) - (try #require(fresh.energy))) < 1e-10 * scale)
      for (f, g) in zip(used.forces, fresh.forces) { #expect((f - g).length < 1e-10 * scale) }
    }
  }

  @Test("say the same on several threads, and whichever structures came before")
  func threads() throws {
    let jobs = try (0..<24).map { k in
      let recorded = Recorded.all[k % Recorded.all.count]
      // Fewer elements in some: what a model met before must not count.
      let elements = k % 4 == 0 ? [recorded.elements[0]] : recorded.elements
      let structure = OpenKIMSamples.thin(elements, distance: recorded.distance)
      return (try OpenKIMProvider(model: recorded.model), structure)
    }
    @Sendable func answer(_ k: Int) -> Evaluation? {
      try? jobs[k].0.evaluate(jobs[k].1, wanting: Self.everything)
    }
    let alone = jobs.indices.map(answer)
    #expect(alone.allSatisfy { $0 != nil })
    let alike = Atomic(0)
    inParallel(4) { worker in
      for round in 0..<3 {
        for k in jobs.indices
        where answer((k + 5 * worker + round) % jobs.count)
          == alone[(k + 5 * worker + round) % jobs.count]
        {
          alike.wrappingAdd(1, ordering: .relaxed)
        }
      }
    }
    #expect(alike.load(ordering: .relaxed) == 4 * 3 * jobs.count)
  }

  @Test("that fail say so in their own words, and go on with other geometries")
  func failure() throws {
    let provider = try OpenKIMProvider(model: OpenKIMSamples.copper)
    let structure = OpenKIMSamples.slab(["Cu"], distance: 2.5)
    // Images of the same atom 0.15 Å apart: denser than the tables of the model go.
    var heap = Geometry(structure)
    let cell = structure.cell
    heap.cell = Cell(0.03 * cell.a, cell.b, cell.c, periodicity: cell.periodicity)
    var evaluator = try provider.makeEvaluator(for: structure)
    let expected = try evaluator.evaluate(Geometry(structure), wanting: .forces)
    let error = #expect(throws: ForceError.self) { try evaluator.evaluate(heap, wanting: .forces) }
    #expect(error?.persistence == .forGood)
    #expect(error?.description.contains(OpenKIMSamples.copper) == true)
    #expect(error?.description.contains("embedding function") == true)
    let again = try evaluator.evaluate(Geometry(structure), wanting: .forces)
    #expect(zip(again.forces, expected.forces).allSatisfy { ($0 - $1).length < 1e-10 })
    // The library's log is a file in the working directory unless it is told otherwise.
    #expect(!FileManager.default.fileExists(atPath: "kim.log"))
  }

  @Test("refuse elements that they do not know, by name")
  func elements() throws {
    let provider = try OpenKIMProvider(model: OpenKIMSamples.bondOrder)
    #expect(provider.knownElements == Set(OpenKIMSamples.elements(["Si", "C"])))
    #expect(
      throws: ForceError.unknownElements(
        OpenKIMSamples.elements(["O", "Cu"]), provider: provider.specification,
        known: OpenKIMSamples.elements(["C", "Si"]))
    ) {
      try provider.makeEvaluator(for: OpenKIMSamples.slab(["Cu", "Si", "O"], distance: 3))
    }
  }

  @Test("have nothing to say about no atoms")
  func empty() throws {
    let provider = try OpenKIMProvider(model: OpenKIMSamples.copper)
    let nothing = Structure(
      elements: [], positions: [], cell: Cell([5, 0, 0], [0, 5, 0], [0, 0, 5]))
    #expect(
      try provider.evaluate(nothing, wanting: Self.everything)
        == Evaluation(energy: 0, forces: [], stress: .zero))
  }
}
