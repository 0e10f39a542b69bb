// SPDX-License-Identifier: MIT

import Foundation
import Networks
import RelaxNumerics
import Testing

@testable import ReferenceNetworks

@Suite("Spherical harmonics") struct SphericalHarmonicsTests {
  /// Random directions, the axes, and directions beside the poles.
  private var directions: [Vector3] {
    var random = SeededGenerator(seed: 71)
    var result = [
      Vector3(0, 0, 1), Vector3(0, 0, -1), Vector3(1, 0, 0), Vector3(0, -1, 0),
      Vector3(1e-4, 0, 1), Vector3(-1e-3, 2e-3, -1),
    ]
    for _ in 0..<50 {
      result.append(
        Vector3(random.uniform(-1, 1), random.uniform(-1, 1), random.uniform(-1, 1)))
    }
    return result.map { $0 / $0.length }
  }

  @Test("They are those of the definition", arguments: 1...7, Basis.Degrees.allCases)
  func definition(degrees: Int, which: Basis.Degrees) {
    let harmonics = SphericalHarmonics(degrees: degrees, which: which)
    let expected = directions.flatMap {
      referenceHarmonics([$0.x, $0.y, $0.z], degrees: degrees, which: which)
    }
    let values = harmonics.evaluate(directions)
    #expect(values.count == directions.count * harmonics.count && values.count == expected.count)
    // acos loses digits beside the poles, in the definition.
    for (a, b) in zip(values, expected) { #expect(abs(a - b) <= 1e-10) }
  }

  @Test("All degrees below L make L² functions, odd and even ones share them")
  func counts() {
    for degrees in 1...7 {
      let counts = [Basis.Degrees.all, .sine, .cosine].map {
        SphericalHarmonics(degrees: degrees, which: $0).count
      }
      #expect(counts[0] == degrees * degrees)
      #expect(counts[1] + counts[2] == counts[0])
    }
  }

  @Test("Squares of one degree add up to (2l + 1)/4π, orders above zero counted twice")
  func unsold() {
    for direction in directions {
      var below = 0.0
      for degrees in 1...6 {
        let harmonics = SphericalHarmonics(degrees: degrees, which: .all)
        let values = harmonics.evaluate([direction])
        let zonal = values.prefix(degrees).reduce(0) { $0 + $1 * $1 }
        let total = zonal + 2 * values.dropFirst(degrees).reduce(0) { $0 + $1 * $1 }
        #expect(abs(total - below - Double(2 * degrees - 1) / (4 * .pi)) <= 1e-13)
        below = total
      }
    }
  }
}
