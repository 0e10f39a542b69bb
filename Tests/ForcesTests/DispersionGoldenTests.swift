// SPDX-License-Identifier: MIT

import Foundation
import RelaxNumerics
import Structures
import TestSupport
import Testing

@testable import Forces

@Suite("Dispersion against s-dftd3")
struct DispersionGoldenTests {
  private struct Recording: Decodable {
    var name: String, functional: String, damping: String, triples: Bool
    var numbers: [Int], positions: [Double], cell: [Double], periodic: [Bool]
    var energy: Double, forces: [Double], stress: [Double]?

    func structure() throws -> Structure {
      func vectors(_ numbers: [Double]) -> [Vector3] {
        stride(from: 0, to: numbers.count, by: 3).map {
          Vector3(numbers[$0], numbers[$0 + 1], numbers[$0 + 2])
        }
      }
      let vectors3 = vectors(cell)
      return Structure(
        elements: try numbers.map { try #require(Element(atomicNumber: $0)) },
        positions: vectors(positions),
        cell: Cell(
          vectors3[0], vectors3[1], vectors3[2],
          periodicity: Periodicity(periodic[0], periodic[1], periodic[2])))
    }
  }

  @Test("energies are within 1e-7 eV, forces 1e-6 eV/Å, stresses 1e-8 eV/Å³, on every kernel set")
  func recordings() throws {
    let recordings = try JSONDecoder().decode(
      [Recording].self, from: Data(DispersionRecordings.json.utf8))
    #expect(recordings.count == 20)
    for recording in recordings {
      let structure = try recording.structure()
      try onEveryKernelSet { set in
        let provider = try Dispersion(
          functional: recording.functional, damping: recording.damping,
          triples: recording.triples, kernels: set)
        let found = try provider.evaluate(structure, wanting: [.energy, .forces, .stress])
        let label = "\(recording.name), \(provider.specification), \(set.name)"
        #expect(abs(try #require(found.energy) - recording.energy) < 1e-7, "\(label)")
        let forces = found.forces.flatMap { [$0.x, $0.y, $0.z] }
        #expect(forces.count == recording.forces.count)
        for (a, b) in zip(forces, recording.forces) { #expect(abs(a - b) < 1e-6, "\(label)") }
        guard let stress = recording.stress else { return }
        for (a, b) in zip(try #require(found.stress).voigt, stress) {
          #expect(abs(a - b) < 1e-8, "\(label)")
        }
      }
    }
  }
}
