// SPDX-License-Identifier: MIT

import Foundation
import RelaxNumerics
import Structures
import TestSupport
import Testing

@testable import Forces

@Suite("Dispersion")
struct DispersionTests {
  /// Four atoms in a skewed cell that repeats along any axes; a thin one, and one without vectors
  /// where it does not repeat.
  private static func structures() throws -> [Structure] {
    var random = SeededGenerator(seed: 61)
    return try (0..<10).map { index in
      let thin = index == 8
      let vectors = (0..<3).map { axis in
        var vector = Vector3(
          random.uniform(-2, 2), random.uniform(-2, 2), random.uniform(-2, 2))
        vector[axis] = thin && axis == 1 ? 2.2 : random.uniform(6, 9)
        return index == 9 && axis == 2 ? .zero : vector
      }
      let cell = Cell(
        vectors[0], vectors[1], vectors[2],
        periodicity: index == 9
          ? Periodicity(true, true, false)
          : thin ? .all : Periodicity(index & 1 != 0, index & 2 != 0, index & 4 != 0))
      return Structure(
        elements: try (0..<4).map { _ in
          try #require(Element(atomicNumber: 1 + Int(random.next() % 94)))
        },
        positions: (0..<4).map { _ in
          cell.cartesian(Vector3(random.uniform(), random.uniform(), random.uniform())) * 1.7
        },
        cell: cell)
    }
  }

  @Test("energies are those of plain loops within 1e-11, in pairs and triples, on every kernel set")
  func plainLoops() throws {
    for (index, structure) in try Self.structures().enumerated() {
      for damping in ["bj", "zero"] {
        let pairs = try Dispersion(functional: "pbe", damping: damping)
        let expected = DispersionReference(structure, pairs.functional)
        try onEveryKernelSet { set in
          for triples in [false, true] {
            let provider = try Dispersion(
              functional: "pbe", damping: damping, triples: triples, kernels: set)
            let found = try #require(try evaluateOnce(provider, structure).energy)
            let sum = expected.pairs + (triples ? expected.triples : 0)
            #expect(
              abs(found / Dispersion.hartree - sum) <= 1e-11 * max(1e-3, abs(sum)),
              "\(index) \(provider.specification) \(set.name)")
          }
        }
      }
    }
  }

  @Test("forces are slopes of the energy", arguments: ["bj", "zero"])
  func gradients(damping: String) throws {
    // Light elements: what cutoffs let jump is smallest.
    let symbols = ["C", "O", "H", "N", "F", "C"]
    var random = SeededGenerator(seed: 62)
    for periodicity in [Periodicity.none, Periodicity(true, true, false), .all] {
      let cell = Cell([7, 0.5, 0], [-1.5, 6, 0.4], [0.2, 0.6, 8], periodicity: periodicity)
      let structure = Structure(
        elements: try symbols.map { try #require(Element(symbol: $0)) },
        positions: symbols.map { _ in
          cell.cartesian(Vector3(random.uniform(), random.uniform(), random.uniform()))
        }, cell: cell)
      try onEveryKernelSet { set in
        for triples in [false, true] {
          let provider = try Dispersion(
            functional: "pbe", damping: damping, triples: triples, kernels: set)
          var evaluator = try provider.makeEvaluator(for: structure)
          let found = try evaluator.evaluate(Geometry(structure), wanting: .forces)
          for atom in 0..<2 {
            for axis in 0..<3 {
              func energy(_ shift: Double) throws -> Double {
                var geometry = Geometry(structure)
                geometry.positions[atom][axis] += shift
                return try #require(try evaluator.evaluate(geometry, wanting: .energy).energy)
              }
              let slope = (try energy(5e-4) - energy(-5e-4)) / 1e-3
              #expect(
                abs(slope + found.forces[atom][axis]) < (periodicity == .none ? 1e-7 : 3e-5),
                "\(provider.specification) \(set.name) \(periodicity) \(atom)")
            }
          }
        }
      }
    }
  }

  @Test("one evaluator follows a cell that changes, and atoms that leave it")
  func changes() throws {
    let structure = try Self.structures()[3]
    let provider = try Dispersion(functional: "rpbe", triples: true)
    var evaluator = try provider.makeEvaluator(for: structure)
    for step in 0..<3 {
      var changed = structure
      let factor = 1 + 0.01 * Double(step)
      changed.cell = Cell(
        factor * structure.cell.a, structure.cell.b, structure.cell.c,
        periodicity: structure.cell.periodicity)
      changed.positions[1] += changed.cell.translation(CellOffset(Int32(step), -2, 0))
      let geometry = Geometry(changed)
      #expect(
        try evaluator.evaluate(geometry, wanting: [.energy, .forces])
          == evaluateOnce(provider, changed))
    }
  }

  @Test("of axes that do not repeat nothing matters, nor how the plane that repeats lies in space")
  func plane() throws {
    let elements = try ["Pt", "O", "C", "H"].map { try #require(Element(symbol: $0)) }
    let positions: [Vector3] = [
      [0.1, 0.2, 0.3], [2.1, 0.4, 2.4], [0.9, 3.1, 1.6], [3.3, 2.9, 4.1],
    ]
    let (a, b): (Vector3, Vector3) = ([5.1, 0.3, 0], [-2.2, 4.6, 0])
    let provider = try Dispersion(functional: "pbe", triples: true)
    func energy(
      _ c: Vector3, shift: Double = 0, turn: (Vector3) -> Vector3 = { $0 }
    ) throws -> Double {
      let structure = Structure(
        elements: elements, positions: positions.map { turn($0 + [0, 0, shift]) },
        cell: Cell(turn(a), turn(b), turn(c), periodicity: Periodicity(true, true, false)))
      return try #require(try evaluateOnce(provider, structure).energy)
    }
    let expected = try energy([0, 0, 12])
    // Turned by the axes' order, and by an angle about each of two axes.
    let turns: [(Vector3) -> Vector3] = [
      { [$0.y, $0.z, $0.x] },
      { v in
        let (c, s) = (cos(0.7), sin(0.7))
        let u = Vector3(c * v.x - s * v.y, s * v.x + c * v.y, v.z)
        return [c * u.x + s * u.z, u.y, c * u.z - s * u.x]
      },
    ]
    for found in [
      try energy(.zero), try energy([3, -2, 14]), try energy([0, 0, 12], shift: 9),
      try energy([0, 0, 12], turn: turns[0]), try energy([0, 0, 12], turn: turns[1]),
    ] { #expect(abs(found - expected) < 1e-10) }
  }

  @Test("an atom alone has no dispersion, and neither have two in one place with none around")
  func alone() throws {
    let xenon = try #require(Element(symbol: "Xe"))
    for count in 1...2 {
      let structure = Structure(
        elements: Array(repeating: xenon, count: count),
        positions: Array(repeating: Vector3(1, 2, 3), count: count))
      let found = try evaluateOnce(Dispersion(functional: "pbe", triples: true), structure)
      #expect(found.energy == 0 && found.forces.allSatisfy { $0 == .zero })
    }
  }

  @Test("it adds to other potentials")
  func sums() throws {
    let copper = try #require(Element(symbol: "Cu"))
    let structure = Structure(
      elements: [copper, copper], positions: [.zero, Vector3(2.4, 0.3, 0.1)],
      cell: Cell([5, 0, 0], [0, 5, 0], [0, 0, 5]))
    let all: Quantities = [.energy, .forces, .stress]
    func evaluate(_ text: String) throws -> Evaluation {
      try ProviderCatalog.analytic.provider(text).evaluate(structure, wanting: all)
    }
    let (sum, emt, d3) = (
      try evaluate("emt+d3:xc=rpbe"), try evaluate("emt"), try evaluate("d3:xc=rpbe")
    )
    #expect(sum.energy == (emt.energy ?? .nan) + (d3.energy ?? .nan))
    for atom in 0..<2 { #expect(sum.forces[atom] == emt.forces[atom] + d3.forces[atom]) }
    #expect(sum.stress == (try #require(emt.stress)) + (try #require(d3.stress)))
    #expect(try #require(d3.energy) < -0.1)
  }

  @Test("cells of next to no volume, and more atoms than can be paired, are refused")
  func tooMany() throws {
    let carbon = try #require(Element(symbol: "C"))
    let tiny = Structure(
      elements: [carbon], positions: [.zero],
      cell: Cell([0.2, 0, 0], [0, 0.2, 0], [0, 0, 0.2]))
    let crowd = Structure(
      elements: Array(repeating: carbon, count: 20_000),
      positions: Array(repeating: .zero, count: 20_000))
    let pressed = Structure(
      elements: [carbon], positions: [.zero],
      cell: Cell([1, 0, 0], [0, 1, 0], [0, 0, 1]))
    for (structure, provider) in [
      (tiny, "d3:xc=pbe"), (crowd, "d3:xc=pbe"), (pressed, "d3:xc=pbe,atm=on"),
    ] {
      let error = #expect(throws: ForceError.self) {
        try evaluateOnce(ProviderCatalog.analytic.provider(provider), structure)
      }
      #expect(error?.persistence == .forGood)
      #expect(error?.description.contains("at most") == true)
    }
  }
}
