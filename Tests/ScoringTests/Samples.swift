// SPDX-License-Identifier: MIT

import RelaxNumerics
import Structures

@testable import Scoring

/// Small structures to score.
enum Samples {
  static let copper = element("Cu")
  static let oxygen = element("O")

  static func element(_ symbol: String) -> Element {
    guard let element = Element(symbol: symbol) else { fatalError("no element \(symbol)") }
    return element
  }

  /// A skewed cell whose reduced image by fractions is not the nearest.
  static let skewed = Cell(Vector3(6, 0, 0), Vector3(2.9, 5.2, 0), Vector3(-2.5, 2.4, 9))

  /// Four copper atoms, of which the first is fixed, and one oxygen.
  static func reference(_ id: String?, cell: Cell = skewed) -> Structure {
    Structure(
      elements: [copper, copper, copper, copper, oxygen],
      positions: [
        Vector3(0, 0, 0), Vector3(2.5, 0.1, 0.2), Vector3(0.3, 2.6, 0.1), Vector3(2.4, 2.2, 2.0),
        Vector3(1.3, 1.2, 3.4),
      ],
      cell: cell, moveMask: MoveMask(free: [false, true, true, true, true]),
      attributes: id.map { [Attribute(name: "sid", text: $0)] } ?? [])
  }

  /// `structure` with its free atoms moved by `distance` Å, each in a direction of its own.
  static func moved(_ structure: Structure, by distance: Double) -> Structure {
    let directions = [
      Vector3(1, 0, 0), Vector3(0.6, 0.8, 0), Vector3(0, -0.6, 0.8), Vector3(0, 0, -1),
      Vector3(-0.8, 0, 0.6),
    ]
    var result = structure
    for atom in structure.freeAtoms { result.positions[atom] += distance * directions[atom] }
    return result
  }

  static func with(_ structure: Structure, _ name: String, _ text: String) -> Structure {
    var result = structure
    result.attributes.append(Attribute(name: name, text: text))
    return result
  }

  /// Scores predictions against references.
  static func score(
    _ predictions: [Structure], against references: [Structure],
    convention: ScoringConvention = .nearestImage, labels: [Structure]? = nil
  ) throws -> RelaxationScore {
    var scorer = RelaxationScorer(
      ScoringSettings(
        convention: convention, forces: labels == nil ? .none : .labels("labels.extxyz")))
    for reference in references { try scorer.add(reference: reference) }
    for prediction in predictions { try scorer.add(prediction: prediction) }
    for label in labels ?? [] { try scorer.add(label: label) }
    return try scorer.finish()
  }
}
