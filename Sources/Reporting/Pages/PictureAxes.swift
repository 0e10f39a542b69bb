// SPDX-License-Identifier: MIT

import RelaxNumerics
import Structures

/// How atoms lie along the axes of their cell: where there is a vacuum, and which way is up.
struct PictureAxes {
  let cell: Cell
  /// For axes that repeat and have a vacuum: where the range of fractional coordinates that holds all atoms
  /// begins, in the middle of the vacuum; nil for others.
  private(set) var cuts: [Double?] = [nil, nil, nil]
  /// The normal of the surface, of length 1.
  private(set) var up = Vector3(0, 0, 1)

  /// A gap that is wider than this (Å) is a vacuum: no layers of one solid are so far apart.
  static let vacuum = 5.0

  /// The axes of `cell` with atoms at `positions` (Å).
  ///
  /// - Complexity: O(N log N).
  init(_ positions: [Vector3], in cell: Cell) {
    self.cell = cell
    for axis in 0..<3 where cell.periodicity[axis] {
      let places = positions.map { position in
        let place = cell.fractional(position)[axis]
        return place - place.rounded(.down)
      }.sorted()
      guard let first = places.first, let last = places.last else { continue }
      var (start, gap) = (last, first + 1 - last)
      for (place, next) in zip(places, places.dropFirst()) where next - place > gap {
        (start, gap) = (place, next - place)
      }
      guard gap * cell.height(axis) > PictureAxes.vacuum else { continue }
      let cut = start + gap / 2
      // The middle of what is seen lies in the cell.
      cuts[axis] = cut + 0.5 >= 1 ? cut - 1 : cut
    }
    guard [cell.a, cell.b, cell.c].count(where: { $0 != .zero }) > 1 else { return }
    let open = (0..<3).filter { !cell.periodicity[$0] || cuts[$0] != nil }
    let axis = open.count == 1 ? open[0] : 2
    let normal = cell.vector((axis + 1) % 3).cross(cell.vector((axis + 2) % 3))
    let sign = normal.dot(cell.vector(axis)) < 0 ? -1.0 : 1.0
    let length = normal.length
    if length.isFinite, length > 0 { up = normal * (sign / length) }
  }

  /// The axes along which more of the same can be seen: periodic ones without a vacuum, or all periodic ones if
  /// each has one.
  var repeats: [Int] {
    let periodic = (0..<3).filter { cell.periodicity[$0] }
    let closed = periodic.filter { cuts[$0] == nil }
    return closed.isEmpty ? periodic : closed
  }

  /// Whether there is a surface: an axis that does not go on for ever, beside others that do.
  var hasSurface: Bool {
    (0..<3).contains { !cell.periodicity[$0] || cuts[$0] != nil }
      && (0..<3).contains { cell.periodicity[$0] && cuts[$0] == nil }
  }

  /// By how many lattice vectors an atom is to be shown away from `position` (Å).
  ///
  /// - Parameter centre: what the atoms are to lie around, in Å; nil for the cell's own middle.
  func offset(of position: Vector3, around centre: Vector3?) -> SIMD3<Int> {
    let place = cell.fractional(position)
    let middle = centre.map(cell.fractional)
    var offset = SIMD3<Int>.zero
    for axis in 0..<3 where cell.periodicity[axis] {
      // Atoms of a layer at the border itself stay together on one side of it.
      let margin = min(0.5 / cell.height(axis), 0.1)
      let begin = cuts[axis] ?? (middle.map { $0[axis] - 0.5 } ?? 0) - margin
      let whole = (place[axis] - begin).rounded(.down)
      if abs(whole) < 1e15 { offset[axis] = -Int(whole) }
    }
    return offset
  }
}
