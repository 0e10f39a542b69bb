// SPDX-License-Identifier: MIT

import RelaxNumerics
import Structures
import Testing

@testable import Training

@Suite("The order of data")
struct DataOrderTests {
  @Test("An epoch has every frame once, each epoch in another order")
  func epochs() {
    var order = DataOrder(sets: [(7, 1), (5, 1)], seed: 3)
    #expect(order.epochLength == 12)
    let epochs = (0..<4).map { order.frames(at: 12 * $0..<12 * ($0 + 1)) }
    for epoch in epochs { #expect(epoch.sorted() == Array(0..<12)) }
    #expect(Set(epochs).count == 4)
    // Sets are mixed: the first seven places are not the first set.
    #expect(epochs.contains { !Set($0.prefix(7)).isSubset(of: 0..<7) })
  }

  @Test("What follows does not depend on where one begins, nor on the size of batches")
  func anywhere() {
    var whole = DataOrder(sets: [(7, 1), (9, 0.5)], seed: 11)
    let row = whole.frames(at: 0..<100)
    for start in [0, 1, 12, 57, 99] {
      var other = DataOrder(sets: [(7, 1), (9, 0.5)], seed: 11)
      #expect(other.frames(at: start..<100) == Array(row[start...]))
    }
    var other = DataOrder(sets: [(7, 1), (9, 0.5)], seed: 12)
    #expect(other.frames(at: 0..<100) != row)
  }

  @Test("A weight is a share, and nothing comes twice before all has come")
  func weights() {
    var order = DataOrder(sets: [(10, 1), (8, 0.5), (3, 2)], seed: 1)
    #expect(order.epochLength == 10 + 4 + 6)
    for pair in 0..<5 {
      let row = order.frames(at: 40 * pair..<40 * (pair + 1))
      let counts = Dictionary(grouping: row) { $0 }.mapValues(\.count)
      for frame in 0..<10 { #expect(counts[frame] == 2) }
      for frame in 10..<18 { #expect(counts[frame] == 1, "half of the set an epoch") }
      for frame in 18..<21 { #expect(counts[frame] == 4) }
    }
  }

  @Test("Every place of a shuffled row is as likely as any other")
  func uniform() {
    var counts = Array(repeating: Array(repeating: 0, count: 5), count: 5)
    for seed in 0..<4000 {
      var row = Array(0..<5)
      var generator = RandomPurpose.order.generator(seed: UInt64(seed), stream: 0)
      generator.shuffle(&row)
      for (place, element) in row.enumerated() { counts[place][element] += 1 }
    }
    // 800 expected, standard deviation 25.
    for count in counts.flatMap({ $0 }) { #expect((675...925).contains(count)) }
  }
}

@Suite("Rotations about the surface normal")
struct SurfaceRotationTests {
  private func sample() throws -> TrainingSample {
    let cell = Cell(
      Vector3(4, 0, 0), Vector3(1, 3, 0), Vector3(0.5, 0.25, 20),
      periodicity: Periodicity(true, true, false))
    let positions = [Vector3(0, 0, 1), Vector3(2, 1, 3), Vector3(-1, 5, 2)]
    return TrainingSample(
      structure: Structure(
        elements: Array(repeating: try #require(Element(symbol: "Cu")), count: 3),
        positions: positions, cell: cell),
      forces: [Vector3(1, 0, 0), Vector3(0, 2, -1), Vector3(0.3, 0.4, 0.5)], weights: [1, 1, 0.05])
  }

  @Test("turn positions, cell and forces together and leave z alone")
  func together() throws {
    let sample = try sample()
    var generator = SeededGenerator(seed: 5)
    for _ in 0..<20 {
      let rotation = SurfaceRotation(&generator)
      #expect(abs(rotation.cosine * rotation.cosine + rotation.sine * rotation.sine - 1) < 1e-15)
      let turned = sample.turned(by: rotation)
      #expect(turned.weights == sample.weights)
      #expect(turned.structure.cell.periodicity == sample.structure.cell.periodicity)
      #expect(abs(turned.structure.cell.volume - sample.structure.cell.volume) < 1e-12)
      for i in 0..<3 {
        let (a, b) = (sample.structure.positions[i], turned.structure.positions[i])
        #expect(a.z == b.z && sample.forces[i].z == turned.forces[i].z)
        // All angles between positions, cell and forces stay.
        #expect(abs(a.dot(sample.forces[i]) - b.dot(turned.forces[i])) < 1e-13)
        let fractional = sample.structure.cell.fractional(a)
        #expect((turned.structure.cell.fractional(b) - fractional).length < 1e-13)
        // The same sense of rotation: a mirror image would turn this sign.
        #expect(
          abs(a.cross(sample.forces[i]).z - b.cross(turned.forces[i]).z) < 1e-13)
      }
    }
  }

  @Test("have every angle equally often")
  func uniform() {
    var generator = SeededGenerator(seed: 7)
    var counts = Array(repeating: 0, count: 8)
    for _ in 0..<8000 {
      let rotation = SurfaceRotation(&generator)
      let octant =
        (rotation.sine < 0 ? 4 : 0) + (rotation.cosine < 0 ? 2 : 0)
        + (abs(rotation.sine) < abs(rotation.cosine) ? 1 : 0)
      counts[octant] += 1
    }
    for count in counts { #expect((850...1150).contains(count)) }
  }
}
