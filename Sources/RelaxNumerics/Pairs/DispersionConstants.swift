// SPDX-License-Identifier: MIT

import CKernels

/// What the inner loops of D3 need to know of the species of a structure, in atomic units.
public struct DispersionConstants: Sendable {
  /// How dispersion is kept from growing at short distances.
  public enum Damping: Sendable {
    /// Becke's and Johnson's: 1 / (rⁿ + Rⁿ).
    case rational
    /// To zero: 1 / (1 + 6 (R / r)ᵃ), with a = 14 for r⁻⁶ and 16 for r⁻⁸.
    case zero
  }

  /// Constants of a pair of species.
  public struct Pair: Sendable {
    /// Distance at which two atoms count as half a neighbour.
    public var countRadius: Double
    /// R at order 6 and 8.
    public var dampingRadius6: Double, dampingRadius8: Double
    /// Factors of C6 at order 6 (s6) and 8 (s8 C8 / C6).
    public var scale6: Double, scale8: Double
    /// Damping radius of this side of a triple.
    public var tripleRadius: Double
    /// C6 of each reference system of the first species with each of the second, at most eight each.
    public var c6: [[Double]]

    /// All constants of a pair.
    public init(
      countRadius: Double, dampingRadius6: Double, dampingRadius8: Double, scale6: Double,
      scale8: Double, tripleRadius: Double, c6: [[Double]]
    ) {
      (self.countRadius, self.tripleRadius, self.c6) = (countRadius, tripleRadius, c6)
      (self.dampingRadius6, self.dampingRadius8) = (dampingRadius6, dampingRadius8)
      (self.scale6, self.scale8) = (scale6, scale8)
    }
  }

  let damping: Damping
  let speciesCount: Int
  /// Eight coordination numbers a species, -1 where there are fewer reference systems.
  let references: [Double]
  /// A square of species.
  let pairs: [relax_dispersion_pair]

  /// Constants of `references.count` species.
  ///
  /// - Parameters:
  ///   - damping: of all pairs.
  ///   - references: coordination numbers of the reference systems of each species, at most eight.
  ///   - pair: constants of two species.
  public init(damping: Damping, references: [[Double]], pair: (Int, Int) -> Pair) {
    precondition(references.allSatisfy { (1...8).contains($0.count) }, "reference systems")
    self.damping = damping
    speciesCount = references.count
    self.references = references.flatMap { $0 + Array(repeating: -1, count: 8 - $0.count) }
    pairs = references.indices.flatMap { a in
      references.indices.map { Self.packed(pair(a, $0), damping) }
    }
  }

  private static func packed(_ pair: Pair, _ damping: Damping) -> relax_dispersion_pair {
    var packed = relax_dispersion_pair()
    packed.radius = pair.countRadius
    let (square6, square8) = (
      pair.dampingRadius6 * pair.dampingRadius6, pair.dampingRadius8 * pair.dampingRadius8
    )
    switch damping {
    case .rational:
      packed.damp6 = square6 * square6 * square6
      packed.damp8 = square8 * square8 * square8 * square8
    case .zero: (packed.damp6, packed.damp8) = (square6, square8)
    }
    (packed.scale6, packed.scale8) = (pair.scale6, pair.scale8)
    packed.triple = pair.tripleRadius
    withUnsafeMutableBytes(of: &packed.c6) { bytes in
      let numbers = bytes.bindMemory(to: Double.self)
      for (k, row) in pair.c6.enumerated() {
        for (m, c6) in row.enumerated() { numbers[8 * k + m] = c6 }
      }
    }
    return packed
  }
}
