// SPDX-License-Identifier: MIT

import RelaxNumerics
import Structures

/// Atoms in a cell, made up to be awkward.
public struct RandomSystem: Sendable, CustomStringConvertible {
  /// What is special about it.
  public var name: String
  /// Å.
  public var positions: [Vector3]
  /// Any cell without a defect.
  public var cell: Cell
  /// A cutoff in Å that makes sense for it.
  public var cutoff: Double
  /// Its name.
  public var description: String { name }

  /// A system of the given parts.
  public init(_ name: String, _ positions: [Vector3], _ cell: Cell, cutoff: Double) {
    (self.name, self.positions, self.cell, self.cutoff) = (name, positions, cell, cutoff)
  }

  /// The same atoms as a structure of copper.
  public var structure: Structure {
    let copper = Element(symbol: "Cu").map { Array(repeating: $0, count: positions.count) } ?? []
    return Structure(elements: copper, positions: positions, cell: cell)
  }

  /// Systems of every kind.
  ///
  /// Skewed, thin, left-handed, with any mix of periodic axes and with missing lattice vectors;
  /// atoms inside, at the faces and far outside.
  public static func assorted(_ count: Int, seed: UInt64) -> [RandomSystem] {
    var random = SeededGenerator(seed: seed)
    return (0..<count).map { make($0, &random) }
  }

  private static func make(_ index: Int, _ random: inout SeededGenerator) -> RandomSystem {
    let periodicity = Periodicity(index & 1 != 0, index & 2 != 0, index & 4 != 0)
    let thin = index % 3 == 0
    let size = thin ? 1.5...4.0 : 4.0...14.0
    var vectors: [Vector3] = []
    var cell = Cell.none
    repeat {
      vectors = (0..<3).map { axis in
        var vector = Vector3.zero
        for k in 0..<3 { vector[k] = random.uniform(-0.6, 0.6) * size.upperBound }
        vector[axis] = random.uniform(size.lowerBound, size.upperBound)
        return vector
      }
      if index % 5 == 1 { vectors.swapAt(0, 1) }  // left-handed
      for axis in 0..<3 where !periodicity[axis] && index % 4 == 2 { vectors[axis] = .zero }
      cell = Cell(vectors[0], vectors[1], vectors[2], periodicity: periodicity)
    } while cell.defect != nil || (0..<3).contains { cell.height($0) < 0.9 }
    let atoms = [1, 2, 5, 17, 40][index % 5]
    let spread = index % 7 == 3 ? 30.0 : index % 2 == 0 ? 1.0 : 1.8
    let positions = (0..<atoms).map { _ in
      var s = Vector3(random.uniform(), random.uniform(), random.uniform())
      s = (s - 0.5) * spread + 0.5
      if random.uniform() < 0.1 { s.x = s.x.rounded() }  // exactly at a face
      return cell.cartesian(s)
    }
    let cutoff = thin ? random.uniform(2, 5) : random.uniform(3, 7)
    let name =
      "\(index): \(atoms) atoms, pbc \(periodicity.a) \(periodicity.b) \(periodicity.c)"
      + (thin ? ", thin" : "") + (spread > 2 ? ", scattered" : "")
    return RandomSystem(name, positions, cell, cutoff: cutoff)
  }
}
