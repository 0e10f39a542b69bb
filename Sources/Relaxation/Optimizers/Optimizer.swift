// SPDX-License-Identifier: MIT

import RelaxNumerics

/// Proposes where atoms go next.
///
/// An optimizer is a value that holds its whole state: a copy goes its own way, and one that was
/// encoded and decoded continues with the same bytes. It sees mobile atoms only; atoms that cannot
/// move at all would add nothing but zeros to its sums.
public protocol Optimizer: Sendable, Codable {
  /// The displacement of every atom for the next step.
  ///
  /// - Parameters:
  ///   - positions: Å, of the mobile atoms.
  ///   - forces: eV/Å, of the same atoms, with exact zeros in components that may not move.
  /// - Returns: Å, one vector an atom. Not finite if the state or the forces are degenerate; the
  ///   caller ends the relaxation then.
  mutating func displacement(positions: [Vector3], forces: [Vector3]) -> [Vector3]

  /// What it met on the way, for the reason why a relaxation did not converge; nil if there is
  /// nothing to say.
  var remark: String? { get }
}

extension Optimizer {
  /// Nil: there is nothing to remark.
  public var remark: String? { nil }
}
