// SPDX-License-Identifier: MIT

import RelaxNumerics

/// The shortest vectors that span a lattice, for finding its point nearest to somewhere however long and
/// skewed the vectors are that it was given by.
///
/// Minkowski's reduction in up to three dimensions by the greedy algorithm (Nguyen and Stehlé, ACM
/// Trans. Algorithms 5, 46 (2009)): the longest vector is made as short as the others can make it, until
/// it stays the longest.
struct ReducedLattice {
  /// One to three vectors in Å, the shortest first.
  private(set) var vectors: [Vector3]
  /// With the shortest vectors as lattice vectors.
  private let cell: Cell
  /// Neighbouring points of the lattice, one of each opposite pair.
  ///
  /// In a reduced lattice of so few dimensions no others bound the region of what is nearest to a point,
  /// so whatever none of them brings nearer is nearest.
  private let steps: [Vector3]

  /// The lattice that one to three independent vectors (Å) span.
  init(_ vectors: some Collection<Vector3>) {
    precondition((1...3).contains(vectors.count), "a lattice of \(vectors.count) vectors")
    self.vectors = vectors.sorted { $0.lengthSquared < $1.lengthSquared }
    // Every round shortens a vector by a good share. Where digits run out, rounding may go round in a
    // circle; then any end is as good.
    var rounds = 0
    while self.vectors.count > 1, rounds < 200 {
      rounds += 1
      let others = ReducedLattice(self.vectors.dropLast())
      let last = others.shortest(of: self.vectors[others.vectors.count])
      self.vectors = others.vectors + [last]
      if last.lengthSquared >= others.vectors[others.vectors.count - 1].lengthSquared { break }
      self.vectors.sort { $0.lengthSquared < $1.lengthSquared }
    }
    let all = self.vectors + Array(repeating: .zero, count: 3 - vectors.count)
    cell = Cell(all[0], all[1], all[2], periodicity: .none)
    var steps: [Vector3] = []
    for number in 14..<27 {
      let (i, j, k) = (number % 3 - 1, number / 3 % 3 - 1, number / 9 - 1)
      guard k == 0 || vectors.count > 2, j == 0 || vectors.count > 1 else { continue }
      steps.append(Double(i) * all[0] + Double(j) * all[1] + Double(k) * all[2])
    }
    self.steps = steps
  }

  /// The shortest of all vectors that differ from `vector` (Å) by one of the lattice; a vector too long for
  /// its digits to tell comes back as it is.
  func shortest(of vector: Vector3) -> Vector3 {
    let s = cell.fractional(vector)
    guard s.isFinite else { return vector }
    var best = vector
    // From the longest on, in single roundings, so that what is left keeps its digits.
    for (axis, lattice) in vectors.enumerated().reversed() {
      best.addProduct(Vector3(repeating: -cell.fractional(best)[axis].rounded()), lattice)
    }
    for _ in 0..<200 {
      var (next, change) = (best, 0.0)
      for step in steps {
        // By how much the square grows: unlike the square it is told apart where much of the vector
        // points out of the lattice.
        for step in [step, -step] where 2 * best.dot(step) + step.lengthSquared < change {
          (next, change) = (best + step, 2 * best.dot(step) + step.lengthSquared)
        }
      }
      guard change < 0 else { break }
      best = next
    }
    return best
  }
}
