// SPDX-License-Identifier: MIT

import Forces
import RelaxNumerics
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

/// Any provider, as a network evaluates it: while atoms move, fixed ones get no force, and there is no
/// energy.
struct FreeOnly: ForceProvider {
  var base: any ForceProvider
  /// What stands in for the forces on fixed atoms that are left out.
  var leftover = Vector3.zero
  /// Called by `evaluate` with the number of evaluations before it; throws to make it fail.
  var onComplete: @Sendable (Int) throws -> Void = { _ in }
  /// Changes what `evaluate` has computed.
  var spoil: @Sendable (inout Double?, inout [Vector3]) -> Void = { _, _ in }
  var identity = "free-only"

  var specification: String { "free-only" }
  var knownElements: Set<Element>? { base.knownElements }
  var isConservative: Bool { false }

  struct Evaluation: Evaluator {
    var provider: FreeOnly
    var evaluator: any Evaluator
    var fixed: [Int]
    var number = 0
    var leavesOutFixedAtoms: Bool { true }

    mutating func evaluate(_ positions: [Vector3], forces: inout [Vector3]) throws -> Double? {
      try provider.onComplete(number)
      number += 1
      var energy = try evaluator.evaluate(positions, forces: &forces)
      provider.spoil(&energy, &forces)
      return energy
    }

    mutating func evaluateFreeAtoms(_ positions: [Vector3], forces: inout [Vector3]) throws
      -> Double?
    {
      number += 1
      _ = try evaluator.evaluate(positions, forces: &forces)
      for atom in fixed { forces[atom] = provider.leftover }
      return nil
    }
  }

  func makeEvaluator(for structure: Structure) throws -> any Evaluator {
    let free = Set(structure.freeAtoms)
    return Evaluation(
      provider: self, evaluator: try base.makeEvaluator(for: structure),
      fixed: (0..<structure.count).filter { !free.contains($0) })
  }
}

extension Element {
  static var allForTests: [Element] { (1...118).compactMap(Element.init(atomicNumber:)) }
}

/// A bowl that also turns: F = −k (x − c) + w n × (x − c), around each atom's own center.
///
/// The second part has no energy. With a radius R the bowl becomes a ring, k (|x − c|²/R² − 1) in
/// place of k, on which the field turns for ever.
struct Whirl: ForceProvider {
  var centers: [Vector3]
  /// k, eV/Å².
  var stiffness: Double
  /// w, eV/Å², around the z axis.
  var rotation: Double
  /// R, Å.
  var radius: Double?

  var specification: String { "whirl" }
  var knownElements: Set<Element>? { nil }
  var isConservative: Bool { false }

  struct Evaluation: Evaluator {
    var whirl: Whirl
    func evaluate(_ positions: [Vector3], forces: inout [Vector3]) -> Double? {
      for i in positions.indices {
        let away = positions[i] - whirl.centers[i % whirl.centers.count]
        let shape = whirl.radius.map { away.lengthSquared / ($0 * $0) - 1 } ?? 1
        forces[i] =
          -whirl.stiffness * shape * away + whirl.rotation * Vector3(-away.y, away.x, 0)
      }
      return nil
    }
  }

  func makeEvaluator(for structure: Structure) -> any Evaluator { Evaluation(whirl: self) }
}
