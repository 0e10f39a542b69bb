// SPDX-License-Identifier: MIT

import CKernels

/// Atoms, their species and the lattice translations that make images of them, as the kernels of D3 read
/// them; in atomic units.
public struct DispersionLattice: Sendable {
  private let species: [Int32]
  private let speciesCount: Int
  private var vectors: [Double]
  private var reciprocal: [Double]
  private var along: [Double]
  /// x, y and z of each translation, one array after the other, each filled up by far ones.
  private var translations: [Double] = []
  /// Vectors of eight translations up to a length, by bins of length.
  private var vectorsWithin: [Int32] = []
  private var binsPerLength = 1.0
  /// x, y and z of all atoms, one array after the other.
  private var positions: [Double] = []

  /// Atoms whose species are numbers below `speciesCount`, without images.
  public init(species: [Int], speciesCount: Int) {
    precondition(species.allSatisfy { (0..<speciesCount).contains($0) }, "no such species")
    (self.species, self.speciesCount) = (species.map(Int32.init), speciesCount)
    vectors = Array(repeating: 0, count: 9)
    (reciprocal, along) = (vectors, Array(repeating: 0, count: 6))
    repeatAlong([.zero], vectors: [], reciprocal: [], projection: .zero)
  }

  /// Number of atoms.
  public var count: Int { species.count }

  /// Takes over a lattice: its translations, shortest first, at most three shortest vectors with their
  /// reciprocal rows, and the projection onto their space.
  public mutating func repeatAlong(
    _ translations: [Vector3], vectors: [Vector3], reciprocal: [Vector3],
    projection: SymmetricTensor
  ) {
    func flat(_ rows: [Vector3]) -> [Double] {
      let numbers = rows.flatMap { [$0.x, $0.y, $0.z] }
      return numbers + Array(repeating: 0, count: 9 - numbers.count)
    }
    (self.vectors, self.reciprocal, along) = (flat(vectors), flat(reciprocal), projection.voigt)
    // Squares of the far ones are beyond every cutoff, and finite.
    let far = Array(repeating: 1e30, count: -translations.count & 7)
    self.translations = [
      translations.map(\.x), far, translations.map(\.y), far, translations.map(\.z), far,
    ].flatMap { $0 }
    let lengths = translations.map(\.length)
    let longest = lengths.last ?? 0
    let bins = longest > 0 ? 512 : 1
    binsPerLength = longest > 0 ? Double(bins) / longest : 1
    var within = 0
    vectorsWithin = (1...bins).map { bin in
      // All up to its upper end; the last bin has all there are.
      while within < lengths.count
        && (bin == bins || lengths[within] * binsPerLength <= Double(bin))
      {
        within += 1
      }
      return Int32((within + 7) / 8)
    }
  }

  /// Moves the atoms, one position each.
  public mutating func move(to positions: [Vector3]) {
    precondition(positions.count == count, "\(positions.count) positions for \(count) atoms")
    self.positions = positions.map(\.x) + positions.map(\.y) + positions.map(\.z)
  }

  private func withUnsafeTranslations<Result>(
    _ body: (UnsafeBufferPointer<Double>, UnsafeBufferPointer<Int32>) -> Result
  ) -> Result {
    translations.withUnsafeBufferPointer { translations in
      vectorsWithin.withUnsafeBufferPointer { body(translations, $0) }
    }
  }

  func withKernelLattice<Result>(
    _ body: (UnsafePointer<relax_dispersion_lattice>) -> Result
  ) -> Result {
    positions.withUnsafeBufferPointer { positions in
      species.withUnsafeBufferPointer { species in
        withUnsafeTranslations { translations, vectorsWithin in
          var lattice = relax_dispersion_lattice()
          let padded = translations.count / 3
          if let first = positions.baseAddress {
            (lattice.x, lattice.y, lattice.z) = (first, first + count, first + 2 * count)
          }
          if let first = translations.baseAddress {
            (lattice.tx, lattice.ty) = (first, first + padded)
            lattice.tz = first + 2 * padded
          }
          lattice.species = species.baseAddress
          (lattice.atoms, lattice.species_count) = (count, speciesCount)
          lattice.vectors_within = vectorsWithin.baseAddress
          (lattice.bins_per_length, lattice.bins) = (binsPerLength, vectorsWithin.count)
          withUnsafeMutableBytes(of: &lattice.vectors) { bytes in
            vectors.withUnsafeBytes { bytes.copyMemory(from: $0) }
          }
          withUnsafeMutableBytes(of: &lattice.reciprocal) { bytes in
            reciprocal.withUnsafeBytes { bytes.copyMemory(from: $0) }
          }
          withUnsafeMutableBytes(of: &lattice.along) { bytes in
            along.withUnsafeBytes { bytes.copyMemory(from: $0) }
          }
          return body(&lattice)
        }
      }
    }
  }
}
