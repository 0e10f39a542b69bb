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

  /// What the best constants come to on its forces, computed once.
  public let baselines: ConstantForceBaselines

  /// The set `name`.
  public init(name: String, frames: FrameStore) {
    (self.name, self.frames) = (name, frames)
    var baselines = ConstantForceBaselines()
    for index in frames.indices {
      let (structure, forces) = (frames.structure(index), frames.forces(index))
      var components: [[Double]] = [[], [], []]
      for (atom, freedom) in structure.freedoms.enumerated() {
        for (axis, component) in [Freedom.x, .y, .z].enumerated() where freedom.contains(component)
        {
          components[axis].append(forces[atom][axis])
        }
      }
      baselines.add(components)
    }
    baselines.finish()
    self.baselines = baselines
  }

  /// What a provider gets wrong.
  public struct Errors: Hashable, Sendable {
    /// Mean absolute error of forces over the components in which atoms may move, in eV/Å; what `relax evaluate`
    /// calls `force_mae`.
    public var force: Double
    /// Mean absolute error of energies in eV, nil where there are none; its `energy_mae`.
    public var energy: Double?
    /// The errors of forces by element and by size.
    public var breakdown: ForceBreakdown
  }

  /// The errors of `provider` on this set.
  ///
  /// Sums are made in the order of the frames, so the numbers do not depend on `threads`.
  ///
  /// - Throws: what the provider throws; `ForceError.cancelled` if `cancellation` asks for that.
  public func errors(
    of provider: some ForceProvider, withEnergies: Bool, threads: Int,
    cancellation: Cancellation = .never
  ) throws -> Errors {
    var (forces, energies, breakdown) = (Sum(), Sum(), ForceBreakdown())
    try mapInOrder(
      count: frames.count, threads: threads,
      transform: { (index: Int) throws -> (Sum, Sum, ForceBreakdown) in
        try cancellation.check()
        return try sums(
          of: provider, frame: index, withEnergies: withEnergies, cancellation: cancellation)
      },
      consume: { (sums: (Sum, Sum, ForceBreakdown)) throws in
        forces += sums.0
        energies += sums.1
        breakdown.add(sums.2)
      })
    return Errors(
      force: forces.mean, energy: energies.count > 0 ? energies.mean : nil, breakdown: breakdown)
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
  ) throws -> (Sum, Sum, ForceBreakdown) {
    let structure = frames.structure(index)
    let atoms = structure.freeAtoms
    let target = withEnergies ? frames.energy(index) : nil
    guard !atoms.isEmpty || target != nil else { return (Sum(), Sum(), ForceBreakdown()) }
    let (truths, freedoms) = (frames.forces(index), structure.freedoms)
    let found = try provider.evaluate(
      structure, wanting: target == nil ? .forcesOnFreeAtoms : [.energy, .forcesOnFreeAtoms],
      cancellation: cancellation)
    var (forces, energies, breakdown) = (Sum(), Sum(), ForceBreakdown())
    for atom in atoms {
      let error = freedoms[atom].masking(found.forces[atom] - truths[atom])
      forces.errors += abs(error.x) + abs(error.y) + abs(error.z)
      forces.count += freedoms[atom].rawValue.nonzeroBitCount
      breakdown.add(
        structure.elements[atom], predicted: found.forces[atom], target: truths[atom],
        freedom: freedoms[atom])
    }
    if let target, let energy = found.energy {
      energies = Sum(errors: abs(energy - target), count: 1)
    }
    return (forces, energies, breakdown)
  }
}
