// SPDX-License-Identifier: MIT

import Forces
import Foundation
import RelaxNumerics
import Structures
import TestSupport
import Testing

@testable import ExternalForces

/// Servers' habits, as a driver meets them.
@Suite("Relax as a driver of i-PI") struct IPIDriverTests {
  /// A driver for a structure, talked to by a script.
  private func drive(
    _ structure: Structure = IPIExamples.sheared, wish: IPIDriver.Wish = .nothing,
    by provider: any ForceProvider = EffectiveMediumTheory(),
    _ script: @escaping @Sendable (IPIPeer) -> Void
  ) throws {
    try IPIPeer.with(script) { link in
      var driver = IPIDriver(structure, provider, wish: wish)
      try driver.run(Channel(link))
    }
  }

  private static func positions(_ structure: Structure) -> [UInt8] {
    matrices(structure) + IPIPeer.integer(structure.count) + coordinates(structure)
  }

  private static func matrices(_ structure: Structure) -> [UInt8] {
    let rows = [structure.cell.a, structure.cell.b, structure.cell.c]
    let h = (0..<9).map { rows[$0 % 3][$0 / 3] / IPIExamples.bohr }
    return IPIPeer.doubles(h) + IPIPeer.doubles(h)
  }

  private static func coordinates(_ structure: Structure) -> [UInt8] {
    IPIPeer.doubles(
      structure.positions.flatMap { [$0.x, $0.y, $0.z] }.map { $0 / IPIExamples.bohr })
  }

  private static func initialize(_ text: String) -> [UInt8] {
    IPIPeer.header("INIT") + IPIPeer.integer(0) + IPIPeer.integer(text.utf8.count)
      + Array(text.utf8)
  }

  private static func energy(_ structure: Structure) -> Double {
    let found = try? EffectiveMediumTheory().evaluate(structure, wanting: [.energy, .forces])
    return (found?.energy ?? .nan) / IPIExamples.hartree
  }

  @Test("The end of the connection between messages is as good as EXIT") func ends() throws {
    try drive { _ in }
    try drive { $0.say("EXIT") }
    try drive { peer in
      peer.say("STATUS")
      #expect(peer.word() == "READY")
    }
  }

  static let faults: [(String, [UInt8])] = [
    ("inside a message", Array("STAT".utf8)),
    ("inside a message", IPIPeer.header("POSDATA") + [1, 2, 3]),
    ("closed the connection", IPIPeer.header("POSDATA")), ("`HELLO`", IPIPeer.header("HELLO")),
    ("`READY`", IPIPeer.header("READY")), ("before it gave positions", IPIPeer.header("GETFORCE")),
    (
      "positions of 7 atoms, but the structure has 3",
      IPIPeer.header("POSDATA") + IPIPeer.doubles(Array(repeating: 1, count: 18))
        + IPIPeer.integer(7)
    ),
    (
      "a text of 4294967295 bytes",
      IPIPeer.header("INIT") + IPIPeer.integer(0) + IPIPeer.integer(-1)
    ),
    (
      "three vectors", initialize(#"{"numbers": [1], "cell": [[1, 2]], "pbc": [true, true, true]}"#)
    ),
    ("atomic numbers", initialize(#"{"numbers": [0], "cell": [], "pbc": []}"#)),
    ("batch_size", initialize("batch_size:0")),
  ]

  @Test("What has no answer ends it with a reason", arguments: faults)
  func refusesFaults(part: String, bytes: [UInt8]) throws {
    let failure = try #require(throws: IPIDriver.Failure.self) {
      try drive { peer in
        peer.write(bytes)
      }
    }
    #expect(failure.kind == .conversation && failure.description.contains(part), "\(failure)")
  }

  @Test("Messages may come all at once, cut anywhere") func fused() throws {
    let structure = IPIExamples.sheared
    let bytes =
      IPIPeer.header("STATUS") + IPIPeer.header("POSDATA") + Self.positions(structure)
      + IPIPeer.header("STATUS") + IPIPeer.header("GETFORCE") + IPIPeer.header("STATUS")
      + IPIPeer.header("EXIT")
    for size in [bytes.count, 1, 7] {
      try drive { peer in
        for start in stride(from: 0, to: bytes.count, by: size) {
          peer.write(Array(bytes[start..<min(bytes.count, start + size)]))
        }
        #expect(peer.word() == "READY" && peer.word() == "HAVEDATA" && peer.word() == "FORCEREADY")
        #expect(abs(peer.forces().energy - Self.energy(structure)) < 1e-9)
        #expect(peer.word() == "READY" && peer.word().isEmpty)
      }
    }
  }

  @Test("A structure in INIT replaces the present one") func structures() throws {
    var other = IPIExamples.molecule
    other.elements = IPIExamples.elements("Pt", "H", "H", "Cu")
    other.positions.append(Vector3(0, 2.4, 1))
    let text = String(decoding: IPIStructureText.text(of: other, cell: other.cell), as: UTF8.self)
    let (initial, told) = (IPIExamples.sheared, other)
    try drive { peer in
      for (structure, echoes) in [(initial, false), (told, true), (told, true)] {
        if echoes { peer.write(Self.initialize(text)) }
        peer.write(
          IPIPeer.header("POSDATA") + Self.positions(structure) + IPIPeer.header("GETFORCE"))
        #expect(peer.word() == "FORCEREADY")
        let (energy, forces, virial, extras) = peer.forces()
        #expect(abs(energy - Self.energy(structure)) < 1e-9 && forces.count == 3 * structure.count)
        // A molecule has no stress.
        #expect(virial.allSatisfy { $0 == 0 } == echoes)
        let echo = echoes ? #"{"relax": {"structure": true}}"# : "\0"
        #expect(String(decoding: extras, as: UTF8.self) == echo)
      }
    }
  }

  @Test("A wish is heard before the evaluations") func wishes() throws {
    let structure = IPIExamples.sheared
    let posdata =
      IPIPeer.header("POSDATA") + Self.positions(structure) + IPIPeer.header("GETFORCE")
    try drive(wish: .settings) { peer in
      for _ in 0..<2 {
        peer.say("STATUS")
        #expect(peer.word() == "NEEDINIT")
        peer.write(Self.initialize("\0") + IPIPeer.header("STATUS"))
        #expect(peer.word() == "READY")
        peer.write(posdata)
        _ = (peer.word(), peer.forces())
      }
    }
    let text = String(
      decoding: IPIStructureText.text(of: structure, cell: structure.cell), as: UTF8.self)
    try drive(IPIExamples.molecule, wish: .structure) { peer in
      for told in ["\0", text] {
        peer.say("STATUS")
        #expect(peer.word() == "NEEDINIT")
        peer.write(Self.initialize(told))
      }
      for _ in 0..<2 {
        peer.write(IPIPeer.header("STATUS") + posdata)
        #expect(peer.word() == "READY" && peer.word() == "FORCEREADY")
        #expect(abs(peer.forces().energy - Self.energy(structure)) < 1e-9)
      }
    }
  }

  @Test("Batches come and go as one message", arguments: [2, 5]) func batches(size: Int) throws {
    var generator = SeededGenerator(seed: 5)
    let structures = (0..<3).map { _ in
      var structure = IPIExamples.sheared
      for atom in 0..<3 {
        structure.positions[atom].x += Double.random(in: -0.2...0.2, using: &generator)
      }
      let c = structure.cell
      structure.cell = Cell(
        c.a * Double.random(in: 0.95...1.05, using: &generator), c.b, c.c)
      return structure
    }
    // Filled up with the last one.
    let all = (0..<size).map { structures[min($0, 2)] }
    try drive { peer in
      peer.write(Self.initialize("something, batch_size:\(size)"))
      for _ in 0..<2 {
        peer.write(
          IPIPeer.header("POSDATA") + IPIPeer.integer(3) + all.flatMap(Self.matrices)
            + all.flatMap(Self.coordinates) + IPIPeer.header("GETFORCE"))
        #expect(peer.word() == "FORCEREADY")
        let energies = peer.doubles(size)
        #expect(peer.integer() == 3)
        let forces = peer.doubles(9 * size), virials = peer.doubles(9 * size)
        for (index, structure) in all.enumerated() {
          #expect(peer.integer() == 1 && peer.read(1) == [0])
          let direct = try? EffectiveMediumTheory().evaluate(
            structure, wanting: [.energy, .forces, .stress])
          #expect(abs(energies[index] - Self.energy(structure)) < 1e-9)
          let force = (direct?.forces[1].y ?? .nan) * IPIExamples.bohr / IPIExamples.hartree
          #expect(abs(forces[9 * index + 4] - force) < 1e-9)
          let virial =
            -structure.cell.volume * (direct?.stress?.xz ?? .nan) / IPIExamples.hartree
          #expect(abs(virials[9 * index + 2] - virial) < 1e-9)
        }
      }
    }
  }

  @Test("What there is not is NaN and zero") func missing() throws {
    let structure = IPIExamples.sheared
    try drive(by: WithoutEnergy()) { peer in
      peer.write(
        IPIPeer.header("POSDATA") + Self.positions(structure) + IPIPeer.header("GETFORCE"))
      #expect(peer.word() == "FORCEREADY")
      let (energy, _, virial, extras) = peer.forces()
      #expect(energy.isNaN && virial.allSatisfy { $0 == 0 })
      #expect(String(decoding: extras, as: UTF8.self) == #"{"relax": {"energy": false}}"#)
    }
  }

  @Test("No cell is no periodicity, and a cell is none by itself") func cells() throws {
    var boxed = IPIExamples.molecule
    boxed.elements = IPIExamples.elements("Cu", "Cu", "O")
    var open = boxed
    open.cell = .none
    boxed.cell = Cell(
      Vector3(4, 0, 0), Vector3(0, 4, 0), Vector3(0, 0, 4), periodicity: .none)
    var periodic = boxed
    periodic.cell = boxed.cell.with(periodicity: .all)
    for (own, sent) in [(boxed, boxed), (periodic, open), (periodic, periodic)] {
      try drive(own) { peer in
        peer.write(
          IPIPeer.header("POSDATA") + Self.positions(sent) + IPIPeer.header("GETFORCE"))
        #expect(peer.word() == "FORCEREADY")
        #expect(abs(peer.forces().energy - Self.energy(sent)) < 1e-9)
      }
    }
  }

  @Test("An error of the provider ends it") func refusal() throws {
    let sent = IPIExamples.sheared
    var unknown = sent
    unknown.elements[2] = IPIExamples.elements("U")[0]
    #expect(throws: ForceError.self) {
      try drive(unknown) { peer in
        peer.write(IPIPeer.header("POSDATA") + Self.positions(sent))
        #expect(peer.read(1).isEmpty)
      }
    }
  }

  @Test("Nobody to connect to is told") func unreachable() throws {
    let scratch = try Scratch()
    for address in [IPIAddress.file(scratch.path("none")), .port("127.0.0.1", 1)] {
      var driver = IPIDriver(IPIExamples.sheared, EffectiveMediumTheory())
      let failure = try #require(throws: IPIDriver.Failure.self) {
        try driver.run(connectingTo: address, seconds: 0.1)
      }
      #expect(failure.kind == .unreachable && failure.description.contains(address.text))
    }
  }
}

/// Forces without an energy.
private struct WithoutEnergy: ForceProvider {
  let specification = "forces"
  let knownElements: Set<Element>? = nil
  let quantities: Quantities = .forces

  func makeEvaluator(for structure: Structure) -> any Evaluator { Zero() }

  private struct Zero: Evaluator {
    mutating func evaluate(
      _ geometry: Geometry, wanting: Quantities, cancellation: Cancellation
    ) throws(ForceError) -> Evaluation {
      Evaluation(forces: geometry.positions.map { _ in .zero })
    }
  }
}
