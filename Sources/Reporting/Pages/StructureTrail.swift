// SPDX-License-Identifier: MIT

import RelaxNumerics
import Structures

/// Where atoms are shown: each at that of its periodic images which makes a picture, and from frame to frame
/// without jumps.
///
/// In the first frame atoms lie around the adsorbate, whose molecules are whole: half a cell to each side along the
/// axes on which atoms follow each other without a gap, and not across the vacuum along the others. In every
/// later frame an atom is at the image nearest to where it was, so that nothing flies across the picture because
/// it crossed the border of the cell.
struct StructureTrail {
  /// Positions in Å by frame.
  private(set) var frames: [[Vector3]] = []
  /// By how many lattice vectors atoms are shown away from where the file has them: for each change frame, atom,
  /// and the new multiples of a, b and c, which hold from that frame on; 0 before.
  private(set) var shifts: [(frame: Int, atom: Int, offset: SIMD3<Int>)] = []
  /// The normal of the surface, of length 1, which is up in a side view.
  let up: Vector3
  /// The axes along which more of the same can be seen: periodic ones without a vacuum, or all periodic ones if
  /// each has one.
  let repeats: [Int]
  /// The atoms that the others lie around; none in a crystal or a molecule.
  let anchor: [Int]

  /// The trail of a structure along `frames`: positions in Å, each with its cell.
  ///
  /// - Complexity: O(frames · atoms).
  init(_ structure: Structure, frames: [(positions: [Vector3], cell: Cell)]) {
    let axes = frames.first.map { PictureAxes($0.positions, in: $0.cell) }
    up = axes?.up ?? Vector3(0, 0, 1)
    repeats = axes?.repeats ?? []
    guard let first = frames.first, let axes else {
      anchor = []
      return
    }
    let adsorbate = AnchorAtoms(structure, at: first.positions, axes: axes)
    anchor = adsorbate.atoms
    var offsets = adsorbate.offsets(of: first.positions, axes: axes)
    for (atom, offset) in offsets.enumerated() where offset != .zero {
      shifts.append((0, atom, offset))
    }
    self.frames.append(
      zip(first.positions, offsets).map { $0 + first.cell.shift(by: $1) })
    for (number, frame) in frames.enumerated().dropFirst() {
      var shown = frame.positions
      guard frame.cell.periodicity.any else {
        self.frames.append(shown)
        continue
      }
      // What is closer than this to where it was has no nearer image.
      let safe = (0..<3).filter { frame.cell.periodicity[$0] }.map(frame.cell.height).min() ?? 0
      for atom in shown.indices {
        let last = self.frames[number - 1][atom]
        shown[atom] += frame.cell.shift(by: offsets[atom])
        let step = shown[atom] - last
        guard step.length > safe / 2 else { continue }
        let nearest = frame.cell.nearestImage(of: step)
        let jump = frame.cell.fractional(nearest - step)
        guard nearest.isFinite, (nearest - step).length > safe / 2 else { continue }
        offsets[atom] &+= SIMD3<Int>(jump, rounding: .toNearestOrAwayFromZero)
        shown[atom] = frame.positions[atom] + frame.cell.shift(by: offsets[atom])
        shifts.append((number, atom, offsets[atom]))
      }
      self.frames.append(shown)
    }
  }
}

extension Cell {
  /// Translation in Å by whole lattice vectors.
  fileprivate func shift(by offset: SIMD3<Int>) -> Vector3 {
    offset == .zero ? .zero : cartesian(Vector3(SIMD3<Double>(offset)))
  }
}
