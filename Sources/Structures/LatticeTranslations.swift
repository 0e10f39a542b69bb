// SPDX-License-Identifier: MIT

import RelaxNumerics

/// The translations of a lattice that can bring an image of one atom within a reach of another, the
/// shortest first.
///
/// For sums over very many images a pair of atoms (dispersion reaches 30 Å): instead of listing pairs,
/// every pair takes its displacement in the shortest form and runs along the same translations. The
/// lattice is the one that the periodic axes span, described by its shortest vectors, so that it does
/// not matter how skewed the cell was given.
public struct LatticeTranslations: Sendable {
  /// Shortest lattice vectors in Å, as many as axes repeat; zero beyond.
  public let vectors: [Vector3]
  /// A displacement holds displacement · reciprocal[k] of vector k (1/Å); zero beyond.
  public let reciprocal: [Vector3]
  /// What projects a displacement onto the space that the lattice vectors span.
  public let projection: SymmetricTensor
  /// Å, the shortest first, which has no length.
  public let translations: [Vector3]

  /// Translations of `cell`, one without a defect, for images within `reach` (Å).
  ///
  /// Displacements must be made shortest: by the nearest whole number of each vector.
  ///
  /// - Throws: `TooManyNeighbors` for more than four million of them: cells of next to no volume.
  public init(cell: Cell, reach: Double) throws(TooManyNeighbors) {
    let axes = (0..<3).filter { cell.periodicity[$0] }
    guard !axes.isEmpty else {
      (vectors, reciprocal) = ([.zero, .zero, .zero], [.zero, .zero, .zero])
      (projection, translations) = (.zero, [.zero])
      return
    }
    let shortest = ReducedLattice(axes.map(cell.vector)).vectors
    let padded = shortest + Array(repeating: .zero, count: 3 - shortest.count)
    let reduced = Cell(padded[0], padded[1], padded[2], periodicity: .none)
    let rows = [reduced.reciprocalRows.0, reduced.reciprocalRows.1, reduced.reciprocalRows.2]
    vectors = padded
    reciprocal = rows.indices.map { $0 < shortest.count ? rows[$0] : .zero }
    projection =
      shortest.count == 3
      ? SymmetricTensor(xx: 1, yy: 1, zz: 1, yz: 0, xz: 0, xy: 0)
      : shortest.indices.reduce(.zero) { $0 + SymmetricTensor(product: padded[$1], rows[$1]) }

    // A displacement has at most half of each vector.
    let farthest = (reach + 0.5 * shortest.reduce(0) { $0 + $1.length }) * (1 + 1e-9)
    var most = SIMD3<Double>.zero
    for axis in shortest.indices { most[axis] = (farthest / reduced.height(axis)).rounded(.down) }
    let count = (2 * most.x + 1) * (2 * most.y + 1) * (2 * most.z + 1)
    guard count <= Self.mostTranslations else {
      throw TooManyNeighbors(expected: count, most: Self.mostTranslations)
    }
    var found: [(square: Double, translation: Vector3)] = []
    let whole = SIMD3<Int>(most)
    for i in -whole.x...whole.x {
      for j in -whole.y...whole.y {
        for k in -whole.z...whole.z {
          let translation =
            Double(i) * padded[0] + Double(j) * padded[1] + Double(k) * padded[2]
          let square = translation.lengthSquared
          if square <= farthest * farthest { found.append((square, translation)) }
        }
      }
    }
    found.sort { a, b in
      guard a.square == b.square else { return a.square < b.square }
      let (s, t) = (a.translation, b.translation)
      return s.x != t.x ? s.x < t.x : s.y != t.y ? s.y < t.y : s.z < t.z
    }
    translations = found.map(\.translation)
  }

  private static let mostTranslations = 4e6
}
