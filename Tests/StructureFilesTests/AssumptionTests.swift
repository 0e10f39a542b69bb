// SPDX-License-Identifier: MIT

import RelaxNumerics
import Structures
import Testing

@testable import Files
@testable import StructureFiles

/// Cells, periodicities, masks and tags that are given by hand.
@Suite("Assumptions")
struct AssumptionTests {
  private static func slab(_ symbols: [String], _ heights: [Double]) -> Structure {
    Structure(
      elements: symbols.compactMap { Element(symbol: $0) },
      positions: heights.map { Vector3(0, 0, $0) },
      cell: Cell(Vector3(3, 0, 0), Vector3(0, 3, 0), Vector3(0, 0, 20)))
  }

  @Test("texts of cells and axes")
  func texts() throws {
    #expect(CellText("4,5,6")?.description == "4.0,0.0,0.0,0.0,5.0,0.0,0.0,0.0,6.0")
    #expect(CellText("4 5 6 90 90 90") == CellText("4,5,6"))
    let hexagonal = try #require(CellText("2,2,10,90,90,120"))
    #expect(abs(hexagonal.b.x + 1) < 1e-12 && abs(hexagonal.b.y - 3.0.squareRoot()) < 1e-12)
    for bad in ["", "1,2", "0,1,1", "1,1,1,90,90,180", "a,b,c", "1,1,1,200,10,10", "nan,1,1"] {
      #expect(CellText(bad) == nil, "\(bad)")
    }
    for good in ["TTF", "T,T,F", "T T F", "ttf"] {
      #expect(PeriodicityText(good)?.value == Periodicity(true, true, false))
    }
    for bad in ["", "TT", "TTFF", "110"] { #expect(PeriodicityText(bad) == nil) }
    for bad in ["z", "z<", "w<5", "z=5", "z<a", "tags<1", "tags=", "elements=Xx", "=0"] {
      #expect(AtomFilter(bad) == nil, "\(bad)")
    }
  }

  @Test("atoms are held by height, tag and element, beside those that are held already")
  func masks() throws {
    var structure = Self.slab(["Cu", "Cu", "O"], [0, 2, 3])
    structure.tags = [0, 1, 2]
    structure.moveMask = MoveMask(components: [.free, .free, [.x, .y]])
    func held(_ filters: String...) throws -> [Freedom] {
      var assumptions = StructureAssumptions()
      assumptions.fixed = filters.compactMap { AtomFilter($0) }
      #expect(assumptions.fixed.count == filters.count)
      return try assumptions.applied(to: structure).freedoms
    }
    #expect(try held("z<2") == [.fixed, .free, [.x, .y]])
    #expect(try held("z<=2") == [.fixed, .fixed, [.x, .y]])
    #expect(try held("z>2.5") == [.free, .free, .fixed])
    #expect(try held("tags=0,1") == [.fixed, .fixed, [.x, .y]])
    #expect(try held("tags=0", "elements=O") == [.fixed, .free, .fixed])
    // `none` frees what the file holds.
    #expect(try held("none", "z<1") == [.fixed, .free, .free])
    structure.tags = [1, 2, 3]
    #expect(throws: DataError.self) { try held("tags=1") }
    structure.moveMask = nil
    #expect(try held("none") == [.free, .free, .free])
    structure.tags = nil
    #expect(throws: DataError.self) { try held("tags=0") }
  }

  @Test("a cell by hand repeats along all axes, or along those that are given")
  func cells() throws {
    var structure = Self.slab(["Cu"], [0])
    structure.cell = .none
    var assumptions = StructureAssumptions()
    assumptions.cell = CellText("4,4,20")
    #expect(try assumptions.applied(to: structure).cell.periodicity == .all)
    assumptions.periodicity = PeriodicityText("TTF")
    let cell = try assumptions.applied(to: structure).cell
    #expect(cell.c == Vector3(0, 0, 20) && !cell.periodicity.c)
  }

  @Test("tags by height: highest metal layer 1, what lies above 2, the rest 0")
  func tags() throws {
    let symbols = ["Pt", "Pt", "Ni", "Pt", "C", "O"]
    #expect(
      try HeightTags(of: Self.slab(symbols, [0, 2, 4, 4.3, 6, 7.2])).tags == [0, 0, 1, 1, 2, 2])
    // Wrapped around the cell: the lowest layer stands at its top.
    #expect(
      try HeightTags(of: Self.slab(symbols, [18, 0, 2, 2.3, 4, 5.2])).tags == [0, 0, 1, 1, 2, 2])
    // In a hollow, a little above the layer or within it.
    #expect(try HeightTags(of: Self.slab(["Pt", "Pt", "H"], [0, 2, 1.9])).tags == [0, 1, 2])
    for (symbols, heights) in [
      (["Ti", "O", "Ti", "O"], [0, 1, 2, 3.0]), (["C", "O"], [0, 1.1]),
    ] {
      #expect(throws: DataError.self) { try HeightTags(of: Self.slab(symbols, heights)) }
    }
  }
}
