// SPDX-License-Identifier: MIT

import RelaxNumerics
import Testing

@testable import Structures

@Suite("Nearest images")
struct NearestImageTests {
  private static let periodicities = [
    Periodicity(true, true, true), Periodicity(true, true, false), Periodicity(false, true, true),
    Periodicity(true, false, false),
  ]

  /// Three vectors of 3 to 9 Å, no two nearly parallel, in whole 64ths: their multiples are exact.
  private static func vectors(_ random: inout SeededGenerator) -> [Vector3] {
    let lengths = (0..<3).map { _ in random.uniform(3, 9) }
    let vectors = [
      lengths[0] * Vector3(1, random.uniform(-0.4, 0.4), random.uniform(-0.4, 0.4)),
      lengths[1] * Vector3(random.uniform(-0.4, 0.4), 1, random.uniform(-0.4, 0.4)),
      lengths[2] * Vector3(random.uniform(-0.4, 0.4), random.uniform(-0.4, 0.4), 1),
    ]
    return vectors.map { ($0 * 64).rounded(.toNearestOrEven) / 64 }
  }

  /// The shortest of the images up to six cells away, which for the vectors above is the shortest of all.
  private static func shortest(_ vector: Vector3, _ cell: Cell) -> Double {
    var best = Double.infinity
    let reach = SIMD3(
      cell.periodicity.a ? 6 : 0, cell.periodicity.b ? 6 : 0, cell.periodicity.c ? 6 : 0)
    for i in -reach.x...reach.x {
      for j in -reach.y...reach.y {
        for k in -reach.z...reach.z {
          let image = vector + cell.translation(CellOffset(Int32(i), Int32(j), Int32(k)))
          best = min(best, image.length)
        }
      }
    }
    return best
  }

  @Test("are the shortest of all", arguments: periodicities)
  func ordinary(_ periodicity: Periodicity) {
    var random = SeededGenerator(seed: 61)
    for _ in 0..<60 {
      let v = Self.vectors(&random)
      let cell = Cell(v[0], v[1], v[2], periodicity: periodicity)
      let displacement = Vector3(
        random.uniform(-5, 5), random.uniform(-5, 5), random.uniform(-5, 5))
      let found = cell.nearestImage(of: displacement)
      #expect(abs(found.length - Self.shortest(displacement, cell)) < 1e-12)
    }
  }

  @Test(
    "are the same however skewed the vectors are that span the lattice",
    arguments: periodicities, [10, 1000, 1_000_000])
  func skewed(_ periodicity: Periodicity, multiple: Int) {
    var random = SeededGenerator(seed: UInt64(multiple))
    let axes = (0..<3).filter { periodicity[$0] }
    // Beyond, the volume of such a cell has no digits left, and it is refused as degenerate.
    let multiple = axes.count == 3 ? min(multiple, 10_000) : multiple
    for _ in 0..<20 {
      let v = Self.vectors(&random)
      let cell = Cell(v[0], v[1], v[2], periodicity: periodicity)
      // Adding multiples of one vector to another changes no lattice.
      var skewed = v
      for (from, to) in zip(axes, axes.dropFirst()) {
        skewed[to] += Double(multiple - Int(random.next() % 5)) * v[from]
      }
      if axes.count > 1 { skewed[axes[0]] -= skewed[axes[1]] }
      let other = Cell(skewed[0], skewed[1], skewed[2], periodicity: periodicity)
      let displacement = Vector3(
        random.uniform(-5, 5), random.uniform(-5, 5), random.uniform(-5, 5))
      let expected = Self.shortest(displacement, cell)
      let found = other.nearestImage(of: displacement)
      #expect(abs(found.length - expected) < 1e-9, "\(skewed)")
    }
  }

  @Test("in the cell that was once searched for ever")
  func hopeless() {
    let cell = Cell(Vector3(1e6, 0, 0), Vector3(1e6, 3, 0), Vector3(0, 0, 20))
    #expect(cell.nearestImage(of: Vector3(0, 2, 0)) == Vector3(0, -1, 0))
    #expect(cell.nearestImage(of: Vector3(4e5, 7, 11)) == Vector3(4e5, 1, -9))
    let short = cell.nearestImage(of: Vector3(1e6 - 0.5, 0.25, 0))
    #expect((short - Vector3(-0.5, 0.25, 0)).length < 1e-9)
  }

  @Test("of what is too long, or no number, trap in no cell", arguments: periodicities)
  func extremes(_ periodicity: Periodicity) {
    let sizes = [1e-300, 1e-5, 1, 1e6, 1e39, 1e150, 1e300, Double.infinity, .nan]
    for size in sizes {
      for skew in [0, 1, 1e9, 1e300] {
        let cell = Cell(
          Vector3(size, 0, 0), Vector3(size * skew, size, 0), Vector3(0.1 * size, 0, size),
          periodicity: periodicity)
        for length in sizes {
          _ = cell.nearestImage(of: Vector3(length, -length, 0.3 * length))
        }
      }
    }
  }

  @Test("reduced vectors span the same lattice and are no longer than any others")
  func reduction() {
    var random = SeededGenerator(seed: 62)
    for _ in 0..<200 {
      let v = Self.vectors(&random)
      var skewed = v
      for _ in 0..<6 {
        let (i, j) = (Int(random.next() % 3), Int(random.next() % 3))
        if i != j { skewed[i] += Double(Int(random.next() % 9) - 4) * skewed[j] }
      }
      let reduced = ReducedLattice(skewed).vectors
      let volume = abs(reduced[0].dot(reduced[1].cross(reduced[2])))
      #expect(abs(volume / abs(v[0].dot(v[1].cross(v[2]))) - 1) < 1e-9)
      let longest = skewed.map(\.length).max() ?? 0
      #expect(reduced.allSatisfy { $0.length <= longest * (1 + 1e-12) })
      for (k, vector) in reduced.enumerated() {
        // No combination with the others makes one shorter.
        for step in [-1.0, 1] {
          for other in reduced.indices where other != k && other < k {
            #expect((vector + step * reduced[other]).length >= vector.length * (1 - 1e-12))
          }
        }
      }
    }
  }
}
