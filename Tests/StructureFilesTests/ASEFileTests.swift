// SPDX-License-Identifier: MIT

import Foundation
import RelaxNumerics
import Structures
import TestSupport
import Testing

@testable import StructureFiles

/// Files that ASE wrote, read as ASE reads them; `Fixtures/make.py` made both.
@Suite("ASE's files")
struct ASEFileTests {
  /// What ASE reads of a frame.
  struct Expected: Decodable {
    var numbers: [Int]
    var positions: [[Double]]
    var cell: [[Double]]
    var pbc: [Bool]
    var free: [[Bool]]
    var tags: [Int]?
    var momenta: [[Double]]?
    var masses: [Double]?
    // Names of ASE.
    // swift-format-ignore: AlwaysUseLowerCamelCase
    var initial_magmoms: [Double]?
    // swift-format-ignore: AlwaysUseLowerCamelCase
    var initial_charges: [Double]?
    var energy: Double?
    // swift-format-ignore: AlwaysUseLowerCamelCase
    var free_energy: Double?
    var forces: [[Double]]?
    var stress: [Double]?
  }

  private static let folder = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().appendingPathComponent("Fixtures").path

  private static func rows(_ vectors: [Vector3]) -> [[Double]] {
    vectors.map { [$0.x, $0.y, $0.z] }
  }

  private static func reals(_ name: String, _ structure: Structure) -> [Double]? {
    guard case .reals(let values)? = structure.columns.first(where: { $0.name == name })?.values
    else { return nil }
    return values
  }

  @Test(
    "every frame is what ASE reads, bit for bit",
    arguments: ["random.traj", "random.db", "random.json", "random.aselmdb", "random.lmdb"])
  func equal(name: String) throws {
    let all = try JSONDecoder().decode(
      [String: [Expected]].self,
      from: Data(contentsOf: URL(fileURLWithPath: Self.folder + "/expected.json")))
    let expected = try #require(all[name])
    let frames = try readFrames(path: Self.folder + "/" + name)
    #expect(frames.count == expected.count)
    for (frame, expected) in zip(frames, expected) {
      let structure = try frame.structure()
      #expect(structure.elements.map { Int($0.atomicNumber) } == expected.numbers)
      #expect(Self.rows(structure.positions) == expected.positions)
      let cell = structure.cell
      #expect(Self.rows([cell.a, cell.b, cell.c]) == expected.cell)
      #expect((0..<3).map { cell.periodicity[$0] } == expected.pbc)
      let free = structure.freedoms.map { [$0.contains(.x), $0.contains(.y), $0.contains(.z)] }
      #expect(free == expected.free)
      if let tags = expected.tags { #expect(structure.tags == tags) }
      #expect(structure.energy == expected.energy)
      #expect(structure.forces.map(Self.rows) == expected.forces)
      #expect(Self.reals("momenta", structure) == expected.momenta?.flatMap { $0 })
      #expect(Self.reals("masses", structure) == expected.masses)
      #expect(Self.reals("initial_magmoms", structure) == expected.initial_magmoms)
      #expect(Self.reals("initial_charges", structure) == expected.initial_charges)
      let record = ASERecord(structure: structure)
      #expect(record.freeEnergy == expected.free_energy)
      #expect(record.stress == expected.stress)
    }
  }

  @Test("keys are entries, and ids come from the record or the file's name")
  func keys() throws {
    let rows = try readFrames(path: Self.folder + "/random.db")
    let second = try rows[1].structure()
    #expect(second.attribute("id_text")?.unquoted == "a00100")
    #expect(second.attribute("number")?.text == "1" && second.attribute("share")?.text == "0.5")
    #expect(second.attribute("flag")?.text == "T")
    #expect(rows[1].identifier == "random#1")
    let trajectory = try readFrames(path: Self.folder + "/random.traj")
    #expect(try trajectory[3].structure().attribute("fid")?.text == "3")
    let pairs = try readFrames(path: Self.folder + "/random.lmdb")
    #expect(pairs.map(\.identifier) == ["100", "100", "101", "101", "102", "102", "103", "103"])
    #expect(
      try pairs.map { try $0.structure().attribute("role")?.text }.prefix(2) == [
        "initial", "relaxed",
      ])
  }

  @Test(
    "a file cut at any place is an error, and never a crash",
    arguments: [
      "random.traj", "random.json", "random.aselmdb", "random.lmdb", "random.db",
    ])
  func cut(name: String) throws {
    let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: Self.folder + "/" + name)))
    let whole = try readFrames(path: Self.folder + "/" + name).count
    for length in stride(from: 1, to: bytes.count - 1, by: max(1, bytes.count / 97)) {
      let frames = try? readFrames(Array(bytes[..<length]), file: name)
      // Blocks of a database that hold nothing any more may be gone.
      #expect(frames == nil || name.hasSuffix("db") && frames?.count == whole, "\(length)")
    }
  }
}
