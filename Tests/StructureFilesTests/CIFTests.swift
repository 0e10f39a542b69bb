// SPDX-License-Identifier: MIT

import Files
import RelaxNumerics
import Structures
import Testing

@testable import StructureFiles

@Suite("CIF")
struct CIFTests {
  private static func read(_ text: String) throws -> Structure {
    try readFrames(Array(text.utf8), piece: 13, file: "a.cif")[0].structure()
  }

  private static let head = """
    data_rocksalt
    _cell_length_a 4.0(1)
    _cell_length_b 4.0
    _cell_length_c 4.0
    _cell_angle_alpha 90
    _cell_angle_beta 90
    _cell_angle_gamma 90

    """

  private static let sites = """
    loop_
    _atom_site_label
    _atom_site_type_symbol
    _atom_site_fract_x
    _atom_site_fract_y
    _atom_site_fract_z
    Na1 Na+ 0 0 0
    Cl1 Cl- 0.5 0 0

    """

  @Test("symmetry operations make the cell, and images of a site are one")
  func symmetry() throws {
    let centring = ["x,y,z", "x,y+1/2,z+1/2", "x+1/2,y,z+1/2", "1/2+x,1/2+y,z"]
    // Mirrors add nothing to special positions.
    let operations = centring.flatMap { text in
      [text, text.split(separator: ",").map { "-(" + $0 + ")" }.joined(separator: ",")]
    }.map { $0.replacing("-(", with: "-").replacing(")", with: "") }
    let loop =
      "loop_\n_space_group_symop_operation_xyz\n"
      + operations.map { "'\($0)'\n" }.joined()
    let structure = try Self.read(Self.head + loop + Self.sites)
    #expect(structure.formula == "Cl4Na4")
    #expect(structure.cell.volume == 64 && structure.cell.periodicity == .all)
    let nearest = (4..<8).map { Cell.shortest(structure.positions[0] - structure.positions[$0], 4) }
    #expect(nearest.allSatisfy { abs($0 - 2) < 1e-9 || abs($0 - 12.0.squareRoot()) < 1e-9 })
    #expect(nearest.contains { $0 < 3 })
  }

  @Test("without operations the group must be P 1, and sites be full")
  func refused() throws {
    #expect(try Self.read(Self.head + Self.sites).count == 2)
    #expect(throws: FileError.self) {
      try Self.read(Self.head + "_symmetry_space_group_name_H-M 'F m -3 m'\n" + Self.sites)
    }
    let partial = Self.sites.replacing("_fract_z\n", with: "_fract_z\n_atom_site_occupancy\n")
      .replacing("0 0 0\n", with: "0 0 0 0.5\n").replacing("0.5 0 0\n", with: "0.5 0 0 1\n")
    let error = #expect(throws: FileError.self) { try Self.read(Self.head + partial) }
    #expect(error?.message.contains("occup") == true, "\(error?.message ?? "")")
    #expect(throws: FileError.self) { try Self.read("data_a\n_cell_length_a 3\n") }
    #expect(throws: FileError.self) { try Self.read(Self.head + "loop_\n_a\n_b\n1\n") }
  }

  @Test("a skewed cell is written and read with its lengths and angles", arguments: 0..<20)
  func roundTrip(seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    func vector() -> Vector3 {
      Vector3(random.uniform(-6, 6), random.uniform(-6, 6), random.uniform(-6, 6))
    }
    var cell = Cell(vector(), vector(), vector())
    while cell.defect != nil || cell.volume < 20 { cell = Cell(vector(), vector(), vector()) }
    let elements = ["Cu", "O", "Cu"].compactMap { Element(symbol: $0) }
    let structure = Structure(
      elements: elements, positions: elements.map { _ in vector() }, cell: cell)
    var bytes: [UInt8] = []
    CIFEncoder().append(structure, to: &bytes)
    let back = try readFrames(bytes, file: "x.cif")[0].structure()
    #expect(back.elements == elements)
    for (a, b) in [(0, 0), (1, 1), (2, 2), (0, 1), (0, 2), (1, 2)] {
      let (old, new) = (
        cell.vector(a).dot(cell.vector(b)), back.cell.vector(a).dot(back.cell.vector(b))
      )
      #expect(abs(old - new) < 1e-9 * (1 + abs(old)))
    }
    for (old, new) in zip(structure.positions, back.positions) {
      // As ASE does, positions are put into the cell.
      let difference = cell.fractional(old) - back.cell.fractional(new)
      #expect((difference - difference.rounded()).length < 1e-12)
    }
  }
}

extension Cell {
  /// Length of a vector in a cube, to the nearest image.
  fileprivate static func shortest(_ vector: Vector3, _ edge: Double) -> Double {
    (vector - edge * (vector / edge).rounded()).length
  }
}

extension Vector3 {
  fileprivate func rounded() -> Vector3 { Vector3(x.rounded(), y.rounded(), z.rounded()) }
}
