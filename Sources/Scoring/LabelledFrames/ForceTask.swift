// SPDX-License-Identifier: MIT

import Forces
import RelaxNumerics
import Structures

/// What an evaluation of a predicted structure came to.
public enum ForceOutcome: Hashable, Sendable {
  /// The largest force on a judged atom in eV/Å.
  case largest(Double)
  /// There is none, for this reason.
  case failed(String)
}

/// One evaluation that a score needs: a predicted structure in its reference's cell.
public struct ForceTask: Sendable {
  /// Number of the reference.
  let index: Int
  /// Id of the structure, as written.
  public let id: String
  /// Predicted positions with the reference's elements, cell and free atoms.
  public let structure: Structure
  let judged: [Freedom]
  let measure: ScoringSettings.ForceMeasure

  /// Evaluates the structure, and never throws: what the provider refuses is an outcome.
  public func outcome(from provider: any ForceProvider) -> ForceOutcome {
    guard structure.positions.allSatisfy(\.isFinite) else {
      return .failed("a position is not finite")
    }
    do {
      let forces = try provider.evaluate(structure, wanting: .forces).forces
      let largest = ForcesBelowThreshold.force(forces, judged: judged, by: measure)
      return largest.isFinite ? .largest(largest) : .failed("its forces are not finite")
    } catch {
      return .failed("\(error)")
    }
  }
}
