// SPDX-License-Identifier: MIT

import Files
import Forces
import RelaxNumerics
import StructureFiles
import Structures

/// What a provider's energies are, and so what they are compared with.
public enum EnergyMeaning: String, CaseIterable, Hashable, Sendable {
  /// Total energies, compared with the frames' `energy`.
  ///
  /// Errors of adsorption energies made from them are the same: the reference energy is on both
  /// sides.
  case total
  /// Adsorption energies, as networks trained on OC20 predict: compared with the frames' `energy`
  /// less the reference energy of their label.
  case adsorption
}

/// What a provider gets wrong about one labelled frame.
public struct FrameErrors: Sendable {
  /// Errors of the forces on free atoms.
  public internal(set) var forces = ForceErrors()
  /// The largest error of a force component of a free atom, in eV/Å.
  public internal(set) var largestForceError = 0.0
  /// Errors of its energy; of no structure if the frame or the provider has none.
  public internal(set) var energies = EnergyErrors()
  /// How far its forces fail to turn with the structure, if that was asked for.
  public internal(set) var rotations: RotationInstability?
  /// True components of forces on free atoms along x, y and z, in eV/Å.
  public internal(set) var targets: [[Double]] = [[], [], []]

  /// Free atoms seen.
  public var freeAtoms: Int { forces.atoms }
}

/// What came of one labelled frame.
public enum FrameOutcome: Sendable {
  /// It could be compared, with these errors.
  case scored(FrameErrors)
  /// No atom is free, so there is no force to judge.
  case withoutFreeAtoms
  /// The provider has no usable answer, for this reason.
  case failed(String)
}

/// Compares a provider with labelled frames, one at a time and each on its own.
public struct FrameJudge: Sendable {
  /// What is judged.
  public var provider: any ForceProvider
  /// What its energies are.
  public var energies = EnergyMeaning.total
  /// Rotations to try each frame in, if any.
  public var rotations: RotationInstability.Sampling?

  /// A judge of `provider`.
  public init(_ provider: any ForceProvider) { self.provider = provider }

  /// Evaluates a frame and compares.
  ///
  /// A frame that cannot be read, labels that are not finite and what the provider refuses are outcomes.
  ///
  /// - Throws: `FileError` of kind `content`, naming the frame, if what is compared with is not there at
  ///   all: no forces, or no reference energy where one is needed. Then the set is another one than meant.
  public func outcome(of frame: LabelledFrame) throws(FileError) -> FrameOutcome {
    let structure: Structure
    switch frame.frame.content {
    case .success(let content): structure = content
    case .failure(let error): return .failed("it cannot be used: \(error.message)")
    }
    let atoms = structure.freeAtoms
    let targets = try targetForces(of: structure, atoms, frame)
    let energy = try targetEnergy(of: structure, frame)
    guard !atoms.isEmpty else { return .withoutFreeAtoms }
    if let bad = targets.firstIndex(where: { !$0.isFinite }) {
      return .failed("its label has a force that is not finite, on atom \(atoms[bad] + 1)")
    }
    if let energy, !energy.isFinite { return .failed("its label has an energy that is not finite") }
    guard PositionBounds.contain(structure.positions) else {
      return .failed("an atom is absurdly far away, more than 1 mm")
    }
    do {
      return try compared(structure, atoms, targets, energy, frame.index)
    } catch {
      return .failed("\(error)")
    }
  }

  private func targetForces(
    of structure: Structure, _ atoms: [Int], _ frame: LabelledFrame
  ) throws(FileError) -> [Vector3] {
    guard let forces = structure.forces else {
      throw frame.error("has no forces to compare with; expected forces:R:3 among its Properties")
    }
    return atoms.map { forces[$0] }
  }

  private func targetEnergy(
    of structure: Structure, _ frame: LabelledFrame
  ) throws(FileError) -> Double? {
    guard let energy = structure.energy else { return nil }
    switch energies {
    case .total: return energy
    case .adsorption:
      guard let label = frame.label else {
        throw frame.error(
          "has no reference energy, from which adsorption energies count; expected a file "
            + "N.txt beside N.extxyz, or energies that are total")
      }
      return energy - label.referenceEnergy
    }
  }

  private func compared(
    _ structure: Structure, _ atoms: [Int], _ targets: [Vector3], _ targetEnergy: Double?,
    _ index: Int
  ) throws -> FrameOutcome {
    let evaluation = try provider.evaluate(
      structure,
      wanting: targetEnergy == nil ? .forcesOnFreeAtoms : [.energy, .forcesOnFreeAtoms])
    let (energy, all) = (evaluation.energy, evaluation.forces)
    if let atom = atoms.first(where: { !all[$0].isFinite }) {
      return .failed("the force on atom \(atom + 1) is not finite")
    }
    if let energy, !energy.isFinite { return .failed("its energy is not finite") }

    let allFreedoms = structure.freedoms
    let freedoms = atoms.map { allFreedoms[$0] }
    let forces = zip(atoms, freedoms).map { atom, freedom in freedom.masking(all[atom]) }
    let truths = zip(targets, freedoms).map { target, freedom in freedom.masking(target) }
    var errors = FrameErrors()
    errors.forces.add(predicted: forces, target: truths, freedoms: freedoms)
    for ((force, truth), freedom) in zip(zip(forces, truths), freedoms) {
      let error = force - truth
      for (axis, component) in [Freedom.x, .y, .z].enumerated() where freedom.contains(component) {
        errors.largestForceError = max(errors.largestForceError, abs(error[axis]))
        errors.targets[axis].append(truth[axis])
      }
    }
    if let energy, let targetEnergy {
      errors.energies.add(
        predicted: energy, target: targetEnergy, forces: forces, targetForces: truths)
    }
    if let rotations {
      var instability = RotationInstability()
      try instability.add(
        structure, unrotated: all, angles: rotations.angles(frame: index), provider: provider)
      guard instability.mean.isFinite else {
        return .failed("a force is not finite when the structure is turned")
      }
      errors.rotations = instability
    }
    return .scored(errors)
  }
}
