// SPDX-License-Identifier: MIT

import RelaxNumerics

/// Which of the three axes repeat.
public struct Periodicity: Hashable, Sendable {
  /// Along the first, second and third lattice vector.
  public var a: Bool, b: Bool, c: Bool

  /// Periodic along the axes that are `true`.
  public init(_ a: Bool, _ b: Bool, _ c: Bool) { (self.a, self.b, self.c) = (a, b, c) }

  /// Periodic along all axes.
  public static let all = Periodicity(true, true, true)
  /// A molecule: periodic along none.
  public static let none = Periodicity(false, false, false)

  /// Whether axis 0, 1 or 2 repeats.
  public subscript(axis: Int) -> Bool { axis == 0 ? a : axis == 1 ? b : c }
  /// Whether any axis repeats.
  public var any: Bool { a || b || c }
}

/// Integer multiples of the three lattice vectors.
public typealias CellOffset = SIMD3<Int32>

/// The box that repeats: three lattice vectors in Å, of any handedness and skew, and the axes along
/// which they repeat.
///
/// A vector of length zero means "none along this axis" and is allowed where the axis does not
/// repeat; such axes are completed by unit vectors normal to the others, so that fractional
/// coordinates exist for slabs and molecules too.
public struct Cell: Hashable, Sendable {
  /// Lattice vectors in Å; zero for an axis without one.
  public let a: Vector3, b: Vector3, c: Vector3
  /// The axes that repeat.
  public let periodicity: Periodicity

  /// Lattice vectors with missing ones completed.
  private let basis: (Vector3, Vector3, Vector3)
  /// Rows of the inverse: `fractional[k] = position · reciprocal[k]`, in 1/Å.
  private let reciprocal: (Vector3, Vector3, Vector3)

  /// A cell from its lattice vectors (Å) and the axes that repeat.
  public init(_ a: Vector3, _ b: Vector3, _ c: Vector3, periodicity: Periodicity = .all) {
    (self.a, self.b, self.c, self.periodicity) = (a, b, c, periodicity)
    basis = Cell.completed(a, b, c)
    let determinant = basis.0.dot(basis.1.cross(basis.2))
    reciprocal = (
      basis.1.cross(basis.2) / determinant, basis.2.cross(basis.0) / determinant,
      basis.0.cross(basis.1) / determinant
    )
  }

  /// No lattice vectors and no repetition: a molecule in open space.
  public static let none = Cell(.zero, .zero, .zero, periodicity: .none)

  /// Equal vectors and axes.
  public static func == (left: Cell, right: Cell) -> Bool {
    left.a == right.a && left.b == right.b && left.c == right.c
      && left.periodicity == right.periodicity
  }

  /// Hashes vectors and axes.
  public func hash(into hasher: inout Hasher) {
    hasher.combine(a)
    hasher.combine(b)
    hasher.combine(c)
    hasher.combine(periodicity)
  }

  /// Whether there is at least one lattice vector.
  public var hasVectors: Bool { a != .zero || b != .zero || c != .zero }

  /// The same vectors, repeating along other axes.
  public func with(periodicity: Periodicity) -> Cell { Cell(a, b, c, periodicity: periodicity) }

  /// Lattice vector 0, 1 or 2 in Å, completed where the cell has none.
  public func vector(_ axis: Int) -> Vector3 {
    axis == 0 ? basis.0 : axis == 1 ? basis.1 : basis.2
  }

  /// Volume in Å³ (of the completed cell), positive for either handedness.
  public var volume: Double { abs(basis.0.dot(basis.1.cross(basis.2))) }

  /// Distance in Å between the two faces that the vector of `axis` connects.
  public func height(_ axis: Int) -> Double {
    1 / (axis == 0 ? reciprocal.0 : axis == 1 ? reciprocal.1 : reciprocal.2).length
  }

  /// What makes the cell unusable, in words, or nil: a periodic axis without a vector or with one
  /// beyond `PositionBounds`, vectors that are (nearly) linearly dependent or not finite.
  public var defect: String? {
    guard a.isFinite && b.isFinite && c.isFinite else { return "a lattice vector is not finite" }
    for (axis, vector) in [a, b, c].enumerated() where periodicity[axis] && vector == .zero {
      return "axis \(axis + 1) is periodic but its lattice vector is zero"
    }
    // Whoever crosses the border of such a cell would lose all digits of its position.
    for (axis, vector) in [a, b, c].enumerated()
    where periodicity[axis] && !PositionBounds.contain(vector) {
      return "the lattice vector of axis \(axis + 1) is absurdly long"
    }
    let scale = basis.0.length * basis.1.length * basis.2.length
    guard volume > 1e-10 * scale else {
      return "the lattice vectors are linearly dependent (volume \(volume) Å³)"
    }
    for axis in 0..<3 where periodicity[axis] && height(axis) < Cell.smallestHeight {
      return "the cell is only \(height(axis)) Å thick along axis \(axis + 1)"
    }
    return nil
  }

  /// Thinner periodic cells than this (Å) hold no atoms: every element is wider.
  static let smallestHeight = 0.1

  /// Fractional coordinates of `position` (Å).
  @inlinable public func fractional(_ position: Vector3) -> Vector3 {
    let (x, y, z) = reciprocalRows
    return Vector3(position.dot(x), position.dot(y), position.dot(z))
  }

  /// Position in Å of fractional coordinates.
  @inlinable public func cartesian(_ fractional: Vector3) -> Vector3 {
    fractional.x * vector(0) + fractional.y * vector(1) + fractional.z * vector(2)
  }

  /// Translation in Å by whole lattice vectors.
  @inlinable public func translation(_ offset: CellOffset) -> Vector3 {
    cartesian(Vector3(Double(offset.x), Double(offset.y), Double(offset.z)))
  }

  @usableFromInline var reciprocalRows: (Vector3, Vector3, Vector3) { reciprocal }

  /// The shortest of all periodic images of `displacement` (Å), in any cell however skewed.
  ///
  /// A displacement that is not finite comes back as it is.
  ///
  /// - Complexity: O(1).
  public func nearestImage(of displacement: Vector3) -> Vector3 {
    guard periodicity.any else { return displacement }
    // What points out of the lattice is the same in all images; left in, it would only widen the
    // search, without bound for an atom that flew off into the vacuum.
    let outside = periodicity == .all ? .zero : displacement - alongLattice(displacement)
    var s = fractional(displacement - outside)
    guard s.isFinite else { return displacement }
    for axis in 0..<3 { s[axis] = periodicity[axis] ? s[axis] - s[axis].rounded() : 0 }
    var best = cartesian(s)
    // Any shorter image lies within this radius of the origin, so within these multiples.
    let radius = best.length
    var multiples = SIMD3<Double>.zero
    for axis in 0..<3 where periodicity[axis] {
      multiples[axis] = (radius / height(axis) + abs(s[axis])).rounded(.down)
    }
    let images = (2 * multiples.x + 1) * (2 * multiples.y + 1) * (2 * multiples.z + 1)
    guard images <= Cell.mostImages else {
      let lattice = ReducedLattice((0..<3).filter { periodicity[$0] }.map(vector))
      // Of what was given: the rest lost digits on its way through such vectors.
      return lattice.shortest(of: displacement)
    }
    let reach = SIMD3<Int>(multiples)
    guard reach != .zero else { return best + outside }
    var bestSquared = best.lengthSquared
    for i in -reach.x...reach.x {
      for j in -reach.y...reach.y {
        for k in -reach.z...reach.z {
          let image = cartesian(s + Vector3(Double(i), Double(j), Double(k)))
          if image.lengthSquared < bestSquared {
            (best, bestSquared) = (image, image.lengthSquared)
          }
        }
      }
    }
    return best + outside
  }

  /// Where more images than this would have to be tried, shorter lattice vectors are found first.
  private static let mostImages = 10_000.0

  /// The part of `vector` in the space that the periodic lattice vectors span.
  private func alongLattice(_ vector: Vector3) -> Vector3 {
    let axes = (0..<3).filter { periodicity[$0] }
    switch axes.count {
    case 3: return vector
    case 2:
      let normal = self.vector(axes[0]).cross(self.vector(axes[1]))
      return vector - normal * (vector.dot(normal) / normal.lengthSquared)
    default:
      let axis = self.vector(axes[0])
      return axis * (vector.dot(axis) / axis.lengthSquared)
    }
  }

  /// Fills in missing vectors by unit vectors normal to those that are there.
  private static func completed(
    _ a: Vector3, _ b: Vector3, _ c: Vector3
  ) -> (Vector3, Vector3, Vector3) {
    var vectors = [a, b, c]
    let missing = (0..<3).filter { vectors[$0] == .zero }
    switch missing.count {
    case 3:
      vectors = [Vector3(1, 0, 0), Vector3(0, 1, 0), Vector3(0, 0, 1)]
    case 2:
      let only = (0..<3).first { vectors[$0] != .zero } ?? 0
      let v = vectors[only]
      // The coordinate axis least along v gives a well-conditioned normal.
      let axes = [Vector3(1, 0, 0), Vector3(0, 1, 0), Vector3(0, 0, 1)]
      let helper = axes.min { abs($0.dot(v)) < abs($1.dot(v)) } ?? axes[0]
      let first = v.cross(helper)
      let second = v.cross(first)
      vectors[(only + 1) % 3] = first / first.length
      vectors[(only + 2) % 3] = second / second.length
    case 1:
      let k = missing[0]
      let normal = vectors[(k + 1) % 3].cross(vectors[(k + 2) % 3])
      vectors[k] = normal / normal.length
    default: break
    }
    return (vectors[0], vectors[1], vectors[2])
  }
}
