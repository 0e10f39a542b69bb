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

  /// Mean absolute errors: of forces over the components in which atoms may move, in eV/Å, and of energies in
  /// eV, nil where there are none; what `relax evaluate` calls `force_mae` and `energy_mae`.
  ///
  /// Sums are made in the order of the frames, so the numbers do not depend on `threads`.
  ///
  /// - Throws: what the provider throws; `ForceError.cancelled` if `cancellation` asks for that.
  public func errors(
    of provider: some ForceProvider, withEnergies: Bool, threads: Int,
    cancellation: Cancellation = .never
  ) throws -> (force: Double, energy: Double?) {
    var (forces, energies) = (Sum(), Sum())
    try mapInOrder(
      count: frames.count, threads: threads,
      transform: { (index: Int) throws -> (Sum, Sum) in
        try cancellation.check()
        return try sums(
          of: provider, frame: index, withEnergies: withEnergies, cancellation: cancellation)
      },
      consume: { (sums: (Sum, Sum)) throws in
        forces += sums.0
        energies += sums.1
      })
    return (forces.mean, energies.count > 0 ? energies.mean : nil)
  }

  private struct Sum {
    var errors = 0.0
    var count = 0

    var mean: Double { errors / Double(count) }

    static func += (sum: inout Sum, more: Sum) {
      sum.errors += more.errors
      sum.count += more.count
    }
  }

  private func sums(
    of provider: some ForceProvider, frame index: Int, withEnergies: Bool,
    cancellation: Cancellation
  ) throws -> (Sum, Sum) {
    let structure = frames.structure(index)
    let atoms = structure.freeAtoms
    let target = withEnergies ? frames.energy(index) : nil
    guard !atoms.isEmpty || target != nil else { return (Sum(), Sum()) }
    let (truths, freedoms) = (frames.forces(index), structure.freedoms)
    let found = try provider.evaluate(
      structure, wanting: target == nil ? .forcesOnFreeAtoms : [.energy, .forcesOnFreeAtoms],
      cancellation: cancellation)
    var (forces, energies) = (Sum(), Sum())
    for atom in atoms {
      let error = freedoms[atom].masking(found.forces[atom] - truths[atom])
      forces.errors += abs(error.x) + abs(error.y) + abs(error.z)
      forces.count += freedoms[atom].rawValue.nonzeroBitCount
    }
    if let target, let energy = found.energy {
      energies = Sum(errors: abs(energy - target), count: 1)
    }
    return (forces, energies)
  }
}
