// SPDX-License-Identifier: MIT

import Files
import RelaxNumerics
import Structures
import TestSupport
import Testing

@testable import StructureFiles

@Suite("POSCAR")
struct PoscarTests {
  private static func read(
    _ text: String, file: String = "run/POSCAR"
  ) throws -> Result<Structure, FileError> {
    let reader = try StructureReader(MemoryBytes(Array(text.utf8)), file: file)
    let frame = try #require(try reader.next())
    #expect(try reader.next() == nil || Bool(false))
    return frame.content
  }

  private static func text(
    scale: String = "1.0", vectors: [String] = ["4 0 0", "0 5 0", "0 0 6"],
    species: [String] = ["Cu O", "1 1"], mode: [String] = ["Direct"],
    rows: [String] = ["0 0 0", "0.5 0.5 0.25"], rest: String = ""
  ) -> String {
    (["a title", scale] + vectors + species + mode + rows).joined(separator: "\n") + "\n" + rest
  }

  @Test("fractional and Cartesian coordinates, one and three scales, a volume")
  func coordinates() throws {
    let direct = try Self.read(Self.text()).get()
    #expect(direct.elements.map(\.symbol) == ["Cu", "O"])
    #expect(direct.positions == [.zero, Vector3(2, 2.5, 1.5)])
    #expect(direct.cell.periodicity == .all)
    #expect(direct.moveMask == nil)
    let scaled = try Self.read(
      Self.text(scale: "2", mode: ["cartesian"], rows: ["0 0 0", "1 2 3"])
    ).get()
    #expect(scaled.positions[1] == Vector3(2, 4, 6))
    #expect(scaled.cell.a == Vector3(8, 0, 0))
    let three = try Self.read(Self.text(scale: "1 2 0.5", mode: ["K"], rows: ["0 0 0", "1 1 1"]))
      .get()
    #expect(three.positions[1] == Vector3(1, 2, 0.5))
    #expect(three.cell.b == Vector3(0, 10, 0))
    let volume = try Self.read(Self.text(scale: "-960")).get()
    #expect(abs(volume.cell.volume - 960) < 1e-9)
  }

  @Test("VASP 4 takes its symbols from the comment, VASP 6 has hashes behind them")
  func versions() throws {
    let old = "Cu O\n" + Self.text(species: ["1 1"]).drop { $0 != "\n" }.dropFirst()
    #expect(try Self.read(old).get().formula == "CuO")
    let new = Self.text(species: ["Cu_pv/9a8b O/f1", "1 1 ! counted"])
    #expect(try Self.read(new).get().formula == "CuO")
    let error = #expect(throws: FileError.self) { try Self.read(Self.text(species: ["1 1"])).get() }
    #expect(error?.message.contains("VASP 4") == true)
  }

  @Test("selective dynamics are along lattice vectors")
  func masks() throws {
    let flags = ["0 0 0 F F F", "0.5 0.5 0.25 .TRUE. T f"]
    let mask = try Self.read(Self.text(mode: ["Selective dynamics", "Direct"], rows: flags)).get()
      .moveMask
    #expect(mask?.freedoms == [.fixed, [.x, .y]])
    // In a hexagonal cell the first vector is x, but what stays when it is fixed is not y.
    let hexagonal = ["3 0 0", "-1.5 2.6 0", "0 0 9"]
    let upright = try Self.read(
      Self.text(vectors: hexagonal, mode: ["s", "d"], rows: ["0 0 0 T T F", "0.5 0 0 T T T"])
    ).get()
    #expect(upright.moveMask?.freedoms == [[.x, .y], .free])
    let error = #expect(throws: FileError.self) {
      try Self.read(
        Self.text(vectors: hexagonal, mode: ["s", "d"], rows: ["0 0 0 F T T", "0.5 0 0 T T T"])
      )
      .get()
    }
    #expect(error?.message.contains("no Cartesian axes") == true)
  }

  @Test("velocities are passed over, surplus atoms are not")
  func rest() throws {
    _ = try Self.read(Self.text(rest: "\n 0.0 0.1 0.2\n 0.0 0.0 0.0\n")).get()
    let error = #expect(throws: FileError.self) {
      try Self.read(Self.text(rest: "0.1 0.2 0.3\n")).get()
    }
    #expect(error?.line == 11)
  }

  @Test(
    "what is wrong is named with its line",
    arguments: [
      (text(scale: "1 2"), 2, "one or three"), (text(scale: "0"), 2, "the scale is 0"),
      (text(scale: "1 -1 1"), 2, "all be positive"), (text(species: ["Cu Xx", "1 1"]), 7, "'Xx'"),
      (text(species: ["Cu O", "1"]), 7, "2 elements"), (text(species: ["Cu O", "1 b"]), 7, "'b'"),
      (text(mode: ["0 0 0"]), 8, "Direct or Cartesian"),
      (text(rows: ["0 0 0", "0.5 x 0"]), 10, "'x'"),
      (text(rows: ["0 0 0 T T F", "0 0 0.5 T T T"]), 9, "Selective dynamics"),
      (text(mode: ["Selective", "Direct"], rows: ["0 0 0 T T X", "0 0 0.5 T T T"]), 10, "'X'"),
      (text(mode: ["Direct configuration=     1"]), 8, "XDATCAR"),
    ])
  func messages(text: String, line: Int, part: String) throws {
    let error = #expect(throws: FileError.self) { try Self.read(text).get() }
    #expect(error?.line == line)
    #expect(error?.message.contains(part) == true, "\(error?.message ?? "")")
  }

  @Test("the id is the folder's name")
  func ids() throws {
    for (file, id) in [
      ("runs/co-on-pt/CONTCAR", "co-on-pt"), ("x/y/POSCAR.gz", "y"), ("x/slab.vasp", "slab"),
    ] {
      let reader = try StructureReader(MemoryBytes(Array(Self.text().utf8)), file: file)
      #expect(try reader.next()?.identifier == id)
    }
  }

  @Test("what is written reads back, flags of a skewed cell included")
  func writing() throws {
    let cell = Cell(Vector3(3, 0, 0), Vector3(-1.5, 2.6, 0), Vector3(0, 0, 9))
    var structure = Structure(
      elements: [.init(symbol: "O"), .init(symbol: "Cu"), .init(symbol: "O")].compactMap { $0 },
      positions: [Vector3(0.1, 0.2, 0.3), Vector3(1, 1, 1), Vector3(2, 2, 4.125)], cell: cell)
    structure.moveMask = MoveMask(components: [.free, [.x, .y], .fixed])
    let back = try Self.read(PoscarText.text(of: structure, comment: "x")).get()
    #expect(back.positions == structure.positions)
    #expect(back.elements == structure.elements)
    #expect(back.moveMask?.freedoms == structure.moveMask?.freedoms)
    structure.moveMask = MoveMask(components: [[.y, .z], .free, .free])
    #expect(PoscarText.flags(of: structure) == nil)
  }
}
