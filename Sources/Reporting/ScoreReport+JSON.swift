// SPDX-License-Identifier: MIT

import Scoring
import StructureFiles

extension ScoreReport {
  /// The whole score for programs: lengths in Å, forces in eV/Å, shares from 0 to 1, `null` for what
  /// is not known.
  public var json: JSONText {
    .object([
      .init("adwt", .number(score.adwt)),
      .init("afbt", JSONText(score.afbt)),
      .init(
        "structures",
        .array(
          score.structures.map {
            [
              "id": .string($0.id), "distance": JSONText($0.distance), "fmax": JSONText($0.fmax),
            ]
          })),
      .init("missing", JSONText(score.missing)),
      .init("extra", JSONText(score.extra)),
      .init(
        "failed",
        .array(
          score.failures.map {
            [
              "id": .string($0.id), "reason": .string($0.reason),
              "metrics": $0.extent == .all ? ["adwt", "afbt"] : ["afbt"],
            ]
          })),
      .init("unlabelled", JSONText(score.unlabelled)),
      .init("unused_labels", JSONText(score.unusedLabels)),
      .init("counts", counted),
      .init("settings", settings),
      .init("curves", curves),
    ])
  }

  private var counted: JSONText {
    [
      "references": .integer(score.structures.count), "scored": .integer(score.scored),
      "missing": .integer(score.missing.count), "extra": .integer(score.extra.count),
      "failed": .integer(score.failures.count), "unlabelled": .integer(score.unlabelled.count),
    ]
  }

  private var settings: JSONText {
    func described(_ thresholds: Thresholds, unit: String) -> JSONText {
      [
        "first": .number(thresholds.first), "last": .number(thresholds.last),
        "step": .number(thresholds.step), "count": .integer(thresholds.count),
        "unit": .string(unit), "comparison": "strictly below",
      ]
    }
    let forces: JSONText
    switch score.settings.forces {
    case .none: forces = nil
    case .labels(let name): forces = ["source": "labels", "name": .string(name)]
    case .provider(let name): forces = ["source": "provider", "name": .string(name)]
    }
    let released = score.settings.convention == .ocp
    return [
      "predicted": .string(predicted),
      "reference": .string(reference),
      "distance": "mean over free atoms of the distance to the image",
      "distance_thresholds": described(.distance, unit: "Å"),
      "force": "largest norm over free atoms",
      "force_thresholds": described(.force, unit: "eV/Å"),
      "atoms": "free in the reference",
      "cell": "of the reference",
      "image": .string(score.settings.convention.rawValue),
      "failures": "in the denominator",
      "failed_statuses": released
        ? []
        : JSONText(PredictionStatus.allCases.filter { !$0.isScored }.map(\.rawValue)),
      "forces": forces,
    ]
  }

  private var curves: JSONText {
    guard let curves = score.curves else { return nil }
    return [
      "step": .array(curves.steps.map(JSONText.integer)),
      "adwt": .array(curves.adwt.map(JSONText.number)),
      "mean_distance": .array(curves.meanDistance.map(JSONText.number)),
    ]
  }
}
