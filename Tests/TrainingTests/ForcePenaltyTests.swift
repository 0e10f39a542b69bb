// SPDX-License-Identifier: MIT

import Testing

@testable import Training

@Suite("What errors count") struct ForcePenaltyTests {
  @Test("In the paper their absolute value, whose slope is none at 0")
  func absolute() {
    for (error, slope) in [(-2.5, -1.0), (0, 0), (1e-9, 1)] {
      let found = ForcePenalty.absolute.of(error)
      #expect(found.penalty == abs(error) && found.slope == slope)
    }
  }

  @Test("By Huber a parabola up to δ, a straight line beyond")
  func huber() {
    let penalty = ForcePenalty.huber(below: 0.5)
    for (error, counted, slope) in [
      (0.0, 0.0, 0.0), (0.25, 0.0625, 0.5), (-0.25, 0.0625, -0.5), (0.5, 0.25, 1), (-0.5, 0.25, -1),
      (2.0, 1.75, 1), (-2.0, 1.75, -1),
    ] {
      let found = penalty.of(error)
      #expect(found.penalty == counted && found.slope == slope, "\(error)")
    }
  }

  @Test("Slopes are derivatives", arguments: [-1.3, -0.2, -0.01, 0.004, 0.3, 0.9])
  func derivative(error: Double) {
    for penalty in [ForcePenalty.absolute, .huber(below: 0.25), .huber(below: 0.01)] {
      let h = 1e-7
      let difference = penalty.of(error + h).penalty - penalty.of(error - h).penalty
      #expect(abs(difference / (2 * h) - penalty.of(error).slope) < 1e-5)
    }
  }
}
