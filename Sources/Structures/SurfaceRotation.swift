// SPDX-License-Identifier: MIT

import CLibrary
import RelaxNumerics

/// A rotation about z, the surface normal.
public struct SurfaceRotation: Hashable, Sendable {
  /// Cosine and sine of the angle, counter-clockwise seen from above.
  public let cosine: Double, sine: Double

  /// A rotation by `angle` in radians.
  public init(radians angle: Double) { self.init(cosine: cos(angle), sine: sin(angle)) }

  /// `step` of `count` equal steps of a full turn; quarter turns are exact.
  ///
  /// - Precondition: `count` is at least 1.
  public init(step: Int, of count: Int) {
    precondition(count >= 1, "a turn of \(count) steps")
    guard 4 * step % count == 0 else {
      self.init(radians: 2 * .pi * Double(step) / Double(count))
      return
    }
    let quarters = [(1.0, 0.0), (0, 1), (-1, 0), (0, -1)]
    let (cosine, sine) = quarters[((4 * step / count) % 4 + 4) % 4]
    self.init(cosine: cosine, sine: sine)
  }

  /// A rotation by an angle of equal probability everywhere.
  ///
  /// The direction of a random point in the unit circle: no cosine is computed, whose last digit
  /// could differ between machines.
  public init(_ generator: inout SeededGenerator) {
    while true {
      let (x, y) = (generator.uniform(-1, 1), generator.uniform(-1, 1))
      let length = (x * x + y * y).squareRoot()
      guard length <= 1, length > 1e-3 else { continue }
      self.init(cosine: x / length, sine: y / length)
      return
    }
  }

  private init(cosine: Double, sine: Double) { (self.cosine, self.sine) = (cosine, sine) }

  /// The rotation that undoes this one.
  public var inverse: SurfaceRotation { SurfaceRotation(cosine: cosine, sine: -sine) }

  /// `vector`, in any unit, turned about z.
  public func callAsFunction(_ vector: Vector3) -> Vector3 {
    Vector3(
      cosine * vector.x - sine * vector.y, sine * vector.x + cosine * vector.y, vector.z)
  }

  /// The structure turned about z through the origin, its cell along.
  public func callAsFunction(_ structure: Structure) -> Structure {
    var turned = structure
    for atom in structure.positions.indices {
      turned.positions[atom] = self(structure.positions[atom])
    }
    turned.cell = self(structure.cell)
    return turned
  }

  /// The cell turned about z.
  public func callAsFunction(_ cell: Cell) -> Cell {
    Cell(self(cell.a), self(cell.b), self(cell.c), periodicity: cell.periodicity)
  }
}
