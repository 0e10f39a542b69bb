// SPDX-License-Identifier: MIT

import Files
import Scoring
import StructureFiles

extension ScoreReport {
  /// The whole score for programs: lengths in Å, forces in eV/Å, shares from 0 to 1, `null` for what
  /// is not known.
  public var json: JSONText {
    var members = self.members
    if !score.leftOut.isEmpty {
      members.append(
        .init(
          "left_out",
          .array(score.leftOut.map { ["id": .string($0.id), "reason": .string($0.reason)] })))
    }
    return .object(members)
  }

  private var members: [JSONText.Member] {
    [
      .init("adwt", .number(score.adwt)),
      .init("afbt", JSONText(score.afbt)),
      .init("summary", described(score.overall)),
      .init(
        "splits",
        .array(
          score.splits.map { ["name": .string($0.name), "summary": described($0.summary)] })),
      .init("average", score.average.map(described) ?? nil),
      .init("without_anomalies", score.normal.map(described) ?? nil),
      .init("anomalies", anomalies),
      .init(
        "structures",
        .array(
          score.structures.map {
            described($0)
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
    ]
  }

  private func described(_ entry: RelaxationScore.Entry) -> JSONText {
    var members: [JSONText.Member] = [
      .init("id", .string(entry.id)), .init("split", entry.split.map(JSONText.string) ?? nil),
      .init("distance", JSONText(entry.distance)), .init("fmax", JSONText(entry.fmax)),
      .init("rmsd", JSONText(entry.displacements?.rootMeanSquare)),
      .init("position_mae", JSONText(entry.displacements?.meanAbsoluteComponent)),
      .init("largest_displacement", JSONText(entry.displacements?.largest)),
      .init("energy", JSONText(entry.energy)),
      .init("energy_error", JSONText(entry.energyError)),
      .init("status", (entry.status?.rawValue).map(JSONText.string) ?? nil),
      .init("steps", entry.steps.map(JSONText.integer) ?? nil),
      .init(
        "anomalies",
        entry.anomalies.map { found in
          JSONText(Anomaly.allCases.filter(found.contains).map(\.rawValue))
        } ?? nil),
    ]
    if let exchange = entry.exchange {
      members.append(.init("distance_with_rows_exchanged", .number(exchange.distance)))
    }
    return .object(members)
  }

  private func described(_ summary: ScoreSummary) -> JSONText {
    func marks(_ marks: [ScoreSummary.Mark]) -> JSONText {
      .array(marks.map { ["limit": .number($0.limit), "share": .number($0.share)] })
    }
    let counts = summary.counts
    return [
      "structures": .integer(counts.references), "scored": .integer(counts.scored),
      "adwt": .number(summary.adwt), "dwt": marks(summary.dwt),
      "afbt": JSONText(summary.afbt), "afbt_of_known": JSONText(summary.afbtOfKnown),
      "fbt": marks(summary.fbt), "joint": JSONText(summary.joint),
      "mean_distance": JSONText(summary.meanDistance),
      "position_mae": JSONText(summary.positionError), "rmsd": JSONText(summary.rootMeanSquare),
      "energy_mae": JSONText(summary.energyError), "energies": .integer(counts.withEnergies),
      "converged": JSONText(summary.converged), "steps": JSONText(summary.steps),
    ]
  }

  private var anomalies: JSONText {
    guard score.normal != nil, let limits = score.settings.anomalies else { return nil }
    var members = score.anomalyCounts.map { item in
      JSONText.Member(item.anomaly.rawValue, .integer(item.count))
    }
    members.append(
      .init("none", .integer(score.structures.count { $0.anomalies?.isEmpty == true })))
    members.append(.init("unknown", .integer(score.structures.count { $0.anomalies == nil })))
    members.append(
      .init(
        "limits",
        [
          "bond": .number(limits.bond), "loose_bond": .number(limits.looseBond),
          "migration": .number(limits.migration),
        ]))
    return .object(members)
  }

  private var counted: JSONText {
    [
      "references": .integer(score.structures.count), "scored": .integer(score.scored),
      "missing": .integer(score.missing.count), "extra": .integer(score.extra.count),
      "failed": .integer(score.failures.count), "unlabelled": .integer(score.unlabelled.count),
    ]
  }

  private var settings: JSONText {
    func limits(_ thresholds: Thresholds, unit: String) -> JSONText {
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
      "distance": "mean over judged atoms of the distance to the image",
      "distance_thresholds": limits(score.settings.distanceLimits, unit: "Å"),
      "force": .string(score.settings.forceMeasure.rawValue),
      "force_thresholds": limits(score.settings.forceLimits, unit: "eV/Å"),
      "atoms": .string(score.settings.atoms.rawValue),
      "cell": "of the reference",
      "image": .string(score.settings.convention.rawValue),
      "missing": .string(score.settings.missing.rawValue),
      "failed": .string(score.settings.failed.rawValue),
      "unlabelled": .string(score.settings.unlabelled.rawValue),
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
