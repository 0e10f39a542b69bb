// SPDX-License-Identifier: MIT

import Numerics
import Structures

/// A rotation about z, the surface normal.
public struct SurfaceRotation: Hashable, Sendable {
  /// Cosine and sine of the angle, counter-clockwise seen from above.
  public let cosine: Double, sine: Double

  /// A rotation by an angle of equal probability everywhere.
  ///
  /// The direction of a random point in the unit circle: no cosine is computed, whose last digit
  /// could differ between machines.
  public init(_ generator: inout SeededGenerator) {
    while true {
      let (x, y) = (generator.uniform(-1, 1), generator.uniform(-1, 1))
      let length = (x * x + y * y).squareRoot()
      guard length <= 1, length > 1e-3 else { continue }
      (cosine, sine) = (x / length, y / length)
      return
    }
  }

  /// `vector` turned.
  public func callAsFunction(_ vector: Vector3) -> Vector3 {
    Vector3(
      cosine * vector.x - sine * vector.y, sine * vector.x + cosine * vector.y, vector.z)
  }

  /// The sample with positions, cell and forces turned together.
  public func callAsFunction(_ sample: TrainingSample) -> TrainingSample {
    var turned = sample
    for atom in sample.forces.indices {
      turned.structure.positions[atom] = self(sample.structure.positions[atom])
      turned.forces[atom] = self(sample.forces[atom])
    }
    let cell = sample.structure.cell
    turned.structure.cell = Cell(
      self(cell.a), self(cell.b), self(cell.c), periodicity: cell.periodicity)
    return turned
  }
}
