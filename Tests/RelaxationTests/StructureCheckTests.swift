// SPDX-License-Identifier: MIT

import Files
import Forces
import RelaxNumerics
import StructureFiles
import Structures
import TestSupport
import Testing

@testable import Relaxation

@Suite("Checks before a relaxation")
struct StructureCheckTests {
  private typealias Kind = StructureCheck.Finding.Kind

  /// A copper slab with an oxygen atom, with which nothing is wrong.
  private static func slab() throws -> Structure {
    let copper = try #require(Element(symbol: "Cu")), oxygen = try #require(Element(symbol: "O"))
    var elements: [Element] = [], positions: [Vector3] = [], tags: [Int] = []
    for layer in 0..<3 {
      for i in 0..<2 {
        for j in 0..<2 {
          let shift = 1.275 * Double(layer % 2)
          elements.append(copper)
          positions.append(
            Vector3(2.55 * Double(i) + shift, 2.55 * Double(j) + shift, 2 + 1.8 * Double(layer)))
          tags.append(layer == 2 ? 1 : 0)
        }
      }
    }
    return Structure(
      elements: elements + [oxygen], positions: positions + [Vector3(1.275, 1.275, 6.7)],
      cell: Cell(Vector3(5.1, 0, 0), Vector3(0, 5.1, 0), Vector3(0, 0, 18)),
      moveMask: MoveMask(free: tags.map { $0 == 1 } + [true]), tags: tags + [2])
  }

  private static func kinds(
    _ provider: (any ForceProvider)? = nil, _ change: (inout Structure) throws -> Void
  ) throws -> [StructureCheck.Finding.Kind] {
    var structure = try slab()
    try change(&structure)
    var check = StructureCheck(provider: provider)
    return check.findings(on: structure, id: "a").map(\.kind)
  }

  @Test("A sound slab gives nothing to complain of")
  func sound() throws {
    #expect(try Self.kinds { _ in } == [])
    #expect(try Self.kinds(EffectiveMediumTheory()) { _ in } == [])
  }

  @Test("Everything that is looked for is found")
  func findings() throws {
    #expect(try Self.kinds { $0.positions[12].z = .nan } == [.unusable])
    #expect(try Self.kinds { $0.positions[12] = $0.positions[11] } == [.unusable])
    #expect(try Self.kinds { $0.positions[12].z -= 0.35 } == [])
    // 0.6 of 1.32 + 0.66 Å is 1.19 Å.
    #expect(
      try Self.kinds { $0.positions[12] = $0.positions[11] + Vector3(0, 0, 1.18) }
        == [.closeContact])
    #expect(
      try Self.kinds { $0.positions[12] = $0.positions[11] + Vector3(0, 0, 1.20) } == [])
    #expect(try Self.kinds { $0.positions[12].z += 3 } == [.isolatedAtom])
    #expect(try Self.kinds { $0.moveMask = nil } == [.mask])
    #expect(
      try Self.kinds { $0.moveMask = MoveMask(free: [Bool](repeating: true, count: 13)) } == [.mask]
    )
    #expect(
      try Self.kinds { $0.moveMask = MoveMask(free: [Bool](repeating: false, count: 13)) }
        .first == .nothingFree)
    #expect(try Self.kinds { $0.tags = nil } == [.tags])
    #expect(try Self.kinds { $0.tags?[12] = 1 } == [.tags])
    #expect(
      try Self.kinds {
        $0.moveMask = MoveMask(free: [Bool](repeating: true, count: 12) + [false])
      } == [.tags])
    #expect(
      try Self.kinds { $0.forces = [Vector3](repeating: Vector3(2000, 0, 0), count: 13) }
        == [.units])
    #expect(
      try Self.kinds(EffectiveMediumTheory()) {
        $0.elements[0] = try #require(Element(symbol: "Fe"))
      } == [.unknownElement])
  }

  @Test("Cells that are too short, too wide or cut off are told of")
  func vacuum() throws {
    func cell(
      _ a: Double, _ b: Double, _ c: Double, _ periodicity: Periodicity = .all
    ) throws -> [StructureCheck.Finding.Kind] {
      try Self.kinds {
        $0.cell = Cell(
          Vector3(a, 0, 0), Vector3(0, b, 0), Vector3(0, 0, c), periodicity: periodicity)
      }
    }
    #expect(try cell(5.1, 5.1, 12) == [.vacuum])
    #expect(try cell(5.1, 5.1, 13) == [])
    #expect(try cell(5.1, 14, 18) == [.vacuum])
    #expect(try cell(5.1, 5.1, 18, Periodicity(true, true, false)) == [])
    #expect(try cell(5.1, 5.1, 18, Periodicity(true, false, true)) == [.vacuum])
  }

  @Test("Lengths in nm and Bohr are recognised")
  func units() throws {
    func scaled(_ factor: Double) throws -> [StructureCheck.Finding] {
      var structure = try Self.slab()
      structure.positions = structure.positions.map { factor * $0 }
      let cell = structure.cell
      structure.cell = Cell(factor * cell.a, factor * cell.b, factor * cell.c)
      var check = StructureCheck()
      return check.findings(on: structure, id: "a")
    }
    #expect(try scaled(0.1).first?.hint.contains("nm") == true)
    #expect(try scaled(1.889726).contains { $0.kind == .units && $0.hint.contains("Bohr") })
  }

  @Test("Ids may repeat only along a trajectory")
  func ids() throws {
    var check = StructureCheck()
    let slab = try Self.slab()
    var frame = slab
    #expect(check.findings(on: slab, id: "a").isEmpty)
    #expect(check.findings(on: slab, id: "a").map(\.message) == ["frame 1 has the same id"])
    frame.attributes = [Attribute(name: "fid", text: "0")]
    #expect(check.findings(on: frame, id: "b").isEmpty)
    frame.attributes = [Attribute(name: "fid", text: "1")]
    #expect(check.findings(on: frame, id: "b").isEmpty)
    #expect(check.finding(unreadable: "c", reason: "bad").severity == .error)
  }

  @Test("The cost of a run is the mean of its summary, which must be one")
  func cost() throws {
    let scratch = try Scratch()
    try scratch.write(
      "{\"id\": \"a\", \"evaluations\": 3, \"seconds\": 0.5}\n{\"evaluations\": 5, \"seconds\": 1}\n",
      to: "run.jsonl")
    let cost = try RunCost(summary: scratch.path("run.jsonl"))
    #expect(cost.structures == 2 && cost.seconds == 0.75 && cost.evaluations == 4)
    try scratch.write("{\"seconds\": 0.5}\n", to: "bad.jsonl")
    let error = #expect(throws: FileError.self) {
      try RunCost(summary: scratch.path("bad.jsonl"))
    }
    #expect(error?.line == 1)
    try scratch.write("", to: "empty.jsonl")
    #expect(throws: FileError.self) { try RunCost(summary: scratch.path("empty.jsonl")) }
  }
}
