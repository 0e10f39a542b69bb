// SPDX-License-Identifier: MIT

import Forces
import Foundation
import RelaxNumerics
import Structures
import Testing

@testable import ExternalForces

/// What ASE's `SocketClient` with EMT and a server of few lines said to each other, byte by byte.
///
/// `Fixtures/ipi_emt.json` was recorded for this project with ASE 3.29: three evaluations of Cu(111) with
/// oxygen, each message with who said it (server or client).
struct IPITranscript: Decodable, Sendable {
  struct Message: Decodable, Sendable {
    var isServer: Bool
    var bytes: [UInt8]

    init(from decoder: any Decoder) throws {
      var items = try decoder.unkeyedContainer()
      isServer = try items.decode(String.self) == "s"
      let digits = Array(try items.decode(String.self))
      bytes = stride(from: 0, to: digits.count, by: 2).compactMap {
        UInt8(String(digits[$0...$0 + 1]), radix: 16)
      }
    }
  }

  struct Evaluation: Decodable, Sendable {
    var cell_angstrom: [[Double]]
    var positions_angstrom: [[Double]]
    var energy_eV: Double
    var forces_eV_per_A: [[Double]]
    var stress_eV_per_A3: [[Double]]
    var messages: [Message]

    var geometry: Geometry {
      let v = cell_angstrom.map { Vector3($0[0], $0[1], $0[2]) }
      return Geometry(
        positions: positions_angstrom.map { Vector3($0[0], $0[1], $0[2]) },
        cell: Cell(v[0], v[1], v[2]))
    }
  }

  var symbols: [String]
  var evaluations: [Evaluation]
  var final: [Message]

  var messages: [Message] { evaluations.flatMap(\.messages) + final }

  var structure: Structure {
    let geometry = evaluations[0].geometry
    return Structure(
      elements: symbols.compactMap { Element(symbol: $0) }, positions: geometry.positions,
      cell: geometry.cell)
  }

  static func recorded() throws -> IPITranscript {
    let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("Fixtures/ipi_emt.json")
    return try JSONDecoder().decode(IPITranscript.self, from: Data(contentsOf: file))
  }
}

@Suite("The recorded conversation") struct IPITranscriptTests {
  @Test("as the server: the same bytes, but for rounding of the inverse") func server() throws {
    let transcript = try IPITranscript.recorded()
    try IPIPeer.with { peer in
      for message in transcript.messages {
        guard message.isServer else {
          peer.write(message.bytes)
          continue
        }
        let bytes = peer.read(message.bytes.count)
        if bytes == message.bytes { continue }
        #expect(bytes.count == 72)
        for (own, recorded) in zip(IPIPeer.doubles(bytes), IPIPeer.doubles(message.bytes)) {
          #expect(abs(own - recorded) < 1e-16)
        }
      }
      #expect(peer.read(1).isEmpty)
    } _: { link in
      let session = IPISession(link)
      try session.begin(transcript.structure, .minute)
      for recorded in transcript.evaluations {
        let found = try session.evaluate(recorded.geometry, wantsStress: true, .minute)
        #expect(abs(try #require(found.energy) - recorded.energy_eV) < 1e-12)
        for (own, force) in zip(found.forces, recorded.forces_eV_per_A) {
          #expect((own - Vector3(force[0], force[1], force[2])).length < 1e-12)
        }
        let (own, s) = (try #require(found.stress), recorded.stress_eV_per_A3)
        for (a, b) in zip(own.voigt, [s[0][0], s[1][1], s[2][2], s[1][2], s[0][2], s[0][1]]) {
          #expect(abs(a - b) < 1e-14)
        }
      }
      session.close()
    }
  }

  @Test("as the driver: the same words and numbers") func driver() throws {
    let transcript = try IPITranscript.recorded()
    try IPIPeer.with { peer in
      for message in transcript.messages {
        guard !message.isServer else {
          peer.write(message.bytes)
          continue
        }
        let bytes = peer.read(message.bytes.count)
        guard message.bytes.count % 8 == 0 else {
          #expect(bytes == message.bytes)
          continue
        }
        #expect(bytes.count == message.bytes.count)
        for (own, recorded) in zip(IPIPeer.doubles(bytes), IPIPeer.doubles(message.bytes)) {
          #expect(abs(own - recorded) < 1e-9)
        }
      }
    } _: { link in
      var driver = IPIDriver(transcript.structure, EffectiveMediumTheory())
      try driver.run(Channel(link))
    }
  }

  @Test("a sheared cell goes out with its vectors in columns, and stress comes back") func sheared()
    throws
  {
    let structure = IPIExamples.sheared
    let virial = [0.11, 0.02, -0.03, 0.04, 0.25, 0.06, -0.07, 0.08, -0.19]
    let found = try IPIPeer.with { peer in
      #expect(peer.word() == "STATUS")
      peer.say("READY")
      #expect(peer.word() == "POSDATA")
      let (h, inverse, positions) = peer.positions()
      let rows = [structure.cell.a, structure.cell.b, structure.cell.c]
      for i in 0..<3 {
        for j in 0..<3 {
          #expect(h[3 * i + j] == rows[j][i] / IPIExamples.bohr)
          let unit = (0..<3).reduce(0.0) { $0 + h[3 * i + $1] * inverse[3 * $1 + j] }
          #expect(abs(unit - (i == j ? 1 : 0)) < 1e-14)
        }
      }
      let own = structure.positions.flatMap { [$0.x, $0.y, $0.z] }
      #expect(positions == own.map { $0 / IPIExamples.bohr })
      #expect(peer.word() == "STATUS")
      peer.say("HAVEDATA")
      #expect(peer.word() == "GETFORCE")
      peer.write(IPIPeer.reply((0..<9).map { Double($0) }, energy: 0.5, virial: virial))
    } _: { link in
      let session = IPISession(link)
      try session.begin(structure, .minute)
      return try session.evaluate(Geometry(structure), wantsStress: true, .minute)
    }
    let (a, b, c) = (structure.cell.a, structure.cell.b, structure.cell.c)
    let determinant =
      a.x * (b.y * c.z - b.z * c.y) - a.y * (b.x * c.z - b.z * c.x) + a.z * (b.x * c.y - b.y * c.x)
    let expected = [0, 4, 8, 5, 2, 1].map { index -> Double in
      let transposed = [0: 0, 4: 4, 8: 8, 5: 7, 2: 6, 1: 3][index] ?? 0
      let mean = 0.5 * (virial[index] + virial[transposed])
      return -mean * IPIExamples.hartree / abs(determinant)
    }
    for (own, number) in zip(try #require(found.stress).voigt, expected) {
      #expect(abs(own - number) < 1e-14)
    }
    #expect(found.energy == 0.5 * IPIExamples.hartree)
    #expect(abs(found.forces[1].z - 5 * IPIExamples.hartree / IPIExamples.bohr) < 1e-12)
  }

  @Test("a sheared cell comes in with its vectors in columns, and a virial goes back")
  func shearedIn()
    throws
  {
    let structure = IPIExamples.sheared
    let direct = try EffectiveMediumTheory().evaluate(structure, wanting: [.forces, .stress])
    let rows = [structure.cell.a, structure.cell.b, structure.cell.c]
    let h = (0..<9).map { rows[$0 % 3][$0 / 3] / IPIExamples.bohr }
    let positions = structure.positions.flatMap { [$0.x, $0.y, $0.z] }.map { $0 / IPIExamples.bohr }
    let volume = abs(rows[0].dot(rows[1].cross(rows[2])))
    try IPIPeer.with { peer in
      // Everything at once, and an inverse that nobody should look at.
      peer.write(
        IPIPeer.header("POSDATA") + IPIPeer.doubles(h) + IPIPeer.doubles(h) + IPIPeer.integer(3)
          + IPIPeer.doubles(positions) + IPIPeer.header("GETFORCE"))
      #expect(peer.word() == "FORCEREADY")
      let (energy, forces, virial, extras) = peer.forces()
      #expect(abs(energy * IPIExamples.hartree - (direct.energy ?? .nan)) < 1e-9)
      for (own, force) in zip(WireNumbers.vectors(forces[...]), direct.forces) {
        #expect((own * (IPIExamples.hartree / IPIExamples.bohr) - force).length < 1e-9)
      }
      let s = direct.stress ?? .zero
      let full = [s.xx, s.xy, s.xz, s.xy, s.yy, s.yz, s.xz, s.yz, s.zz]
      for (own, number) in zip(virial, full) {
        #expect(abs(own + volume * number / IPIExamples.hartree) < 1e-9)
      }
      #expect(extras == [0])
    } _: { link in
      var other = structure
      other.cell = Cell(Vector3(9, 0, 0), Vector3(0, 9, 0), Vector3(0, 0, 9))
      var driver = IPIDriver(other, EffectiveMediumTheory())
      try driver.run(Channel(link))
    }
  }
}
