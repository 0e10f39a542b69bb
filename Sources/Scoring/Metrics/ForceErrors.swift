// SPDX-License-Identifier: MIT

import RelaxNumerics
import Structures

/// Errors of predicted forces, as means over all atoms they are given (S2F metrics).
///
/// Atoms weigh equally whatever structure they belong to, so a split is judged by accumulating all
/// of it. Definitions are those of the released `ocp` evaluator.
public struct ForceErrors: Hashable, Sendable {
  /// Number of atoms seen.
  public private(set) var atoms = 0
  private var absolute = Vector3.zero
  /// Components seen along x, y and z, fewer than atoms if some are held along an axis.
  private var components = SIMD3<Int>.zero
  private var cosines = 0.0
  private var magnitudes = 0.0

  /// Nothing seen yet.
  public init() {}

  /// Adds atoms with their predicted and true forces in eV/Å, free atoms only as a rule.
  ///
  /// - Parameter freedoms: one an atom; an atom held along some components is judged by the others,
  ///   which alone enter its errors and the number of components. Without it all components count.
  /// - Complexity: O(atoms).
  public mutating func add(
    predicted: [Vector3], target: [Vector3], freedoms: [Freedom]? = nil
  ) {
    precondition(predicted.count == target.count, "as many predicted as true forces")
    precondition(freedoms.map { $0.count == target.count } ?? true, "one freedom an atom")
    for atom in target.indices {
      let freedom = freedoms?[atom] ?? .free
      let (force, truth) = (freedom.masking(predicted[atom]), freedom.masking(target[atom]))
      components &+= SIMD3(
        freedom.contains(.x) ? 1 : 0, freedom.contains(.y) ? 1 : 0, freedom.contains(.z) ? 1 : 0)
      let error = force - truth
      absolute += Vector3(abs(error.x), abs(error.y), abs(error.z))
      let (length, trueLength) = (force.length, truth.length)
      // The smallest lengths keep a zero vector's cosine at 0, as PyTorch's `eps` does.
      cosines += force.dot(truth) / (max(length, 1e-8) * max(trueLength, 1e-8))
      magnitudes += abs(length - trueLength)
    }
    atoms += predicted.count
  }

  /// Adds all that `other` has seen.
  public mutating func add(_ other: ForceErrors) {
    atoms += other.atoms
    absolute += other.absolute
    components &+= other.components
    cosines += other.cosines
    magnitudes += other.magnitudes
  }

  /// All that was added up, to be kept and read back to the last bit.
  var numbers: [Double] {
    [Double(atoms), absolute.x, absolute.y, absolute.z]
      + [components.x, components.y, components.z].map { Double($0) } + [cosines, magnitudes]
  }

  /// From what `numbers` gave; nil for anything else.
  init?(numbers: ArraySlice<Double>) {
    let all = Array(numbers)
    let counts = ([all.first ?? .nan] + all.dropFirst(4).prefix(3)).compactMap { Int(exactly: $0) }
    guard all.count == 9, counts.count == 4 else { return nil }
    atoms = counts[0]
    absolute = Vector3(all[1], all[2], all[3])
    components = SIMD3(counts[1], counts[2], counts[3])
    (cosines, magnitudes) = (all[7], all[8])
  }

  /// Mean absolute error along x, y and z in eV/Å; NaN without atoms.
  public var meanAbsoluteErrorByAxis: Vector3 { absolute / Vector3(components) }
  /// Mean absolute error over atoms and components in eV/Å; NaN without atoms.
  public var meanAbsoluteError: Double { absolute.sum() / Double(components.wrappedSum()) }
  /// Mean cosine between predicted and true force, 0 for a zero vector; NaN without atoms.
  public var meanCosine: Double { cosines / Double(atoms) }
  /// Mean absolute difference of force norms in eV/Å; NaN without atoms.
  public var meanMagnitudeError: Double { magnitudes / Double(atoms) }
}

/// Errors of predicted energies, as means over structures.
public struct EnergyErrors: Hashable, Sendable {
  /// Errors below this many eV are "within threshold", strictly.
  public static let energyThreshold = 0.02
  /// Force components wrong by less than this many eV/Å are "within threshold", strictly.
  public static let forceThreshold = 0.03

  /// Number of structures seen.
  public private(set) var structures = 0
  private var absolute = 0.0
  private var squared = 0.0
  private var within = 0
  private var withinBoth = 0

  /// Nothing seen yet.
  public init() {}

  /// Adds a structure with its predicted and true energy in eV and, if there are any, the forces
  /// on its free atoms in eV/Å.
  public mutating func add(
    predicted: Double, target: Double, forces: [Vector3] = [], targetForces: [Vector3] = []
  ) {
    precondition(forces.count == targetForces.count, "as many predicted as true forces")
    let error = abs(predicted - target)
    structures += 1
    absolute += error
    squared += error * error
    guard error < Self.energyThreshold else { return }
    within += 1
    let largest = zip(forces, targetForces).reduce(0.0) { largest, pair in
      let error = pair.0 - pair.1
      guard error.isFinite else { return .infinity }
      return max(largest, abs(error.x), abs(error.y), abs(error.z))
    }
    if largest < Self.forceThreshold { withinBoth += 1 }
  }

  /// Adds all that `other` has seen.
  public mutating func add(_ other: EnergyErrors) {
    structures += other.structures
    absolute += other.absolute
    squared += other.squared
    within += other.within
    withinBoth += other.withinBoth
  }

  /// All that was added up, to be kept and read back to the last bit.
  var numbers: [Double] {
    [Double(structures), absolute, squared, Double(within), Double(withinBoth)]
  }

  /// From what `numbers` gave; nil for anything else.
  init?(numbers: ArraySlice<Double>) {
    let all = Array(numbers)
    let counts = [0, 3, 4].compactMap { all.indices.contains($0) ? Int(exactly: all[$0]) : nil }
    guard all.count == 5, counts.count == 3 else { return nil }
    (structures, within, withinBoth) = (counts[0], counts[1], counts[2])
    (absolute, squared) = (all[1], all[2])
  }

  /// Mean absolute error in eV; NaN without structures.
  public var meanAbsoluteError: Double { absolute / Double(structures) }
  /// Mean squared error in eV²; NaN without structures.
  public var meanSquaredError: Double { squared / Double(structures) }
  /// Share of structures whose energy is within its threshold (EwT); NaN without structures.
  public var shareWithinThreshold: Double { Double(within) / Double(structures) }
  /// Share whose energy and every force component are within theirs (EFwT); NaN without structures.
  public var shareWithinBothThresholds: Double { Double(withinBoth) / Double(structures) }
}
