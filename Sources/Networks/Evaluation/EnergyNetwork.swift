// SPDX-License-Identifier: MIT

import Forces
import RelaxNumerics
import Structures

/// What networks have in common whose forces are derivatives of an energy.
struct EnergyTargets: Sendable {
  /// From predictions to eV and eV/Å.
  let normalization: TargetNormalization
  /// Whether energies mean something.
  let givesEnergy: Bool
  /// Whether the energy of a structure is the mean of its atoms', and not their sum.
  let isMean: Bool

  init(_ model: NetworkModel, isMean: Bool = false) {
    (normalization, givesEnergy) = (model.normalization, model.energyIsTrained)
    self.isMean = isMean
  }

  /// Energy where there is one, forces, stress.
  var quantities: Quantities { givesEnergy ? [.energy, .forces, .stress] : [.forces, .stress] }

  /// Whether forces are derivatives of the energy that comes with them, as far as scales decide it.
  var isConservative: Bool {
    givesEnergy && normalization.energyScale == normalization.forceScale
      && normalization.forceMean == 0
  }

  /// What the sum of the energies of `atoms` atoms is multiplied by.
  func share(atoms: Int) -> Double { isMean ? 1 / Double(max(1, atoms)) : 1 }

  /// eV, from the sum of the energies of `atoms` atoms; nil where it means nothing.
  func energy(_ sum: Double, atoms: Int) -> Double? {
    guard givesEnergy else { return nil }
    return sum * share(atoms: atoms) * normalization.energyScale + normalization.energyMean
  }
}

/// What is wanted of an evaluation.
struct EnergyWish {
  /// Atoms whose forces are wanted; nil for all.
  let isFree: [Bool]?
  let stress: Bool

  /// - Parameters:
  ///   - isFree: the atoms that may move.
  ///   - usesShortcuts: whether what is not wanted may be left out.
  init(_ wanting: Quantities, isFree: [Bool], usesShortcuts: Bool, cell: Cell) {
    stress = wanting.contains(.stress) && cell.hasVolume
    let isPart = usesShortcuts && !wanting.contains(.forces) && isFree.contains(false)
    self.isFree = isPart && !stress ? isFree : nil
  }
}
