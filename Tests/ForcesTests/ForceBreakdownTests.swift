// SPDX-License-Identifier: MIT

import Forces
import RelaxNumerics
import Structures
import Testing

@Suite("Errors of forces by element and size")
struct ForceBreakdownTests {
  @Test("Each free component counts once, for its element and for the size of its true force")
  func sums() throws {
    let (copper, oxygen) = (
      try #require(Element(symbol: "Cu")), try #require(Element(symbol: "O"))
    )
    var first = ForceBreakdown()
    first.add(copper, predicted: Vector3(0.1, 0, 0), target: .zero, freedom: .free)
    first.add(copper, predicted: Vector3(1, 1, 1), target: Vector3(0, 0.6, 0.8), freedom: .free)
    var second = ForceBreakdown()
    // Held along z: its force there is none, and its size is that of the others.
    second.add(
      oxygen, predicted: Vector3(0, 0.5, 9), target: Vector3(0.02, 0, 7), freedom: [.x, .y])
    second.add(oxygen, predicted: .zero, target: Vector3(0, 0, 5), freedom: .free)
    first.add(second)
    #expect(first.elements.count == 2)
    #expect(abs(try #require(first.elements[copper]?.mean) - (0.1 + 1.6) / 6) < 1e-15)
    #expect(abs(try #require(first.elements[oxygen]?.mean) - (0.52 + 5) / 5) < 1e-15)
    let classes = first.classes.map(\.mean)
    #expect(ForceBreakdown.sizes == [0, 0.01, 0.03, 0.1, 0.3, 1, 3])
    #expect(classes[0].map { abs($0 - 0.1 / 3) < 1e-15 } == true)
    #expect(classes[1].map { abs($0 - 0.26) < 1e-15 } == true)
    // A size of 1 is the first of its class.
    #expect(classes[5].map { abs($0 - 1.6 / 3) < 1e-15 } == true)
    #expect(classes[6].map { abs($0 - 5.0 / 3) < 1e-15 } == true)
    #expect(classes[2] == nil && classes[3] == nil && classes[4] == nil)
    #expect(first.classes.reduce(0) { $0 + $1.components } == 11)
  }
}
