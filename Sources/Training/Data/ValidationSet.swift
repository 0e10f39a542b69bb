// SPDX-License-Identifier: MIT

import Forces
import Networks
import RelaxNumerics
import Structures

/// Labelled frames that a network is judged by while it is trained.
public struct ValidationSet: Sendable {
  /// What it is called in metrics.
  public let name: String
  /// Its frames, with the forces that predictions are compared with.
  public let frames: FrameStore

  /// The set `name`.
  public init(name: String, frames: FrameStore) { (self.name, self.frames) = (name, frames) }

  /// Mean absolute error of forces over the components in which atoms may move, in eV/Å: what
  /// `relax evaluate` calls `force_mae`.
  ///
  /// Sums are made in the order of the frames, so the number does not depend on `threads`.
  public func forceError(of provider: some ForceProvider, threads: Int) throws -> Double {
    var total = Sum()
    try mapInOrder(
      count: frames.count, threads: threads,
      transform: { (index: Int) throws -> Sum in try sum(of: provider, frame: index) },
      consume: { (sum: Sum) throws in
        total.errors += sum.errors
        total.components += sum.components
      })
    return total.errors / Double(total.components)
  }

  private struct Sum {
    var errors = 0.0
    var components = 0
  }

  private func sum(of provider: some ForceProvider, frame index: Int) throws -> Sum {
    let structure = frames.structure(index)
    let atoms = structure.freeAtoms
    guard !atoms.isEmpty else { return Sum() }
    let (truths, freedoms) = (frames.forces(index), structure.freedoms)
    let forces = try provider.evaluate(structure, wanting: .forcesOnFreeAtoms).forces
    var sum = Sum()
    for atom in atoms {
      let error = freedoms[atom].masking(forces[atom] - truths[atom])
      sum.errors += abs(error.x) + abs(error.y) + abs(error.z)
      sum.components += freedoms[atom].rawValue.nonzeroBitCount
    }
    return sum
  }
}
