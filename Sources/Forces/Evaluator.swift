// SPDX-License-Identifier: MIT

import RelaxNumerics
import Structures

/// Evaluates one structure, again and again as its atoms move and its cell changes.
///
/// What an evaluator keeps from one geometry to the next (lists, caches) may change the order of sums
/// and nothing else: a used one agrees with a fresh one to rounding. The same geometries in the same
/// order give the same bits, whatever was wanted of each.
public protocol Evaluator {
  /// What the provider says about `geometry`.
  ///
  /// - Parameters:
  ///   - geometry: as many atoms as the structure has.
  ///   - wanting: what must be there if the provider has it; see `Quantities`.
  ///   - cancellation: looked at now and then while it takes long.
  /// - Throws: a `ForceError`, which says whether it is worth trying again. The evaluator stays usable
  ///   for other geometries, after `cancelled` too.
  mutating func evaluate(
    _ geometry: Geometry, wanting: Quantities, cancellation: Cancellation
  ) throws(ForceError) -> Evaluation

  /// Takes note of a geometry that an earlier evaluator of the structure has evaluated, as if this one had: to the last
  /// bit, what comes next is what that one would have given.
  ///
  /// - Throws: as `evaluate` would have.
  mutating func follow(_ geometry: Geometry) throws(ForceError)

  /// Forgets what it keeps from one geometry to the next that may change a bit: what comes next is, to the last bit,
  /// what a new evaluator would give.
  mutating func forget()

  /// Gives back what outlives memory, such as a program that was started; called once, at last.
  mutating func close()
}

extension Evaluator {
  /// Nothing to note, where nothing is kept that changes a bit.
  public mutating func follow(_ geometry: Geometry) throws(ForceError) {}

  /// Nothing to forget, where nothing is kept that changes a bit.
  public mutating func forget() {}

  /// Nothing to give back.
  public mutating func close() {}

  /// The same where nobody may ask to stop.
  public mutating func evaluate(
    _ geometry: Geometry, wanting: Quantities
  ) throws(ForceError) -> Evaluation {
    try evaluate(geometry, wanting: wanting, cancellation: .never)
  }
}
