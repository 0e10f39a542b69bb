// SPDX-License-Identifier: MIT

import Files
import RelaxNumerics
import Scoring
import StructureFiles

extension EvaluationReport {
  /// The whole score for programs: forces in eV/Å, energies in eV, shares from 0 to 1, `null` where
  /// there is nothing to average.
  public var json: JSONText {
    [
      "splits": .array(
        score.splits.map { split in
          .object(
            [
              .init("name", .string(split.name)), .init("path", .string(split.path)),
              .init("files", .integer(split.files)), .init("frames", .integer(split.frames)),
              .init("frames_failed", .integer(split.failures.count)),
              .init("frames_without_free_atoms", .integer(split.framesWithoutFreeAtoms)),
              .init("free_atoms", .integer(split.forces.atoms)),
              .init("energies", .integer(split.energies.structures)),
            ] + members(split.metrics)
              + [.init("baseline_median_force", vector(split.baselines.median))])
        }),
      "average": .object(
        [
          .init("frames", .integer(score.frames)),
          .init("free_atoms", .integer(score.splits.reduce(0) { $0 + $1.forces.atoms })),
        ] + members(score.average)),
      "failed": .array(
        score.splits.flatMap { split in
          split.failures.map {
            [
              "split": .string(split.name), "id": .string($0.id), "frame": .integer($0.frame),
              "reason": .string($0.reason),
            ]
          }
        }),
      "settings": settings,
    ]
  }

  private func members(_ metrics: SplitMetrics) -> [JSONText.Member] {
    [
      .init("force_mae", .number(metrics.forceError)),
      .init("force_mae_xyz", vector(metrics.forceErrorByAxis)),
      .init("force_cosine", .number(metrics.forceCosine)),
      .init("force_magnitude_mae", .number(metrics.forceMagnitudeError)),
      .init("force_within_threshold", .number(metrics.forceShareWithinThreshold)),
      .init("energy_mae", .number(metrics.energyError)),
      .init("energy_mse", .number(metrics.energySquaredError)),
      .init("energy_within_threshold", .number(metrics.energyShareWithinThreshold)),
      .init("energy_force_within_threshold", .number(metrics.shareWithinBothThresholds)),
      .init("baseline_zero_force_mae", .number(metrics.zeroBaseline)),
      .init("baseline_median_force_mae", .number(metrics.medianBaseline)),
      .init("rotation_instability", .number(metrics.rotationInstability)),
    ]
  }

  private func vector(_ vector: Vector3) -> JSONText {
    .array((0..<3).map { .number(vector[$0]) })
  }

  private var settings: JSONText {
    let shard = score.shard.map { [JSONText.Member("shard", .string($0.description))] } ?? []
    guard case .object(let members) = wholeSettings else { return .null }
    return .object(members + shard)
  }

  private var wholeSettings: JSONText {
    [
      "provider": .string(score.provider),
      "energies": .string(score.energies.rawValue),
      "select": JSONText(score.selection),
      "limit": score.limit.map { .integer($0) } ?? nil,
      "rotations": score.rotations.map { .integer($0.count) } ?? nil,
      "seed": score.rotations.map { .integer($0.seed) } ?? nil,
      "atoms": "free in the frame",
      "average": "over splits of equal weight",
      "median": "of the split itself, along each axis",
      "force_threshold": .number(EnergyErrors.forceThreshold),
      "energy_threshold": .number(EnergyErrors.energyThreshold),
      "comparison": "strictly below",
      "failures": "left out of all means",
    ]
  }
}
