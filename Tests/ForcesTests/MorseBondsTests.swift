// SPDX-License-Identifier: MIT

import Foundation
import RelaxNumerics
import Structures
import TestSupport
import Testing

@testable import Forces

@Suite("Morse bonds")
struct MorseBondsTests {
  private let provider = MorseBonds()

  /// Depths and lengths by the two symbols.
  private static let bonds: [(String, String, Double, Double)] = [
    ("H", "C", 3.5, 1.10), ("H", "N", 3.5, 1.02), ("H", "O", 3.5, 0.98), ("C", "C", 4.0, 1.45),
    ("C", "N", 5.0, 1.17), ("C", "O", 6.0, 1.18), ("N", "N", 5.0, 1.15), ("N", "O", 4.0, 1.20),
    ("O", "O", 3.0, 1.32),
  ]

  private func pair(_ a: String, _ b: String, _ r: Double) throws -> (energy: Double, pull: Double)
  {
    let elements = [try #require(Element(symbol: a)), try #require(Element(symbol: b))]
    let found = try evaluateOnce(
      provider, Structure(elements: elements, positions: [Vector3(1, 1, 1), Vector3(1, 1 + r, 1)]))
    #expect((found.forces[0] + found.forces[1]).length <= 1e-14)
    return (try #require(found.energy), found.forces[0].y)
  }

  /// The pair energy by the formula.
  private func formula(_ depth: Double, _ length: Double, _ r: Double) -> Double {
    let u = min(max((r - 1.7) / 0.6, 0), 1)
    let s = 1 - u * u * u * (10 - 15 * u + 6 * u * u)
    return depth * (pow(1 - exp(-2 * (r - length)), 2) - 1) * s
  }

  @Test("a bond has its depth at its length, follows the formula and ends at 2.3 Å")
  func dimers() throws {
    for (a, b, depth, length) in Self.bonds {
      let bottom = try pair(a, b, length)
      #expect(abs(bottom.energy + depth) <= 1e-14)
      #expect(abs(bottom.pull) <= 1e-13)
      for r in [0.7, 1.0, 1.69, 1.71, 1.9, 2.1, 2.29] {
        for (first, second) in [(a, b), (b, a)] {
          let found = try pair(first, second, r)
          #expect(abs(found.energy - formula(depth, length, r)) <= 1e-13 * max(1, found.energy))
          let h = 1e-5
          let slope = (formula(depth, length, r + h) - formula(depth, length, r - h)) / (2 * h)
          #expect(abs(found.pull - slope) <= 1e-7 * max(1, abs(slope)))
        }
      }
      #expect(try pair(a, b, 2.3).energy == 0)
      #expect(try pair(a, b, 2.5).energy == 0)
    }
  }

  @Test("two hydrogens and all other elements have no bonds")
  func noBonds() throws {
    for (a, b) in [("H", "H"), ("C", "Cu"), ("Fe", "O"), ("S", "H"), ("Pt", "Pt")] {
      let found = try pair(a, b, 1.1)
      #expect(found.energy == 0)
      #expect(found.pull == 0)
    }
    #expect(provider.knownElements == nil)
  }

  @Test("energy and forces agree with plain loops over all images")
  func plainLoops() throws {
    let symbols = ["H", "C", "N", "O", "Cu", "Fe"]
    for structure in mixedStructures(60, of: symbols, seed: 41) {
      var (energy, scale) = (0.0, 1.0)
      var forces = [Vector3](repeating: .zero, count: structure.count)
      let pairs = bruteForcePairs(structure.positions, structure.cell, cutoff: 2.3)
      for (key, d) in pairs.sorted(by: { $0.key < $1.key }) {
        let names = [key.first, key.second].map { structure.elements[$0].symbol }
        for (a, b, depth, length) in Self.bonds where names == [a, b] || names == [b, a] {
          let r = d.length
          energy += 0.5 * formula(depth, length, r)
          let x = exp(-2 * (r - length))
          let u = max(0, (r - 1.7) / 0.6)
          let s = 1 - u * u * u * (10 - 15 * u + 6 * u * u)
          let ds = -(30 * u * u - 60 * u * u * u + 30 * u * u * u * u) / 0.6
          let derivative =
            depth * (4 * (1 - x) * x * s + (pow(1 - x, 2) - 1) * ds)
          forces[key.first] += derivative / r * d
          scale += abs(derivative) + abs(formula(depth, length, r))
        }
      }
      let found = try evaluateOnce(provider, structure)
      #expect(abs((try #require(found.energy)) - energy) <= 1e-13 * scale)
      for (a, b) in zip(found.forces, forces) { #expect((a - b).length <= 1e-13 * scale) }
    }
  }

  @Test("an atom is bonded to its own images")
  func images() throws {
    let oxygen = try #require(Element(symbol: "O"))
    let chain = Structure(
      elements: [oxygen], positions: [Vector3(0.3, 0, 0)],
      cell: Cell(
        Vector3(1.32, 0, 0), Vector3(0, 9, 0), Vector3(0, 0, 9),
        periodicity: Periodicity(true, false, false)))
    let found = try evaluateOnce(provider, chain)
    #expect(abs((try #require(found.energy)) + 3) <= 1e-14)
    #expect(found.forces[0].length <= 1e-14)
  }
}
