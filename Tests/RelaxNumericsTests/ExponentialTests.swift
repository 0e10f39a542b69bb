// SPDX-License-Identifier: MIT

import Foundation
import RelaxNumerics
import TestSupport
import Testing

@Suite("The exponential of the kernels")
struct ExponentialTests {
  /// Arguments over the whole range, near zero and near the points where rounding changes.
  private static let arguments: [Double] = {
    var random = SeededGenerator(seed: 20)
    var values = [0, -0.0, 1, -1, 700, -700, 0x1p-30, -0x1p-60, Double.leastNormalMagnitude]
    for _ in 0..<20_000 { values.append(random.uniform(-700, 700)) }
    for _ in 0..<20_000 { values.append(random.uniform(-12, 12)) }
    for n in -1000...1000 {
      let halfway = (Double(n) + 0.5) * log(2)
      values += [halfway, halfway.nextUp, halfway.nextDown]
    }
    return values
  }()

  @Test("agrees with the C library's within two units in the last place up to 700")
  func accuracy() {
    let expected = Self.arguments.map { exp($0) }
    onEveryKernelSet { set in
      var found = Self.arguments
      exponentiate(&found, kernels: set)
      let worst = zip(found, expected).map { abs($0 - $1) / $1 }.max() ?? .infinity
      // 2 × 2.22e-16; the C library itself is within one unit.
      #expect(worst <= 4.5e-16, "\(set.name): \(worst)")
    }
  }

  @Test("does every element of an array of any length, and no other")
  func lengths() {
    onEveryKernelSet { set in
      for count in 0...25 {
        var values = (0..<count).map { Double($0) / 8 }
        exponentiate(&values, kernels: set)
        for (k, value) in values.enumerated() {
          #expect(abs(value / exp(Double(k) / 8) - 1) <= 4.5e-16, "\(set.name)")
        }
      }
    }
  }
}
