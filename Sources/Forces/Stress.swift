// SPDX-License-Identifier: MIT

import RelaxNumerics
import Structures

// The stress of a periodic structure is (1/V) ∂E/∂ε in eV/Å³, for a strain ε of cell and positions.
// Sign and order are ASE's: positive where the cell wants to shrink, and Voigt's six components.

extension Cell {
  /// Whether there are three lattice vectors, whatever repeats: what ASE gives a stress for.
  public var hasVolume: Bool { a != .zero && b != .zero && c != .zero }

  /// The stress in eV/Å³ of a virial Σ r ⊗ f over pairs in eV.
  ///
  /// - Returns: nil for a cell that lacks a lattice vector: there is no volume to divide by.
  public func stress(ofVirial virial: SymmetricTensor) -> SymmetricTensor? {
    hasVolume ? (-1 / volume) * virial : nil
  }
}

extension Structure {
  /// Adds a free energy (eV) under ASE's name, if there is a finite one.
  package mutating func addFreeEnergy(_ energy: Double?) {
    guard let energy, energy.isFinite else { return }
    attributes.append(Attribute(name: "free_energy", text: "\(energy)"))
  }
}

extension SymmetricTensor {
  /// Whether all components are finite.
  public var isFinite: Bool { voigt.allSatisfy(\.isFinite) }

  /// The entry `stress` of extended XYZ as ASE writes and reads it: the nine numbers of the full
  /// matrix in eV/Å³.
  public var stressAttribute: Attribute {
    let matrix = [xx, xy, xz, xy, yy, yz, xz, yz, zz].map(\.description)
    return Attribute(name: "stress", text: "\"\(matrix.joined(separator: " "))\"")
  }
}
