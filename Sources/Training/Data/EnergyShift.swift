// SPDX-License-Identifier: MIT

import Networks
import RelaxNumerics
import Structures

/// What is taken off energies before a network learns them.
public enum EnergyShift: Hashable, Sendable {
  /// So many eV a structure.
  case value(Double)
  /// An energy an atom of each element, by least squares over the training frames.
  case fromData
}

/// What an output of 1 of a network that learns energies means.
public enum EnergyScale: Hashable, Sendable {
  /// So many eV.
  case value(Double)
  /// The standard deviation of what the shift leaves of energies; 1 eV if there is none.
  case fromData
}

extension FrameStore {
  /// Energies of elements, eV an atom, that come nearest to the energies of all frames that have one, each
  /// frame counting the same.
  ///
  /// Of all that come equally near, as where elements occur in one proportion only, the shortest.
  ///
  /// - Complexity: O(frames · elements² + elements³).
  func elementEnergies() throws(LinearAlgebraError) -> [Element: Double] {
    let elements = distinctElements.sorted()
    let places = Dictionary(
      uniqueKeysWithValues: elements.enumerated().map { (UInt8($1.atomicNumber), $0) })
    let n = elements.count
    var gram = [Double](repeating: 0, count: n * n)
    var right = [Double](repeating: 0, count: n)
    for index in indices {
      guard let energy = energy(index) else { continue }
      var counts: [Int: Double] = [:]
      for number in atomicNumbers(index) { counts[places[number] ?? 0, default: 0] += 1 }
      for (i, a) in counts {
        right[i] += a * energy
        for (j, b) in counts { gram[i * n + j] += a * b }
      }
    }
    let (values, vectors) = try LinearAlgebra.symmetricEigen(gram, count: n)
    var solution = [Double](repeating: 0, count: n)
    // Counts are whole numbers, so what no frame tells apart is zero but for rounding.
    for (k, value) in values.enumerated() where value > 1e-13 * (values.last ?? 0) {
      let vector = vectors[k * n..<(k + 1) * n]
      let share = zip(vector, right).reduce(0) { $0 + $1.0 * $1.1 } / value
      for (i, component) in vector.enumerated() { solution[i] += share * component }
    }
    return Dictionary(uniqueKeysWithValues: zip(elements, solution))
  }

  /// Whether any frame has an energy.
  var hasEnergies: Bool { indices.contains { energy($0) != nil } }

  /// The standard deviation of what `normalization` leaves of energies, eV; 1 if there is none.
  func energyDeviation(after normalization: TargetNormalization) -> Double {
    var rest: [Double] = []
    for index in indices {
      guard let energy = energy(index) else { continue }
      let elements = atomicNumbers(index).compactMap { Element(atomicNumber: Int($0)) }
      rest.append(energy - normalization.energyShift(of: elements))
    }
    let mean = rest.reduce(0, +) / Double(max(1, rest.count))
    let variance =
      rest.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(max(1, rest.count))
    // Of energies that the shift explains in full only rounding is left.
    let size = rest.indices.reduce(0.0) { max($0, abs(rest[$1])) }
    return variance.squareRoot() > 1e-9 * max(1, size) ? variance.squareRoot() : 1
  }
}
