// SPDX-License-Identifier: MIT

import RelaxNumerics
import Testing

@testable import ReferenceNetworks

/// Compares derivatives with differences of what they are of, along random directions, tensor by tensor.
func expectSlopes(
  _ gradients: [String: [Double]], of value: ([String: ReferenceTensor]) -> Double,
  at tensors: [String: ReferenceTensor], _ random: inout SeededGenerator, _ what: String
) {
  let whole = gradients.values.flatMap { $0 }.reduce(0) { $0 + $1 * $1 }.squareRoot()
  #expect(whole > 0 && whole.isFinite)
  for (name, gradient) in gradients.sorted(by: { $0.key < $1.key }) {
    let direction = gradient.map { _ in random.uniform(-1, 1) }
    let slope = zip(gradient, direction).reduce(0) { $0 + $1.0 * $1.1 }
    func difference(_ h: Double) -> Double {
      func moved(_ sign: Double) -> Double {
        var moved = tensors
        moved[name]?.values = zip(tensors[name]?.values ?? [], direction)
          .map { $0 + sign * h * $1 }
        return value(moved)
      }
      return (moved(1) - moved(-1)) / (2 * h)
    }
    // Losses have kinks where a force or an activation changes sign. A shorter step may miss the
    // kink that a longer one meets; a wrong derivative is wrong at any.
    let size = zip(gradient, direction).reduce(0) { $0 + abs($1.0 * $1.1) }
    let tolerance = 1e-6 * max(size, 1e-3 * whole)
    let isRight = [1e-5, 1e-6, 1e-7].contains { abs(difference($0) - slope) <= tolerance }
    #expect(isRight, "\(name): \(slope), but \(difference(1e-6)) in \(what)")
  }
}
