// SPDX-License-Identifier: MIT

import Forces
import RelaxNumerics
import Structures

/// Newton's equations for the free atoms of one structure, by velocity Verlet.
///
/// The rule is that of Swope, Andersen, Berens and Wilson, J. Chem. Phys. 76, 637 (1982). Atoms that are fixed along an axis neither move nor have a velocity along it.
public struct MolecularDynamics {
  /// Å²·u/fs² in eV: from CODATA 2018, exactly 10¹⁰ u/e in SI units.
  static let energyUnit = 1.660_539_066_60e-27 * 1e10 / 1.602_176_634e-19
  /// Boltzmann's constant in eV/K (CODATA 2018, exact in SI units).
  static let boltzmann = 1.380_649e-23 / 1.602_176_634e-19

  /// Where the atoms are now, one an atom, in Å.
  public private(set) var positions: [Vector3]
  /// One an atom, in Å/fs.
  public private(set) var velocities: [Vector3]
  /// eV/Å, on all atoms.
  public private(set) var forces: [Vector3]
  /// eV, if the provider has one.
  public private(set) var energy: Double?
  private let cell: Cell
  private let freedoms: [Freedom]
  /// u.
  private let masses: [Double]
  private var evaluator: any Evaluator

  /// Begins at a structure's positions with these velocities in Å/fs, fixed components of which are
  /// taken for 0.
  public init(
    _ structure: Structure, velocities: [Vector3], provider: some ForceProvider
  ) throws {
    cell = structure.cell
    freedoms = structure.freedoms
    masses = structure.elements.map(\.mass)
    positions = structure.positions
    self.velocities = zip(freedoms, velocities).map { $0.masking($1) }
    forces = Array(repeating: .zero, count: structure.count)
    evaluator = try provider.makeEvaluator(for: structure)
    try evaluate()
  }

  /// Takes one step of `timestep` fs.
  ///
  /// - Throws: what the provider throws; `ForceError.cancelled`, if that was asked for.
  public mutating func step(_ timestep: Double, cancellation: Cancellation = .never) throws {
    try cancellation.check()
    kick(timestep / 2)
    for atom in positions.indices { positions[atom] += timestep * velocities[atom] }
    try evaluate(cancellation)
    kick(timestep / 2)
  }

  private mutating func evaluate(_ cancellation: Cancellation = .never) throws(ForceError) {
    let evaluation = try evaluator.evaluate(
      Geometry(positions: positions, cell: cell), wanting: [.energy, .forces],
      cancellation: cancellation)
    (energy, forces) = (evaluation.energy, evaluation.forces)
  }

  private mutating func kick(_ time: Double) {
    for atom in positions.indices {
      let factor = time / (masses[atom] * MolecularDynamics.energyUnit)
      velocities[atom] += factor * freedoms[atom].masking(forces[atom])
    }
  }

  /// Σ m v²/2 over all atoms, in eV.
  public var kineticEnergy: Double {
    zip(masses, velocities).reduce(0) { sum, atom in
      let (mass, velocity) = atom
      return sum + mass * velocity.lengthSquared / 2 * MolecularDynamics.energyUnit
    }
  }

  /// Velocities in Å/fs as they are at `temperature` K (Maxwell and Boltzmann), for free components.
  ///
  /// The motion of the centre of mass is not taken out: the fixed atoms hold it.
  public static func velocities(
    of structure: Structure, temperature: Double, _ generator: inout SeededGenerator
  ) -> [Vector3] {
    zip(structure.elements, structure.freedoms).map { element, freedom in
      // Drawn for fixed atoms too, so that a mask does not change what others get.
      let direction = generator.normalVector()
      let deviation = (boltzmann * temperature / (element.mass * energyUnit)).squareRoot()
      return freedom.masking(deviation * direction)
    }
  }
}
