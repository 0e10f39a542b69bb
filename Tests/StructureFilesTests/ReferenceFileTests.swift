// SPDX-License-Identifier: MIT

import Files
import Foundation
import StructureFiles
import Structures
import TestSupport
import Testing

/// Every recorded file of extended XYZ, against what ASE 3.29 makes of it.
struct ReferenceFileTests {
  @Test("a file that ASE reads has the same values here", arguments: Reference.readable)
  func readsTheSameValues(name: String) throws {
    let expected = try #require(Reference(read: name).frames)
    let frames = try readFrames(path: ReferenceData.path("extxyz/read/\(name).extxyz"))
    #expect(frames.count == expected.count)
    for (frame, expected) in zip(frames, expected) {
      try compare(frame.structure(), with: expected)
    }
  }

  @Test(
    "a file that ASE refuses is refused",
    arguments: [
      (
        "bad_count",
        ":1:1: expected the number of atoms of frame 1, found 'n'"
      ),
      (
        "short_file",
        ":3: the file ends inside frame 1, which announces 3 atoms but has 1; no frame before it"
      ),
      ("stress_six_values", ":2:37: 'stress' has 6 values; expected nine numbers"),
    ])
  func refuses(name: String, message: String) throws {
    #expect(try Reference(read: name).frames == nil)
    let path = ReferenceData.path("extxyz/read/\(name).extxyz")
    let error = #expect(throws: FileError.self) {
      for frame in try readFrames(path: path) { _ = try frame.structure() }
    }
    #expect(error?.description == path + message)
  }

  @Test("no reference file is left out")
  func isComplete() throws {
    let names = try ReferenceData.names(in: "extxyz/read")
      .filter { $0.hasSuffix(".extxyz") }.map { String($0.dropLast(7)) }
    let refused = ["bad_count", "short_file", "stress_six_values"]
    #expect(Set(names) == Set(Reference.readable + refused))
  }

  @Test(
    "what ASE writes is read with the values that it wrote",
    arguments: ["fixatoms_energy_forces", "fixcartesian_info"])
  func readsWhatASEWrites(name: String) throws {
    var expected = try #require(Reference(write: name).frames?.first)
    // ASE writes columns with eight decimals, so the smallest force is lost in its file.
    if let forces = expected.results?["forces"]?.matrix {
      expected.results?["forces"] = .numbersByRow(
        forces.map { row in row.map { ($0 * 1e8).rounded() / 1e8 } })
    }
    let frames = try readFrames(path: ReferenceData.path("extxyz/write/\(name).extxyz"))
    let structure = try frames[0].structure()
    try compare(structure, with: expected)
  }

  private func compare(_ structure: Structure, with expected: Reference.Frame) throws {
    #expect(structure.elements.map { Int($0.atomicNumber) } == expected.numbers)
    #expect(structure.positions.map { [$0.x, $0.y, $0.z] } == expected.positions)
    let cell = structure.cell
    #expect([cell.a, cell.b, cell.c].map { [$0.x, $0.y, $0.z] } == expected.cell)
    #expect((0..<3).map { cell.periodicity[$0] } == expected.pbc)
    let fixed = structure.freedoms.map { freedom in
      [Freedom.x, .y, .z].map { !freedom.contains($0) }
    }
    if let expectedFixed = expected.fixed_xyz { #expect(fixed == expectedFixed) }
    if let energy = expected.results?["energy"] {
      #expect(structure.energy == energy.number)
    } else {
      #expect(structure.energy == nil)
    }
    if let forces = expected.results?["forces"] {
      #expect(structure.forces?.map { [$0.x, $0.y, $0.z] } == forces.matrix)
    } else {
      #expect(structure.forces == nil)
    }
    if let tags = expected.arrays?["tags"] {
      #expect(structure.tags?.map(Double.init) == tags.vector)
    }
    for column in structure.columns {
      let array = try #require(expected.arrays?[column.name])
      guard case .reals(let values) = column.values else { continue }
      #expect(values == array.matrix?.flatMap { $0 } ?? array.vector)
    }
    for attribute in structure.attributes where !Structure.resultNames.contains(attribute.name) {
      #expect(expected.info?[attribute.name] != nil, "\(attribute.name)")
    }
    let names = Set(structure.attributes.map(\.name))
    for key in (expected.info ?? [:]).keys { #expect(names.contains(key)) }
  }
}

/// What ASE makes of a file.
struct Reference {
  struct Frame: Decodable {
    var numbers: [Int]
    var positions: [[Double]]
    var cell: [[Double]]
    var pbc: [Bool]
    var fixed_xyz: [[Bool]]?
    var info: [String: Value]?
    var results: [String: Value]?
    var arrays: [String: Value]?
  }

  /// Any JSON value.
  enum Value: Decodable {
    case number(Double), numbers([Double]), numbersByRow([[Double]]), other

    init(from decoder: Decoder) throws {
      let container = try decoder.singleValueContainer()
      if let value = try? container.decode(Double.self) {
        self = .number(value)
      } else if let value = try? container.decode([Double].self) {
        self = .numbers(value)
      } else if let value = try? container.decode([[Double]].self) {
        self = .numbersByRow(value)
      } else {
        self = .other
      }
    }

    var number: Double? { if case .number(let value) = self { value } else { nil } }
    var vector: [Double]? { if case .numbers(let value) = self { value } else { nil } }
    var matrix: [[Double]]? { if case .numbersByRow(let value) = self { value } else { nil } }
  }

  private struct Outcome: Decodable {
    var outcome: String?
    var frames: [Frame]?
  }

  private struct File: Decodable { var ase: Outcome }

  static let readable = [
    "slab_fixed_layers", "trajectory_three_frames", "molecule_no_cell", "plain_xyz",
    "mask_per_direction", "mask_integer", "stress_matrix", "triclinic", "quotes_and_lists",
    "reference_energy", "windows_line_ends", "upper_case_symbols", "atomic_numbers",
  ]

  /// The frames, or nil if ASE refuses the file.
  var frames: [Frame]?

  init(read name: String) throws {
    let file = try ReferenceData.json("extxyz/read/\(name).json", as: File.self)
    frames = file.ase.outcome == "ok" ? file.ase.frames : nil
  }

  init(write name: String) throws {
    let file = try ReferenceData.json("extxyz/write/\(name).json", as: Outcome.self)
    frames = file.frames
  }
}
