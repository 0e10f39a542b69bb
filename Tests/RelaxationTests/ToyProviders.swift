// SPDX-License-Identifier: MIT

import Forces
import Numerics
import Structures

/// Springs that pull every atom to its own place: energy and minimum are known in closed form.
struct Springs: ForceProvider {
  var centers: [Vector3]
  var stiffness = 3.0

  var specification: String { "springs" }
  var knownElements: Set<Element>? { nil }

  struct Evaluation: Evaluator {
    var springs: Springs
    func evaluate(_ positions: [Vector3], forces: inout [Vector3]) -> Double? {
      var energy = 0.0
      for i in positions.indices {
        let away = positions[i] - springs.centers[i % springs.centers.count]
        forces[i] = -springs.stiffness * away
        energy += 0.5 * springs.stiffness * away.lengthSquared
      }
      return energy
    }
  }

  func makeEvaluator(for structure: Structure) -> any Evaluator { Evaluation(springs: self) }
}

/// Forces that a closure makes from the number of the evaluation and the positions.
struct Scripted: ForceProvider {
  var specification: String { "scripted" }
  var knownElements: Set<Element>? { nil }
  var script: @Sendable (Int, [Vector3]) throws -> (energy: Double?, forces: [Vector3])

  struct Evaluation: Evaluator {
    var script: @Sendable (Int, [Vector3]) throws -> (energy: Double?, forces: [Vector3])
    var number = 0
    mutating func evaluate(_ positions: [Vector3], forces: inout [Vector3]) throws -> Double? {
      let result = try script(number, positions)
      number += 1
      forces = result.forces
      return result.energy
    }
  }

  func makeEvaluator(for structure: Structure) -> any Evaluator { Evaluation(script: script) }
}

/// Copper atoms in a row, far enough from each other for any check.
func coppers(_ count: Int, mask: MoveMask? = nil) -> Structure {
  let copper = Element.allForTests[28]
  return Structure(
    elements: Array(repeating: copper, count: count),
    positions: (0..<count).map { Vector3(3 * Double($0), 0, 0) },
    moveMask: mask)
}

extension Element {
  static var allForTests: [Element] { (1...118).compactMap(Element.init(atomicNumber:)) }
}
