// SPDX-License-Identifier: MIT

import RelaxNumerics
import Structures
import Testing

@testable import Reporting

/// Which periodic images are shown.
@Suite("Where atoms are shown")
struct StructureTrailTests {
  /// A slab of three layers of 3 × 3 copper atoms, 2 Å apart, with CO standing on it; `shift` (Å) moves all.
  private static func slab(
    shift: Vector3 = .zero, height: Double = 20, tagged: Bool = true, isLeftHanded: Bool = false
  ) throws -> Structure {
    let (copper, carbon, oxygen) = (
      try #require(Element(symbol: "Cu")), try #require(Element(symbol: "C")),
      try #require(Element(symbol: "O"))
    )
    var positions: [Vector3] = []
    for layer in 0..<3 {
      for index in 0..<9 {
        positions.append(
          Vector3(2.5 * Double(index % 3), 2.5 * Double(index / 3), 1 + 2 * Double(layer)))
      }
    }
    positions += [Vector3(0, 0, 6.9), Vector3(0, 0, 8.05)]
    let (a, b) = (Vector3(7.5, 0, 0), Vector3(0, 7.5, 0))
    let cell = Cell(isLeftHanded ? b : a, isLeftHanded ? a : b, Vector3(0, 0, height))
    let wrapped = positions.map { position in
      let place = cell.fractional(position + shift)
      return cell.cartesian(place - place.rounded(.down))
    }
    return Structure(
      elements: [Element](repeating: copper, count: 27) + [carbon, oxygen], positions: wrapped,
      cell: cell, moveMask: MoveMask(free: (0..<29).map { $0 > 17 }),
      tags: tagged ? (0..<29).map { $0 > 26 ? 2 : 0 } : nil)
  }

  private static func trail(_ structure: Structure, _ more: [[Vector3]] = []) -> StructureTrail {
    StructureTrail(
      structure, frames: ([structure.positions] + more).map { ($0, structure.cell) })
  }

  @Test(
    "The slab is not torn and the molecule whole, wherever the border of the cell lies",
    arguments: [
      Vector3(0, 0, 0), Vector3(0, 0, 12), Vector3(3.1, 5.2, -3), Vector3(-0.4, 0.01, 12.5),
      Vector3(1, 2, 17),
    ], [true, false])
  func whole(shift: Vector3, tagged: Bool) throws {
    for height in [20.0, 13.5] {
      let structure = try Self.slab(shift: shift, height: height, tagged: tagged)
      let trail = Self.trail(structure)
      let shown = trail.frames[0]
      #expect(trail.up == Vector3(0, 0, 1) && trail.anchor == [27, 28])
      #expect(trail.repeats == [0, 1])
      #expect(abs((shown[28] - shown[27]).length - 1.15) < 1e-9)
      let heights = shown.map(\.z)
      let lowest = try #require(heights.min())
      #expect(abs(heights[27] - lowest - 5.9) < 1e-9)
      // Half a cell to each side of the molecule, but for atoms just at the border.
      for position in shown {
        #expect(abs(position.x - shown[27].x) < 3.75 + 0.6)
        #expect(abs(position.y - shown[27].y) < 3.75 + 0.6)
      }
    }
  }

  @Test("A molecule across the border is whole, several lie near to each other")
  func molecules() throws {
    var structure = try Self.slab()
    // A second molecule, lying across the border at x = 0.
    structure.positions += [Vector3(7.2, 3.75, 7), Vector3(0.85, 3.75, 7)]
    structure.elements += [structure.elements[27], structure.elements[28]]
    structure.moveMask = nil
    structure.tags = (0..<31).map { $0 > 26 ? 2 : 0 }
    let shown = Self.trail(structure).frames[0]
    #expect(abs((shown[30] - shown[29]).length - 1.15) < 1e-9)
    #expect((shown[29] - shown[27]).length < 6)
  }

  @Test("From frame to frame each atom goes to its nearest image, and shifts lead back to the file")
  func continuous() throws {
    let structure = try Self.slab()
    var frames: [[Vector3]] = []
    for step in 1...40 {
      // The molecule walks over the border twice, along both axes, and frames are wrapped as in files.
      var positions = structure.positions
      for atom in 27...28 { positions[atom] += Vector3(0.35, -0.21, 0) * Double(step) }
      frames.append(
        positions.map { position in
          let place = structure.cell.fractional(position)
          return structure.cell.cartesian(place - place.rounded(.down))
        })
    }
    let trail = Self.trail(structure, frames)
    for (last, next) in zip(trail.frames, trail.frames.dropFirst()) {
      for atom in 27...28 {
        #expect((next[atom] - last[atom] - Vector3(0.35, -0.21, 0)).length < 1e-9)
      }
      #expect(zip(last, next).prefix(27).allSatisfy { ($0 - $1).length < 1e-9 })
    }
    var offsets = [SIMD3<Int>](repeating: .zero, count: 29)
    let raw = [structure.positions] + frames
    var changes = trail.shifts[...]
    for (number, shown) in trail.frames.enumerated() {
      while let change = changes.first, change.frame == number {
        offsets[change.atom] = change.offset
        changes.removeFirst()
      }
      for atom in 0..<29 {
        let back = shown[atom] - structure.cell.cartesian(Vector3(SIMD3<Double>(offsets[atom])))
        #expect((back - raw[number][atom]).length < 1e-9)
      }
    }
    #expect(changes.isEmpty && !trail.shifts.isEmpty)
  }

  @Test("Up is the side that the third vector points to, in left-handed cells too")
  func leftHanded() throws {
    let trail = try Self.trail(Self.slab(isLeftHanded: true))
    #expect(trail.up == Vector3(0, 0, 1))
    // A surface whose normal is the first vector.
    let structure = try Self.slab()
    let turned = Structure(
      elements: structure.elements,
      positions: structure.positions.map { Vector3($0.z, $0.x, $0.y) },
      cell: Cell(Vector3(20, 0, 0), Vector3(0, 7.5, 0), Vector3(0, 0, 7.5)), tags: structure.tags)
    #expect(Self.trail(turned).up == Vector3(1, 0, 0))
    #expect(Self.trail(turned).repeats == [1, 2])
  }

  @Test("Nothing is moved where nothing repeats, and a crystal is gathered in its cell")
  func others() throws {
    let iron = try #require(Element(symbol: "Fe"))
    let far = [Vector3(1e6, -3, 4), Vector3(0, 0, 0)]
    let molecule = Structure(elements: [iron, iron], positions: far)
    #expect(Self.trail(molecule).frames == [far] && Self.trail(molecule).shifts.isEmpty)
    let crystal = Structure(
      elements: [iron, iron],
      positions: [Vector3(-0.001, 2.869, 0), Vector3(7.175, 1.435, -1.435)],
      cell: Cell(Vector3(2.87, 0, 0), Vector3(0, 2.87, 0), Vector3(0, 0, 2.87)))
    let trail = Self.trail(crystal)
    #expect(trail.anchor.isEmpty && trail.repeats == [0, 1, 2])
    for position in trail.frames[0] {
      for axis in 0..<3 { #expect(position[axis] > -0.01 && position[axis] < 2.8) }
    }
  }

  @Test("Cells with one or two vectors, tiny, huge and skewed ones have a picture")
  func cells() throws {
    let gold = try #require(Element(symbol: "Au"))
    for cell in [
      Cell(Vector3(3, 0, 0), .zero, .zero, periodicity: Periodicity(true, false, false)),
      Cell(Vector3(3, 0, 0), Vector3(1, 3, 0), .zero, periodicity: Periodicity(true, true, false)),
      Cell(Vector3(0.2, 0, 0), Vector3(0, 0.2, 0), Vector3(0, 0, 0.2)),
      Cell(Vector3(9e6, 0, 0), Vector3(0, 9e6, 0), Vector3(0, 0, 9e6)),
      Cell(Vector3(3, 0, 0), Vector3(2900, 3, 0), Vector3(0, 0, 9)),
    ] {
      let frames = [
        [Vector3(0, 0, 0), Vector3(1, 1, 2)], [Vector3(9e6, 9e6, 1), Vector3(-4, 1, 2)],
      ]
      let structure = Structure(elements: [gold, gold], positions: frames[0], cell: cell)
      let trail = StructureTrail(structure, frames: frames.map { ($0, cell) })
      let isFinite = trail.frames.joined().allSatisfy { $0.isFinite }
      #expect(isFinite)
      #expect(abs(trail.up.length - 1) < 1e-12)
    }
  }
}
