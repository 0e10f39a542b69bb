// SPDX-License-Identifier: MIT

import Forces
import Networks
import RelaxNumerics
import Structures

@testable import ReferenceNetworks

extension NetworkProvider {
  /// A provider of `model`.
  static func of(
    _ model: NetworkModel, threads: Int = 1, usesShortcuts: Bool = true,
    kernels: KernelSet = .preferred, angles: DimeNetConfiguration.Angles? = nil
  ) throws -> NetworkProvider {
    var options = Options()
    options.angles = angles
    (options.threads, options.usesShortcuts) = (threads, usesShortcuts)
    options.kernels = kernels
    return try NetworkProvider(model, specification: "a network", options: options)
  }

  /// All forces by a fresh evaluator.
  func evaluate(_ structure: Structure) throws -> Evaluation {
    try evaluate(structure, wanting: [.energy, .forces])
  }
}

/// An evaluator with the structure whose cell it is asked about.
struct Walker {
  var evaluator: any Evaluator
  var cell: Cell

  /// Energy and forces on all atoms.
  mutating func all(_ positions: [Vector3]) throws -> Evaluation {
    try evaluator.evaluate(
      Geometry(positions: positions, cell: cell), wanting: [.energy, .forces])
  }

  /// What a relaxation asks for.
  mutating func freeAtoms(_ positions: [Vector3]) throws -> Evaluation {
    try evaluator.evaluate(
      Geometry(positions: positions, cell: cell), wanting: .forcesOnFreeAtoms)
  }
}

extension ForceProvider {
  /// An evaluator of `structure` in its own cell.
  func walker(_ structure: Structure) throws -> Walker {
    Walker(evaluator: try makeEvaluator(for: structure), cell: structure.cell)
  }
}

extension Reference {
  /// How far single precision may be from the reference, eV/Å and eV.
  ///
  /// A few roundings of the largest force, or, where a network magnifies them, many times what
  /// changes if every weight is rounded otherwise in its last bit.
  static func singlePrecisionError(
    _ model: NetworkModel, _ structure: Structure, _ exact: (forces: [Vector3], energy: Double?)
  ) -> (force: Double, energy: Double) {
    var worst = (force: 0.0, energy: 0.0)
    var random = SeededGenerator(seed: 5)
    for _ in 0..<2 {
      var other = model
      other.tensors = other.tensors.keys.sorted().reduce(into: [:]) { tensors, name in
        guard var tensor = model.tensors[name] else { return }
        if !name.hasPrefix("atom_") {
          for k in tensor.values.indices {
            tensor.values[k] = random.next() & 1 == 0 ? tensor.values[k].nextUp : tensor.values[k]
          }
        }
        tensors[name] = tensor
      }
      let found = evaluate(other, structure)
      worst.force = max(worst.force, found.forces.largestDifference(exact.forces))
      worst.energy = max(worst.energy, abs((found.energy ?? 0) - (exact.energy ?? 0)))
    }
    return (
      max(2e-5 * max(1, exact.forces.longest), 30 * worst.force),
      max(2e-5 * max(1, abs(exact.energy ?? 0)), 30 * worst.energy)
    )
  }
}
