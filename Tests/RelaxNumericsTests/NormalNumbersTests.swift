// SPDX-License-Identifier: MIT

import Foundation
import RelaxNumerics
import Testing

@Suite("Normal numbers") struct NormalNumbersTests {
  @Test("normal numbers have the normal distribution")
  func normal() {
    var generator = SeededGenerator(seed: 8)
    let count = 200_000
    let values = (0..<count).map { _ in generator.normal() }
    let n = Double(count)
    func moment(_ power: Int) -> Double { values.reduce(0) { $0 + pow($1, Double(power)) } / n }
    #expect(abs(moment(1)) < 5 / n.squareRoot())
    #expect(abs(moment(2) - 1) < 5 * (2 / n).squareRoot())
    #expect(abs(moment(3)) < 5 * (15 / n).squareRoot())
    #expect(abs(moment(4) - 3) < 5 * (96 / n).squareRoot())
    for edge in stride(from: -2.5, through: 2.5, by: 0.5) {
      let expected = 0.5 * erfc(-edge / 2.0.squareRoot())
      let found = Double(values.count { $0 < edge }) / n
      #expect(abs(found - expected) < 5 * (expected * (1 - expected) / n).squareRoot(), "\(edge)")
    }
  }
}
