// SPDX-License-Identifier: MIT

import Forces
import Foundation
import RelaxNumerics
import Structures
import Testing

@testable import ExternalForces

/// Drivers' habits, as the server meets them.
@Suite("Relax as the server of i-PI") struct IPISessionTests {
  /// Runs one evaluation with a driver that has been given positions and been asked for forces.
  private func evaluate(
    _ structure: Structure = IPIExamples.molecule, seconds: Double = 60,
    answering script: @escaping @Sendable (IPIPeer) -> Void
  ) throws -> Evaluation {
    try IPIPeer.with(script) { link in
      let session = IPISession(link)
      defer { session.end() }
      try session.begin(structure, .minute)
      return try session.evaluate(
        Geometry(structure), wantsStress: true, Patience(seconds: seconds, .never))
    }
  }

  /// Talks until forces are asked for, as most do.
  @Sendable private static func talk(_ peer: IPIPeer) {
    _ = peer.word()
    peer.say("READY")
    _ = (peer.word(), peer.positions())
    _ = peer.word()
    peer.say("HAVEDATA")
    #expect(peer.word() == "GETFORCE")
  }

  private static let zeros = Array(repeating: 0.0, count: 9)

  @Test("NEEDINIT before each evaluation gets one byte") func needInit() throws {
    let structure = IPIExamples.molecule
    try IPIPeer.with { peer in
      for _ in 0..<3 {
        #expect(peer.word() == "STATUS")
        peer.say("NEEDINIT")
        #expect(peer.word() == "INIT" && peer.integer() == 0 && peer.integer() == 1)
        #expect(peer.read(1) == [0])
        Self.talk(peer)
        peer.write(IPIPeer.reply(Self.zeros, extras: []))
      }
      #expect(peer.word() == "EXIT")
    } _: { link in
      let session = IPISession(link)
      try session.begin(structure, .minute)
      for _ in 0..<3 {
        _ = try session.evaluate(Geometry(structure), wantsStress: true, .minute)
      }
      #expect(!session.takesStructures)
      session.close()
    }
  }

  @Test("NEEDINIT after the positions gets INIT, and positions once more") func lateNeedInit()
    throws
  {
    let found = try evaluate { peer in
      _ = peer.word()
      peer.say("READY")
      _ = (peer.word(), peer.positions(), peer.word())
      peer.say("NEEDINIT")
      #expect(peer.word() == "INIT" && peer.integer() == 0)
      _ = peer.read(peer.integer())
      Self.talk(peer)
      peer.write(IPIPeer.reply(Self.zeros, energy: 2))
    }
    #expect(found.energy == 2 * IPIExamples.hartree)
  }

  @Test("A driver that asks again is told the structure, and then every other one")
  func structures()
    throws
  {
    let echo = Array(#"{"relax": {"structure": true}}"#.utf8)
    @Sendable func told(_ peer: IPIPeer) -> String {
      #expect(peer.word() == "INIT")
      _ = peer.integer()
      return String(decoding: peer.read(peer.integer()), as: UTF8.self)
    }
    try IPIPeer.with { peer in
      _ = peer.word()
      peer.say("NEEDINIT")
      #expect(told(peer) == "\0" && peer.word() == "STATUS")
      peer.say("NEEDINIT")
      let text = told(peer)
      #expect(text.hasPrefix(#"{"numbers": [8, 1, 1], "cell": [[0.0, 0.0, 0.0], "#))
      #expect(text.hasSuffix(#""pbc": [false, false, false]}"#))
      Self.talk(peer)
      peer.write(IPIPeer.reply(Self.zeros, extras: echo))
      // It need not ask for the next one.
      #expect(peer.word() == "STATUS")
      peer.say("READY")
      #expect(told(peer).hasPrefix(#"{"numbers": [29, 29, 8], "cell": [[0.3, 5.2, -0.4], "#))
      Self.talk(peer)
      peer.write(IPIPeer.reply(Self.zeros, extras: echo))
      #expect(peer.word() == "EXIT")
    } _: { link in
      let session = IPISession(link)
      for structure in [IPIExamples.molecule, IPIExamples.sheared] {
        #expect(session.canGoOn(with: structure) == session.takesStructures)
        try session.begin(structure, .minute)
        _ = try session.evaluate(Geometry(structure), wantsStress: true, .minute)
        #expect(session.takesStructures)
      }
      session.close()
    }
  }

  @Test("A driver that was told nothing goes on with the same atoms alone") func sameAtoms() throws
  {
    let structure = IPIExamples.sheared
    try IPIPeer.with { peer in
      Self.talk(peer)
      peer.write(IPIPeer.reply(Self.zeros))
    } _: { link in
      let session = IPISession(link)
      defer { session.end() }
      try session.begin(structure, .minute)
      _ = try session.evaluate(Geometry(structure), wantsStress: true, .minute)
      var moved = structure
      moved.positions[0].x += 1
      #expect(session.canGoOn(with: moved) && !session.canGoOn(with: IPIExamples.molecule))
      moved.elements.swapAt(0, 2)
      #expect(!session.canGoOn(with: moved))
      var slab = structure
      slab.cell = structure.cell.with(periodicity: Periodicity(true, true, false))
      #expect(!session.canGoOn(with: slab))
    }
  }

  @Test("half a virial is the whole, and none is no stress") func virials() throws {
    func stress(_ virial: [Double], _ structure: Structure = IPIExamples.sheared) throws
      -> [Double]?
    {
      try evaluate(structure) { peer in
        Self.talk(peer)
        peer.write(IPIPeer.reply(Self.zeros, virial: virial))
      }.stress?.voigt
    }
    let whole = try #require(try stress([1, 2, 3, 2, 5, 6, 3, 6, 9]))
    #expect(try stress([1, 2, 3, 0, 5, 6, 0, 0, 9]) == whole)
    #expect(try stress([1, 0, 0, 2, 5, 0, 3, 6, 9]) == whole)
    #expect(try stress(Self.zeros) == nil)
    #expect(try stress([1, 2, 3, 2, 5, 6, 3, 6, 9], IPIExamples.molecule) == nil)
  }

  @Test(
    "extras are anything or nothing",
    arguments: [[], [0], [0, 0, 0], Array(#"{"dipole": [1, 2, 3]}"#.utf8), [0xff, 0xfe], [123]])
  func extras(_ bytes: [UInt8]) throws {
    let found = try evaluate { peer in
      Self.talk(peer)
      peer.write(IPIPeer.reply(Self.zeros, energy: 0.25, extras: bytes))
    }
    #expect(found.energy == 0.25 * IPIExamples.hartree)
  }

  @Test("numbers that are none pass, an energy that there is not is none") func notFinite() throws {
    let forces = [Double.infinity] + Self.zeros.dropFirst()
    let found = try evaluate { peer in
      Self.talk(peer)
      peer.write(IPIPeer.reply(forces, energy: .nan))
    }
    #expect(found.energy?.isNaN == true && found.forces[0].x == .infinity)
    let without = try evaluate { peer in
      Self.talk(peer)
      let extras = Array(#"{"relax": {"energy": false}}"#.utf8)
      peer.write(IPIPeer.reply(Self.zeros, energy: .nan, extras: extras))
    }
    #expect(without.energy == nil)
  }

  @Test("No cell is zeros, a missing vector a column of them") func noCell() throws {
    func matrices(_ cell: Cell) throws -> [[Double]] {
      let found = Guarded<[[Double]]>([])
      var structure = IPIExamples.molecule
      structure.cell = cell
      _ = try evaluate(structure) { peer in
        _ = peer.word()
        peer.say("READY")
        _ = peer.word()
        let (h, inverse, _) = peer.positions()
        found.withLock { $0 = [h, inverse] }
        _ = peer.word()
        peer.say("HAVEDATA")
        _ = peer.word()
        peer.write(IPIPeer.reply(Self.zeros))
      }
      return found.withLock { $0 }
    }
    #expect(try matrices(.none) == [Self.zeros, Self.zeros])
    let b = IPIExamples.bohr
    let slab = Cell(
      Vector3(2 * b, 0, 0), Vector3(0, 4 * b, 0), .zero, periodicity: Periodicity(true, true, false)
    )
    #expect(
      try matrices(slab) == [[2, 0, 0, 0, 4, 0, 0, 0, 0], [0.5, 0, 0, 0, 0.25, 0, 0, 0, 0]])
  }

  // MARK: - What is no answer

  static let nonsense: [(String, [UInt8])] = [
    ("forces on 4 atoms", IPIPeer.reply(Array(repeating: 0, count: 12))),
    ("forces on 4294967295 atoms", IPIPeer.reply([], atoms: -1)),
    ("`HELLO`", IPIPeer.header("HELLO")), ("READY where", IPIPeer.header("READY")),
    (
      "bytes of extras",
      IPIPeer.reply(zeros).dropLast(5) + IPIPeer.integer(Int(Int32.max))
    ),
  ]

  @Test("What is no answer is refused", arguments: nonsense)
  func refusesNonsense(part: String, bytes: [UInt8]) throws {
    let error = try #require(throws: ExchangeError.self) {
      try evaluate { peer in
        Self.talk(peer)
        peer.write(bytes)
        _ = peer.read(12)
      }
    }
    guard case .nonsense(let reason) = error else { throw error }
    #expect(reason.contains(part), "\(reason)")
  }

  @Test(
    "Drivers that never come to the point are refused",
    arguments: ["NEEDINIT", "HAVEDATA", "HTTP/1.1"])
  func endless(word: String) throws {
    let error = try #require(throws: ExchangeError.self) {
      try evaluate { peer in
        while true {
          switch peer.word() {
          case "STATUS": peer.say(word)
          case "INIT":
            _ = peer.integer()
            _ = peer.read(peer.integer())
          default: return
          }
        }
      }
    }
    guard case .nonsense = error else { throw error }
  }

  @Test("The end of a driver is noticed wherever it comes") func ends() throws {
    let reply = IPIPeer.reply(Self.zeros)
    for count in [0, 5, 12, 20, 30, 170, reply.count - 1] {
      let error = try #require(throws: ExchangeError.self) {
        try evaluate { peer in
          Self.talk(peer)
          peer.write(Array(reply.prefix(count)))
        }
      }
      guard case .ended(let reason) = error else { throw error }
      #expect(reason.contains("closed the connection"))
    }
    #expect(throws: ExchangeError.self) { try evaluate { _ in } }
  }

  @Test("Silence takes no longer than it may") func silence() throws {
    let error = try #require(throws: ExchangeError.self) {
      try evaluate(seconds: 0.2) { peer in
        Self.talk(peer)
        // Until it is given up.
        while !peer.read(1).isEmpty {}
      }
    }
    #expect(error == .timedOut(seconds: 0.2))
  }
}
