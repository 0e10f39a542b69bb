// SPDX-License-Identifier: MIT

import RelaxNumerics
import TestSupport
import Testing

@testable import Structures

@Suite("Contacts")
struct ContactTableTests {
  @Test("are those of a plain loop over images, each pair once with its nearest")
  func plainLoop() throws {
    let symbols = ["Cu", "H", "O", "Pt"]
    var generator = SeededGenerator(seed: 4)
    for _ in 0..<20 {
      let cell = Cell(
        Vector3(4 + 3 * generator.uniform(), 0, 0), Vector3(1.5, 5, 0), Vector3(-0.5, 0.7, 6),
        periodicity: Periodicity(true, true, generator.uniform() < 0.5))
      let elements = try (0..<6).map { _ in
        try #require(Element(symbol: symbols[generator.below(4)]))
      }
      let positions = elements.map { _ in
        Vector3(generator.uniform(0, 6), generator.uniform(0, 6), generator.uniform(0, 6))
      }
      let table = try ContactTable(Structure(elements: elements, positions: positions, cell: cell))
      var expected: [[Int]: Double] = [:]
      let far = -5...5
      for i in 0..<6 {
        for j in i..<6 {
          for a in far {
            for b in far {
              for c in cell.periodicity[2] ? far : 0...0 where i != j || a != 0 || b != 0 || c != 0
              {
                let shift = Double(a) * cell.a + Double(b) * cell.b + Double(c) * cell.c
                let distance = (positions[j] + shift - positions[i]).length
                let sum = elements[i].covalentRadius + elements[j].covalentRadius
                if distance < 1.5 * sum + 0.6 {
                  expected[[i, j]] = min(expected[[i, j]] ?? .infinity, distance)
                }
              }
            }
          }
        }
      }
      #expect(
        table.contacts.map { [$0.first, $0.second] }
          == expected.keys.sorted { ($0[0], $0[1]) < ($1[0], $1[1]) })
      for contact in table.contacts {
        #expect(abs(contact.distance - (expected[[contact.first, contact.second]] ?? 0)) < 1e-12)
      }
      let bonds = table.bonds(1) { $0 != $1 }
      #expect(
        bonds.allSatisfy { pair in
          let sum = elements[pair[0]].covalentRadius + elements[pair[1]].covalentRadius
          return pair[0] != pair[1] && (expected[pair] ?? .infinity) < sum + 0.6
        })
    }
  }
}
