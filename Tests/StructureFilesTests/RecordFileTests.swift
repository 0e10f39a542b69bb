// SPDX-License-Identifier: MIT

import Files
import Foundation
import RelaxNumerics
import Structures
import TestSupport
import Testing

@testable import StructureFiles

/// Files that grow frame by frame, and of which the end can be taken back.
@Suite("Files of records")
struct RecordFileTests {
  private static let names = ["x.traj", "x.db", "x.json", "x.cif", "x.extxyz"]

  /// Small structures, periodic so that every format takes them.
  private static func structures(_ count: Int, seed: UInt64 = 3) -> [Structure] {
    var random = RandomStructures(seed: seed)
    return (0..<count).map { index in
      var structure = Structure(
        elements: [.init(symbol: "Cu"), .init(symbol: "O")].compactMap { $0 },
        positions: [
          .zero, Vector3(random.real(finite: true).truncatingRemainder(dividingBy: 5), 1, 2),
        ],
        cell: Cell(Vector3(5, 0, 0), Vector3(1, 5, 0), Vector3(0, 0, 9)))
      structure.energy = Double(index) + 0.1
      structure.moveMask = MoveMask(components: [.fixed, [.x, .z]])
      structure.tags = [0, index]
      structure.forces = [.zero, Vector3(0.5, -0.25, 1e-17)]
      structure.attributes = [
        Attribute(name: "sid", text: "s\(index)"), Attribute(name: "note", string: "two words"),
      ]
      return structure
    }
  }

  private static func content(_ path: String) throws -> [String] {
    try readFrames(path: path).map { frame in
      String(decoding: write([try frame.structure()]), as: UTF8.self)
    }
  }

  /// Puts all of `structures` into a new file.
  private static func file(_ path: String, _ structures: [Structure]) throws {
    let output = try StructureOutput(path: path)
    let file = try output.records(.creating(replacing: false))
    for structure in structures { try file.append(try output.record(of: structure)) }
    try file.commit()
    try file.finish()
  }

  @Test(
    "appending in pieces, cutting and opening again end as writing at once does", arguments: names,
    0..<6)
  func history(name: String, seed: UInt64) throws {
    ASERecord.fixedTime.withLock { $0 = 1.7e9 }
    let scratch = try Scratch()
    let structures = Self.structures(60)
    let output = try StructureOutput(path: scratch.path(name))
    let records = try structures.map { try output.record(of: $0) }
    var generator = SeededGenerator(seed: seed)
    var file = try output.records(.creating(replacing: false))
    var (ends, next) = ([0], 0)
    while next < records.count {
      switch Int.random(in: 0..<8, using: &generator) {
      case 0:
        // Without a commit, as a killed process leaves it; what is there counts or is cut.
        file = try output.records(.reopening)
        if file.length > ends[next] { try file.truncate(to: ends[next]) }
        while file.length < ends[next] { next -= 1 }
        try file.truncate(to: ends[next])
      case 1 where next > 0:
        next -= Int.random(in: 1...min(next, 5), using: &generator)
        try file.truncate(to: ends[next])
      default:
        let record = records[next]
        let middle = Int.random(in: 0...record.count, using: &generator)
        try file.append(Array(record[..<middle]))
        try file.append(Array(record[middle...]))
        next += 1
        ends = Array(ends.prefix(next)) + [ends[next - 1] + record.count]
        if Bool.random(using: &generator) { try file.commit() }
      }
      #expect(file.length == ends[next])
    }
    let place = Int.random(in: 0..<next, using: &generator)
    try file.commit()
    let expected = Checksum(of: records[place...].flatMap { $0 })
    #expect(try file.checksum(offset: ends[place], count: ends[next] - ends[place]) == expected)
    #expect(try file.checksum(offset: ends[place], count: ends[next] - ends[place] + 1) == nil)
    try file.finish()
    try Self.file(scratch.path("other-" + name), structures)
    #expect(try Self.content(scratch.path(name)) == Self.content(scratch.path("other-" + name)))
    if !name.hasSuffix(".db") {
      #expect(try scratch.data(name) == scratch.data("other-" + name))
    }
    #expect(try scratch.names.sorted() == ["other-" + name, name].sorted())
  }

  @Test("tables of a trajectory grow as ASE's do, and whole files read at any time")
  func growth() throws {
    let scratch = try Scratch()
    let output = try StructureOutput(path: scratch.path("x.traj"))
    let file = try output.records(.creating(replacing: false))
    let structures = Self.structures(1800)
    for (index, structure) in structures.enumerated() {
      try file.append(try output.record(of: structure))
      try file.commit()
      guard [0, 1, 41, 42, 43, 1763, 1764, 1799].contains(index) else { continue }
      #expect(try readFrames(path: scratch.path("x.traj")).count == index + 1)
      let bytes = [UInt8](try scratch.data("x.traj"))
      func word(_ place: Int) -> Int {
        bytes[place..<place + 8].reversed().reduce(0) { $0 << 8 | Int($1) }
      }
      // ASE appends where the next power of 42 has room.
      let capacity = index < 1 ? 1 : index < 42 ? 42 : index < 1764 ? 1764 : 74_088
      #expect(word(32) == index + 1)
      let free = (index + 1..<capacity).allSatisfy { word(word(40) + 8 * $0) == 0 }
      #expect(free, "\(index)")
    }
    #expect(try Self.content(scratch.path("x.traj")).count == 1800)
    try file.finish()
  }

  @Test("entries that are no key-value pairs are data, arrays as ASE keeps them in SQLite")
  func data() throws {
    var structure = Self.structures(1)[0]
    structure.attributes = [
      try Attribute(
        name: "site",
        json: ["cell": ["__ndarray__": [[2], "float64", [1.5, -2]]], "names": ["a", "b"]])
    ].compactMap { $0 }
    var record: [UInt8] = []
    ASEDatabaseEncoder().append(structure, to: &record)
    let values = try #require(ASEDatabaseEncoder.values(of: record[...]))
    let column = try #require(ASEDatabaseEncoder.columns.firstIndex(of: "data"))
    guard case .blob(let bytes) = values[column] else { throw ScratchError() }
    // The JSON's place, two numbers, the JSON.
    #expect(bytes[..<8].elementsEqual([24, 0, 0, 0, 0, 0, 0, 0]))
    #expect(Array(bytes[8..<16]) == 1.5.bitPattern.littleEndianBytes)
    #expect(Array(bytes[16..<24]) == (-2.0).bitPattern.littleEndianBytes)
    let json = String(decoding: bytes[24...], as: UTF8.self)
    #expect(
      json == #"{"site": {"cell": {"__ndarray__": [[2], "float64", 8]}, "names": ["a", "b"]}}"#)
  }

  @Test(
    "a flag that stands twice is read back from every format",
    arguments: ["x.traj", "x.db", "x.json"])
  func repeatedFlags(name: String) throws {
    let scratch = try Scratch()
    let structure = try readStructure("1\nsid=a flag flag note=1\nCu 0 0 0\n")
    #expect(structure.attributes.count == 4)
    try Self.file(scratch.path(name), [structure])
    let back = try readFrames(path: scratch.path(name))[0].structure()
    for key in ["sid", "flag", "note"] {
      #expect(back.attributes.filter { $0.name == key }.count == 1, "\(key)")
    }
  }

  private struct ScratchError: Error {}

  @Test("what a format cannot hold is refused before it is written")
  func objections() throws {
    let scratch = try Scratch()
    var open = Self.structures(1)[0]
    open.cell = open.cell.with(periodicity: Periodicity(true, true, false))
    for name in ["x.cif", "POSCAR"] {
      let writer = try StructureWriter(path: scratch.path(name), overwrite: false)
      let error = #expect(throws: FileError.self) { try writer.write(open) }
      #expect(error?.message.contains("not periodic along all axes") == true)
    }
    let writer = try StructureWriter(path: scratch.path("POSCAR"), overwrite: false)
    var plain = Self.structures(2)
    plain[0].moveMask = nil
    try writer.write(plain[0])
    #expect(throws: FileError.self) { try writer.write(plain[1]) }
    #expect(throws: FileError.self) {
      try StructureWriter(path: scratch.path("empty.vasp"), overwrite: false).finish()
    }
    var tagged = plain[0]
    tagged.tags = [0, 1 << 40]
    #expect(throws: FileError.self) {
      try StructureWriter(path: scratch.path("x.db"), overwrite: false).write(tagged)
    }
    #expect(try scratch.names == [])
  }
}
