// SPDX-License-Identifier: MIT

import CKernels

/// The sums of D3 over all atoms and images, in atomic units, atom by atom, so that whoever calls may
/// stop between two.
///
/// In this order: `begin`; `count` for every atom; `weigh`; `attract`, and if wanted `attractTriples`,
/// for every atom; `countForces` for every atom. Every sum has a fixed order.
public struct DispersionSums: Sendable {
  /// Atoms and lattice.
  public var lattice: DispersionLattice
  /// The energy so far.
  public private(set) var energy = 0.0
  /// Σ r ⊗ f over pairs so far.
  public private(set) var virial = SymmetricTensor.zero

  private let constants: DispersionConstants
  private let kernels: KernelSet
  private var counts: [Double] = []
  private var weights: [Double] = []
  private var slopes: [Double] = []
  private var byCount: [Double] = []
  private var forces: [Double] = []
  private var scratch: [Double] = []
  /// C6 of all pairs and derivatives by the coordination number of the first; for triples only.
  private var c6: [Double] = []
  private var c6Slopes: [Double] = []
  private var tripleScratch: [Double] = []
  private var owners: [Int32] = []

  /// Sums over atoms of `species`, numbers into the species of `constants`.
  public init(_ constants: DispersionConstants, species: [Int], kernels: KernelSet) {
    (self.constants, self.kernels) = (constants, kernels)
    lattice = DispersionLattice(species: species, speciesCount: constants.speciesCount)
    scratch = Array(repeating: 0, count: 16 * constants.speciesCount)
  }

  /// Sets all sums to 0.
  public mutating func begin() {
    (energy, virial) = (0, .zero)
    counts = Array(repeating: 0, count: lattice.count)
    byCount = counts
    forces = Array(repeating: 0, count: 4 * lattice.count)
  }

  /// The force on an atom so far.
  public func force(on atom: Int) -> Vector3 {
    Vector3(forces[4 * atom], forces[4 * atom + 1], forces[4 * atom + 2])
  }

  /// Adds the pairs of an atom with all before it, within `cutoff`, to coordination numbers.
  public mutating func count(_ atom: Int, cutoff: Double) {
    let (lattice, set) = (lattice, kernels.rawValue)
    lattice.withKernelLattice {
      relax_dispersion_count(set, $0, constants.pairs, cutoff, atom, &counts)
    }
  }

  /// Weighs the reference systems of every atom by its coordination number.
  ///
  /// - Parameter triples: whether C6 of all pairs are kept for triples.
  public mutating func weigh(forTriples triples: Bool) {
    let lattice = lattice
    weights = Array(repeating: 0, count: 8 * lattice.count)
    slopes = weights
    lattice.withKernelLattice {
      relax_dispersion_weights($0, constants.references, counts, &weights, &slopes)
    }
    guard triples else { return }
    let count = lattice.count
    (c6, c6Slopes) = ([], [])
    var row = [Double](repeating: 0, count: count)
    var slopeRow = row
    for atom in 0..<count {
      lattice.withKernelLattice {
        relax_dispersion_coefficients(
          $0, constants.pairs, weights, slopes, atom, &row, &slopeRow)
      }
      c6 += row
      c6Slopes += slopeRow
    }
  }

  /// Adds the pairs of an atom with all before it to energy, forces and virial.
  public mutating func attract(_ atom: Int, cutoff: Double) {
    let (lattice, set) = (lattice, kernels.rawValue)
    let damping = Int32(constants.damping == .zero ? RELAX_ZERO : RELAX_RATIONAL)
    var numbers = virial.voigt
    energy += lattice.withKernelLattice {
      relax_dispersion_attract(
        set, damping, $0, constants.pairs, cutoff, atom, weights, slopes, &scratch, &byCount,
        &forces, &numbers)
    }
    virial = SymmetricTensor(voigt: numbers)
  }

  /// How many images of atoms up to and with this one there are within `cutoff` of it: its triples are
  /// about half the square of that.
  public func imageCount(of atom: Int, cutoff: Double) -> Int {
    lattice.withKernelLattice { relax_dispersion_images($0, cutoff, atom) }
  }

  /// Adds the triples of an atom with all before it, whose three sides are within `cutoff`.
  ///
  /// - Parameter images: what `imageCount` says.
  public mutating func attractTriples(_ atom: Int, cutoff: Double, images: Int) {
    let (lattice, set) = (lattice, kernels.rawValue)
    let needed = relax_dispersion_scratch(images)
    if tripleScratch.count < needed { tripleScratch = Array(repeating: 0, count: needed) }
    if owners.count < images { owners = Array(repeating: 0, count: images) }
    var numbers = virial.voigt
    energy += lattice.withKernelLattice {
      relax_dispersion_triples(
        set, $0, constants.pairs, cutoff, atom, c6, c6Slopes, images, &tripleScratch, &owners,
        &byCount, &forces, &numbers)
    }
    virial = SymmetricTensor(voigt: numbers)
  }

  /// Adds forces and virial of an atom's pairs that come of changing coordination numbers.
  public mutating func countForces(_ atom: Int, cutoff: Double) {
    let (lattice, set) = (lattice, kernels.rawValue)
    var numbers = virial.voigt
    lattice.withKernelLattice {
      relax_dispersion_count_forces(
        set, $0, constants.pairs, cutoff, atom, byCount, &forces, &numbers)
    }
    virial = SymmetricTensor(voigt: numbers)
  }
}
