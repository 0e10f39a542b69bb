// SPDX-License-Identifier: MIT

import Forces
import RelaxNumerics
import Structures

/// Forces that a closure makes from the number of the evaluation and the positions.
struct Scripted: ForceProvider {
  var specification: String { "scripted" }
  var knownElements: Set<Element>? { nil }
  var script: Script
  /// Called when the evaluator is closed.
  var onClose: @Sendable () -> Void = {}

  typealias Script =
    @Sendable (Int, [Vector3]) throws(ForceError) -> (energy: Double?, forces: [Vector3])

  struct Answer: Evaluator {
    var script: Script
    var onClose: @Sendable () -> Void
    var number = 0
    mutating func evaluate(
      _ geometry: Geometry, wanting: Quantities, cancellation: Cancellation
    ) throws(ForceError) -> Evaluation {
      let result = try script(number, geometry.positions)
      number += 1
      return Evaluation(energy: result.energy, forces: result.forces)
    }
    func close() { onClose() }
  }

  func makeEvaluator(for structure: Structure) -> any Evaluator {
    Answer(script: script, onClose: onClose)
  }
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
  /// Called where all forces are wanted, with the number of evaluations before; throws to make it fail.
  var onComplete: @Sendable (Int) throws(ForceError) -> Void = { _ in }
  /// Changes what was computed where all forces are wanted.
  var spoil: @Sendable (inout Double?, inout [Vector3]) -> Void = { _, _ in }
  var identity = "free-only"

  var specification: String { "free-only" }
  var knownElements: Set<Element>? { base.knownElements }
  var isConservative: Bool { false }

  struct Answer: Evaluator {
    var provider: FreeOnly
    var evaluator: any Evaluator
    var fixed: [Int]
    var number = 0

    mutating func evaluate(
      _ geometry: Geometry, wanting: Quantities, cancellation: Cancellation
    ) throws(ForceError) -> Evaluation {
      if wanting.contains(.forces) { try provider.onComplete(number) }
      number += 1
      var found = try evaluator.evaluate(geometry, wanting: wanting, cancellation: cancellation)
      if wanting.contains(.forces) {
        provider.spoil(&found.energy, &found.forces)
      } else {
        for atom in fixed { found.forces[atom] = provider.leftover }
        (found.energy, found.coverage) = (nil, .free)
      }
      return found
    }

    mutating func follow(_ geometry: Geometry) throws(ForceError) {
      try evaluator.follow(geometry)
    }
  }

  func makeEvaluator(for structure: Structure) throws(ForceError) -> any Evaluator {
    let free = Set(structure.freeAtoms)
    return Answer(
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

  struct Answer: Evaluator {
    var whirl: Whirl
    func evaluate(
      _ geometry: Geometry, wanting: Quantities, cancellation: Cancellation
    ) -> Evaluation {
      let forces = geometry.positions.enumerated().map { i, position in
        let away = position - whirl.centers[i % whirl.centers.count]
        let shape = whirl.radius.map { away.lengthSquared / ($0 * $0) - 1 } ?? 1
        return -whirl.stiffness * shape * away + whirl.rotation * Vector3(-away.y, away.x, 0)
      }
      return Evaluation(forces: forces)
    }
  }

  func makeEvaluator(for structure: Structure) -> any Evaluator { Answer(whirl: self) }
}
