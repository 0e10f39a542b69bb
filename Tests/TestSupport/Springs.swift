// SPDX-License-Identifier: MIT

import Forces
import RelaxNumerics
import Structures

/// Springs that pull every atom to its own place: energy, forces and minimum are known in closed form.
public struct Springs: ForceProvider {
  /// Å; the first ones again where there are more atoms.
  public var centers: [Vector3]
  /// eV/Å².
  public var stiffness: Double
  /// The elements that it claims to know; nil for any.
  public var knownElements: Set<Element>?
  /// `springs`, whatever they are: for tests of one kind of springs at a time.
  public var specification: String { "springs" }

  /// Springs to `centers`, of one stiffness.
  public init(
    centers: [Vector3] = [.zero], stiffness: Double = 3, knownElements: Set<Element>? = nil
  ) {
    (self.centers, self.stiffness) = (centers, stiffness)
    self.knownElements = knownElements
  }

  /// Prepares nothing.
  public func makeEvaluator(for structure: Structure) -> any Evaluator { Pull(springs: self) }

  private struct Pull: Evaluator {
    var springs: Springs
    func evaluate(
      _ geometry: Geometry, wanting: Quantities, cancellation: Cancellation
    ) -> Evaluation {
      let away = geometry.positions.enumerated().map { i, position in
        position - springs.centers[i % springs.centers.count]
      }
      return Evaluation(
        energy: away.reduce(0) { $0 + 0.5 * springs.stiffness * $1.lengthSquared },
        forces: away.map { -springs.stiffness * $0 })
    }
  }
}
