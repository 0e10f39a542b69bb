// SPDX-License-Identifier: MIT

import RelaxNumerics
import Structures
import Testing

@testable import Scoring

/// Files that do not fit together are refused, in words that name the structure.
struct ScoringErrorTests {
  private let reference = Samples.reference("r1")

  private func expect(
    _ text: String, _ predictions: [Structure], against references: [Structure]? = nil,
    labels: [Structure]? = nil, sourceLocation: SourceLocation = #_sourceLocation
  ) {
    let error = #expect(throws: ScoringError.self, sourceLocation: sourceLocation) {
      try Samples.score(predictions, against: references ?? [reference], labels: labels)
    }
    #expect(error?.description == text, sourceLocation: sourceLocation)
  }

  @Test("References")
  func references() {
    expect(
      "reference frame 2 has no `sid` or `id`, by which structures are matched", [],
      against: [reference, Samples.reference(nil)])
    expect("the reference holds no structures", [], against: [])
    expect(
      "the reference holds `r1` more than once; give each structure a `sid` of its own, or keep one "
        + "frame of each", [], against: [reference, reference])
    for (name, value, hint) in [("role", "initial", "role=relaxed"), ("fid", "10", "fid=10")] {
      var frame = reference
      frame.attributes.append(Attribute(name: name, text: value))
      expect(
        "the reference holds `r1` more than once; keep one frame of each structure, for example with "
          + "--select \(hint)", [], against: [reference, frame])
    }
    var fixed = reference
    fixed.moveMask = MoveMask(free: [Bool](repeating: false, count: 5))
    expect(
      "the reference `r1` cannot be scored against: it has no free atom", [], against: [fixed])
    expect(
      "the reference holds `r1` more than once; give each structure a `sid` of its own, or keep one "
        + "frame of each", [], against: [fixed, reference])
    var broken = reference
    broken.positions[1].y = .nan
    expect(
      "the reference `r1` cannot be scored against: the position of atom 2 is not finite", [],
      against: [broken])
    var flat = reference
    flat.cell = Cell(Vector3(1, 0, 0), Vector3(0, 1, 0), .zero)
    expect(
      "the reference `r1` cannot be scored against: axis 3 is periodic but its lattice vector is "
        + "zero", [], against: [flat])
  }

  @Test("Cells in another unit of length")
  func units() {
    for (factor, text) in [(0.1, "0.1"), (1.8897261, "1.889726")] {
      var scaled = reference
      let cell = reference.cell
      scaled.cell = Cell(factor * cell.a, factor * cell.b, factor * cell.c)
      expect(
        "the cell of the prediction `r1` is \(text) times the reference's: is one of them in nm or "
          + "Bohr? All lengths must be in Å", [scaled])
    }
  }

  @Test("Repeated predictions")
  func repeated() {
    expect(
      "prediction frame 1 has no `sid` or `id`, by which structures are matched",
      [Samples.reference(nil)])
    let text = "`r1` is predicted more than once; only frames with a `fid` form a trajectory"
    expect(text, [reference, reference])
    expect(text, [Samples.with(reference, "fid", "0"), reference])
    expect(text, [reference, Samples.with(reference, "fid", "1")])
    expect(
      text, [Samples.with(reference, "fid", "0"), Samples.with(reference, "fid", "last")])
    expect(
      "`r1` is predicted more than once for fid=4",
      [4, 0, 4].map { Samples.with(reference, "fid", "\($0)") })
  }

  @Test("Predictions that are another structure")
  func different() {
    let hint =
      "; where one of them lacks a mask, `relax convert FILE NEW.traj --fix 'z<5'` gives it one"
    var fewer = reference
    fewer.elements.removeLast()
    fewer.positions.removeLast()
    fewer.moveMask = nil
    expect("the prediction `r1` has 4 atoms, the reference 5", [fewer])

    var swapped = reference
    swapped.elements.swapAt(3, 4)
    expect(
      "atom 4 of the prediction `r1` is O, in the reference Cu; atoms must be in the same order "
        + "(ASE's Vasp calculator sorts them by element)",
      [swapped])

    var freed = reference
    freed.moveMask = MoveMask(free: [true, true, true, true, true])
    expect("the mask of the prediction `r1` differs from the reference's at atom 1\(hint)", [freed])

    var masked = reference
    masked.moveMask = MoveMask(components: [.fixed, .free, .z, .free, .free])
    expect(
      "the mask of the prediction `r1` differs from the reference's at atom 3\(hint)", [masked])

    var strained = reference
    strained.cell = Cell(Vector3(6, 0, 0), Vector3(2.9, 5.2, 0), Vector3(-2.5, 2.4, 9.0125))
    expect("the cell of the prediction `r1` differs from the reference's by 0.0125 Å", [strained])

    var open = reference
    open.cell = .none
    expect("the cell of the prediction `r1` differs from the reference's by 9.0 Å", [open])

    expect(
      "the prediction `r1` has relax_status=exploded, which is none of converged, step_limit, "
        + "stalled, interrupted, diverged, invalid, failed",
      [Samples.with(reference, "relax_status", "exploded")])
  }

  @Test("A cell within the tolerance is the same cell")
  func sameCell() throws {
    var close = reference
    close.cell = Cell(Vector3(6, 0, 9e-7), Vector3(2.9, 5.2, 0), Vector3(-2.5, 2.4, 9))
    #expect(try Samples.score([close], against: [reference]).adwt == 1)
  }

  @Test("Labels")
  func labels() {
    var label = reference
    expect("the label `r1` has no forces", [reference], labels: [label])
    label.forces = [Vector3](repeating: .zero, count: 5)
    expect("there is more than one label for `r1`", [reference], labels: [label, label])
    expect(
      "label frame 1 has no `sid` or `id`, by which structures are matched", [reference],
      labels: [Samples.reference(nil)])
    var elsewhere = label
    elsewhere.positions[0].z += 0.0025
    expect(
      "atom 1 of the label `r1` is 0.0025 Å from its predicted position; forces must be those at "
        + "the predicted positions (within 0.001 Å)", [reference], labels: [elsewhere])
    elsewhere.positions[0].z = .nan
    #expect(throws: ScoringError.self) {
      try Samples.score([reference], against: [reference], labels: [elsewhere])
    }
    var swapped = label
    swapped.elements.swapAt(3, 4)
    expect(
      "atom 4 of the label `r1` is O, in the reference Cu; atoms must be in the same order "
        + "(ASE's Vasp calculator sorts them by element)",
      [reference], labels: [swapped])
    var strained = label
    strained.cell = Cell(Vector3(6.5, 0, 0), Vector3(2.9, 5.2, 0), Vector3(-2.5, 2.4, 9))
    expect(
      "the cell of the label `r1` differs from the reference's by 0.5 Å", [reference],
      labels: [strained])
  }
}
