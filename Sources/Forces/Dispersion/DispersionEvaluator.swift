// SPDX-License-Identifier: MIT

import RelaxNumerics
import Structures

/// Sums over one structure, and the lattice translations of its cell as it was last.
struct DispersionEvaluator: Evaluator {
  private let provider: Dispersion
  private var sums: DispersionSums
  private var cell: Cell?

  init(_ provider: Dispersion, _ structure: Structure, _ kernels: KernelSet) {
    self.provider = provider
    let elements = Set(structure.elements).sorted()
    let species = structure.elements.map { elements.firstIndex(of: $0) ?? 0 }
    sums = DispersionSums(
      provider.constants(of: elements), species: species, kernels: kernels)
  }

  mutating func evaluate(
    _ geometry: Geometry, wanting: Quantities, cancellation: Cancellation
  ) throws(ForceError) -> Evaluation {
    try geometry.requireSound()
    try cancellation.check()
    try adopt(geometry.cell)
    sums.lattice.move(to: geometry.positions.map { $0 / Dispersion.bohr })
    let atoms = geometry.positions.indices
    sums.begin()
    for atom in atoms {
      try cancellation.check()
      sums.count(atom, cutoff: Dispersion.countCutoff)
    }
    sums.weigh(forTriples: provider.hasTriples)
    for atom in atoms {
      try cancellation.check()
      sums.attract(atom, cutoff: Dispersion.pairCutoff)
    }
    if provider.hasTriples { try attractTriples(cancellation) }
    for atom in atoms {
      try cancellation.check()
      sums.countForces(atom, cutoff: Dispersion.countCutoff)
    }
    let force = Dispersion.hartree / Dispersion.bohr
    var evaluation = Evaluation(
      energy: sums.energy * Dispersion.hartree, forces: atoms.map { force * sums.force(on: $0) })
    if wanting.contains(.stress) {
      evaluation.stress = geometry.cell.stress(ofVirial: Dispersion.hartree * sums.virial)
    }
    return evaluation
  }

  /// Makes the translations of `newCell`, unless they are there.
  private mutating func adopt(_ newCell: Cell) throws(ForceError) {
    guard cell != newCell else { return }
    cell = nil
    let bohr = Dispersion.bohr
    let atoms = Double(sums.lattice.count)
    do throws(TooManyNeighbors) {
      let found = try LatticeTranslations(cell: newCell, reach: Dispersion.pairCutoff * bohr)
      // A pair takes some 30 ns at least, and some 2 ns an image: minutes at these bounds.
      let pairs = atoms * (atoms + 1) / 2
      let most = pairs > Self.mostPairs ? Self.mostPairs : Self.mostImages
      let expected = pairs > Self.mostPairs ? pairs : pairs * Double(found.translations.count)
      guard expected <= most else { throw TooManyNeighbors(expected: expected, most: most) }
      sums.lattice.repeatAlong(
        found.translations.map { $0 / bohr }, vectors: found.vectors.map { $0 / bohr },
        reciprocal: found.reciprocal.map { $0 * bohr }, projection: found.projection)
    } catch {
      throw .failed(
        "\(provider.specification) would take \(error.expected) pairs of atoms or images within 60 "
          + "Bohr; at most \(error.most) are possible")
    }
    cell = newCell
  }

  private static let mostPairs = 1e8, mostImages = 2e10

  private mutating func attractTriples(_ cancellation: Cancellation) throws(ForceError) {
    let cutoff = Dispersion.tripleCutoff
    for atom in (0..<sums.lattice.count).reversed() {
      try cancellation.check()
      // The last atom, which is first, has most: all atoms come before it.
      let images = sums.imageCount(of: atom, cutoff: cutoff)
      guard images <= Self.mostImagesInTriples else {
        throw .failed(
          "\(provider.specification) would take triples of \(images) images around atom "
            + "\(atom + 1); at most \(Self.mostImagesInTriples) are possible, several times what "
            + "the densest crystals have")
      }
      sums.attractTriples(atom, cutoff: cutoff, images: images)
    }
  }

  private static let mostImagesInTriples = 20_000
}
