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

  /// Whether forces are derivatives of the energy that comes with them, or of one that is kept back, as far
  /// as scales decide it.
  var isConservative: Bool {
    (normalization.energyScale == normalization.forceScale || !givesEnergy)
      && normalization.forceMean == 0
  }

  /// What the sum of the energies of `atoms` atoms is multiplied by.
  func share(atoms: Int) -> Double { isMean ? 1 / Double(max(1, atoms)) : 1 }

  /// eV, from the sum of the energies of `atoms` atoms.
  ///
  /// - Parameter shift: what does not depend on the sum, eV.
  func energy(_ sum: Double, atoms: Int, shift: Double) -> Double {
    sum * share(atoms: atoms) * normalization.energyScale + shift
  }
}

/// The last layer of a network of energies: from what is known of an atom to its energy, and back.
struct EnergyLayer: Sendable {
  /// W in one row.
  private let weights: FloatMatrix
  private let bias: Double

  init(_ weights: [Double], bias: Double = 0) {
    self.weights = FloatMatrix(rows: 1, columns: weights.count)
    self.weights.fill(weights, width: weights.count)
    self.bias = bias
  }

  /// Adds the energies of `atoms` from their rows of `values` to `energies`; the derivatives, times `slopes`
  /// if there are some, take the places of the rows.
  func read(
    _ atoms: Range<Int>, _ values: FloatMatrix, slopes: FloatMatrix?, _ zeros: AlignedBuffer<Int32>,
    to energies: AlignedBuffer<Double>, kernels: KernelSet
  ) {
    let sums = AlignedBuffer<Float>(count: atoms.count)
    let row = DenseLayer.Rows(weights, zeros)
    DenseLayer.Rows(values, from: atoms.lowerBound).addProducts(
      with: row, to: 0..<atoms.count, of: sums, kernels: kernels)
    for (place, atom) in atoms.enumerated() { energies[atom] += Double(sums[place]) + bias }
    RowCombination(row, times: slopes.map { .init($0, from: atoms.lowerBound) }).apply(
      atoms.count, columns: values.columns, .store(.init(values, from: atoms.lowerBound)),
      kernels: kernels)
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
