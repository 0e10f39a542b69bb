// SPDX-License-Identifier: MIT

import Files
import Forces
import Foundation
import RelaxNumerics
import Structures
import TestSupport
import Testing

@testable import ExternalForces

/// A driver that loses no bit, as a server meets it.
@Suite("Exact answers over i-PI") struct IPIDialectTests {
  private func drive(
    by provider: any ForceProvider, _ script: @escaping @Sendable (IPIPeer) -> Void
  ) throws {
    try IPIPeer.with(script) { link in
      var driver = IPIDriver(
        Structure(elements: [], positions: []), provider, wish: .structure, dialect: .exact)
      try driver.run(Channel(link))
    }
  }

  private static func initialize(_ text: String) -> [UInt8] {
    IPIPeer.header("INIT") + IPIPeer.integer(0) + IPIPeer.integer(text.utf8.count)
      + Array(text.utf8)
  }

  private static func text(_ structure: Structure, more: String = "") -> String {
    let numbers = structure.elements.map { "\($0.atomicNumber)" }.joined(separator: ",")
    let pbc = (0..<3).map { "\(structure.cell.periodicity[$0])" }.joined(separator: ",")
    return
      #"{"numbers": [\#(numbers)], "cell": [[0,0,0],[0,0,0],[0,0,0]], "pbc": [\#(pbc)]\#(more)}"#
  }

  /// Positions and cell as they are, and the question for forces.
  private static func question(_ structure: Structure) -> [UInt8] {
    let rows = [structure.cell.a, structure.cell.b, structure.cell.c]
    return IPIPeer.header("POSDATA") + IPIPeer.doubles((0..<9).map { rows[$0 % 3][$0 / 3] })
      + IPIPeer.doubles(Array(repeating: 0, count: 9)) + IPIPeer.integer(structure.count)
      + IPIPeer.doubles(structure.positions.flatMap { [$0.x, $0.y, $0.z] })
      + IPIPeer.header("GETFORCE")
  }

  static func providers() throws -> [any ForceProvider] {
    [
      EffectiveMediumTheory(), SumOfProviders.effectiveMediumWithBonds(),
      try LennardJones(sigma: 2.3, epsilon: 0.4, cutoff: 6),
    ]
  }

  @Test("Each geometry is evaluated to the last bit as if it were the first", arguments: 0..<3)
  func bits(index: Int) throws {
    let provider = try Self.providers()[index]
    var structures: [Structure] = []
    var generator = SeededGenerator(seed: 11)
    for initial in [IPIExamples.sheared, IPIExamples.molecule, IPIExamples.sheared] {
      var structure = initial
      for _ in 0..<4 {
        // Moves so small that a list would be kept.
        for atom in structure.positions.indices {
          structure.positions[atom].x += Double.random(in: -0.02...0.02, using: &generator)
        }
        structures.append(structure)
      }
    }
    let told = structures
    try drive(by: provider) { peer in
      for structure in told {
        peer.write(Self.initialize(Self.text(structure)) + Self.question(structure))
        #expect(peer.word() == "FORCEREADY")
        let (energy, forces, stress, extras) = peer.forces()
        let direct = try? provider.evaluate(structure, wanting: [.energy, .forces, .stress])
        #expect(energy.bitPattern == direct?.energy?.bitPattern)
        #expect(forces == direct?.forces.flatMap { [$0.x, $0.y, $0.z] })
        let s = direct?.stress
        #expect(
          stress
            == (s.map { [$0.xx, $0.xy, $0.xz, $0.xy, $0.yy, $0.yz, $0.xz, $0.yz, $0.zz] }
              ?? Array(repeating: 0, count: 9)))
        #expect(
          String(decoding: extras, as: UTF8.self)
            == #"{"relax": {"energy": true, "stress": \#(s != nil)}}"#)
      }
    }
  }

  @Test("What fails is said, and the conversation goes on") func failures() throws {
    var unknown = IPIExamples.molecule
    unknown.elements = IPIExamples.elements("U", "H", "H")
    var flat = IPIExamples.sheared
    flat.cell = Cell(flat.cell.a, flat.cell.b, .zero)
    let cases = [
      (unknown, "emt has no parameters for U"), (flat, "its lattice vector is zero"),
    ]
    let sound = IPIExamples.sheared
    try drive(by: EffectiveMediumTheory()) { peer in
      for (structure, part) in cases {
        peer.write(Self.initialize(Self.text(structure)) + Self.question(structure))
        #expect(peer.word() == "FORCEREADY")
        let (energy, forces, _, extras) = peer.forces()
        #expect(energy.isNaN && forces.count == 9 && forces.allSatisfy(\.isNaN))
        let json = try? JSONText(parsing: extras)
        guard case .string(let reason)? = json?["relax"]?["error"] else {
          Issue.record("no error is told")
          continue
        }
        #expect(reason.contains(part), "\(reason)")
        peer.write(Self.initialize(Self.text(sound)) + Self.question(sound))
        #expect(peer.word() == "FORCEREADY")
        let direct = try? EffectiveMediumTheory().evaluate(sound, wanting: [.energy])
        #expect(peer.forces().energy == direct?.energy)
      }
    }
  }

  @Test("A provider sees tags, fixed atoms and entries; batches are no matter") func details()
    throws
  {
    let more =
      #", "tags": [0, 1, 2], "fixed": [true, false, false], "info": {"charge": -1, "note": "batch_size:3"}"#
    let structure = IPIExamples.sheared
    for (text, energy) in [(more, 1.0), ("", 0.0)] {
      try drive(by: Looking()) { peer in
        peer.write(Self.initialize(Self.text(structure, more: text)) + Self.question(structure))
        #expect(peer.word() == "FORCEREADY")
        #expect(peer.forces().energy == energy)
      }
    }
    for wrong in [#", "tags": [0, 1]"#, #", "fixed": "all""#] {
      let failure = try #require(throws: IPIDriver.Failure.self) {
        try drive(by: Looking()) { peer in
          peer.write(Self.initialize(Self.text(structure, more: wrong)))
        }
      }
      #expect(failure.description.contains("one whole number an atom"), "\(failure)")
    }
  }
}

/// Its energy is 1 for a structure with everything that can be told of one, else 0.
private struct Looking: ForceProvider {
  let specification = "looking"
  let knownElements: Set<Element>? = nil

  func makeEvaluator(for structure: Structure) -> any Evaluator {
    let isComplete =
      structure.tags == [0, 1, 2] && structure.freedoms == [.fixed, .free, .free]
      && structure.attribute("charge")?.text == "-1"
      && structure.attribute("note")?.text?.contains("batch_size:3") == true
    return Constant(energy: isComplete ? 1 : 0)
  }

  private struct Constant: Evaluator {
    let energy: Double
    mutating func evaluate(
      _ geometry: Geometry, wanting: Quantities, cancellation: Cancellation
    ) throws(ForceError) -> Evaluation {
      Evaluation(energy: energy, forces: geometry.positions.map { _ in .zero })
    }
  }
}
