// SPDX-License-Identifier: MIT

import Forces
import Foundation
import RelaxNumerics
import Structures
import Testing

@testable import Reporting
@testable import Scoring

struct EvaluationReportTests {
  /// A frame of one free atom on which nothing was predicted.
  private static func outcome(
    _ force: Vector3, energy: Double? = nil, rotated: Bool = false
  ) throws -> FrameOutcome {
    var errors = FrameErrors()
    errors.forces.add(predicted: [.zero], target: [force])
    errors.largestForceError = max(abs(force.x), abs(force.y), abs(force.z))
    errors.targets = [[force.x], [force.y], [force.z]]
    if let energy { errors.energies.add(predicted: 0, target: energy) }
    if rotated {
      let structure = Structure(
        elements: [try #require(Element(symbol: "Cu"))], positions: [.zero])
      var rotations = RotationInstability()
      // Unturned the force is 0.3 along x, turned by π it is −0.3 there.
      try rotations.add(
        structure, unrotated: [Vector3(0.3, 0, 0)], angles: [0, Double.pi], provider: Push())
      errors.rotations = rotations
    }
    return .scored(errors)
  }

  /// A force of 0.3 eV/Å along x, whatever is pushed.
  private struct Push: ForceProvider, Evaluator {
    var specification: String { "push" }
    var knownElements: Set<Element>? { nil }
    func makeEvaluator(for structure: Structure) -> any Evaluator { self }
    func evaluate(
      _ geometry: Geometry, wanting: Quantities, cancellation: Cancellation
    ) -> Evaluation {
      Evaluation(forces: geometry.positions.map { _ in Vector3(0.3, 0, 0) })
    }
  }

  @Test("Without any frame that was judged there are no tables of dashes, but the reasons")
  func nothingJudged() {
    var split = SplitScore(name: "na", path: "na.extxyz")
    for frame in 0..<10 {
      split.add(.failed("push has no parameters for Na"), id: "na-on-al", frame: frame)
    }
    split.finish()
    let score = EvaluationScore(SplitJudge(FrameJudge(Push())), splits: [split])
    let text = EvaluationReport(score).text()
    #expect(text.hasPrefix("push\n\nNo frame could be judged\n"))
    #expect(
      text.contains("10   na-on-al (frame 1)") && text.contains("push has no parameters for Na"))
    #expect(!text.contains("–") && !text.contains("MAE"))
  }

  private static func report(rotated: Bool) throws -> EvaluationReport {
    var judge = FrameJudge(Push())
    if rotated { judge.rotations = RotationInstability.Sampling(count: 2, seed: 5) }
    var evaluation = SplitJudge(judge)
    evaluation.limit = rotated ? 100 : nil
    var id = SplitScore(name: "val_id", path: "data/val_id", files: 2)
    id.add(
      try outcome(Vector3(0.25, 0, 0), energy: 0.5, rotated: rotated), id: "a frame 0", frame: 0)
    id.add(
      try outcome(Vector3(0, 0.0625, 0), energy: -0.25, rotated: rotated), id: "a frame 1", frame: 1
    )
    id.add(.withoutFreeAtoms, id: "b frame 0", frame: 2)
    id.finish()
    var ood = SplitScore(name: "val_ood", path: "data/val_ood")
    ood.add(try outcome(Vector3(0, 0, 0.015625), rotated: rotated), id: "c", frame: 0)
    ood.add(.failed("push has no parameters for Fe (it knows Cu)"), id: "d", frame: 1)
    ood.finish()
    return EvaluationReport(
      EvaluationScore(
        evaluation, selection: rotated ? ["role=initial"] : [], splits: [id, ood]))
  }

  @Test("The terminal shows errors beside trivial ones, and what was left out")
  func text() throws {
    #expect(
      try Self.report(rotated: true).text() == """
        push

        Forces on free atoms (errors in eV/Å)

          split     frames   atoms      MAE     zero   median   norm MAE   cosine   within 0.03
          ───────   ──────   ─────   ──────   ──────   ──────   ────────   ──────   ───────────
          val_id         2       2   0.0521   0.0521   0.0521     0.1563   0.0000        0.00 %
          val_ood        1       1   0.0052   0.0052   0.0000     0.0156   0.0000      100.00 %
          average        3       3   0.0286   0.0286   0.0260     0.0859   0.0000       50.00 %

          MAE: mean absolute error over components of all free atoms, each atom of equal weight.
          zero, median: the MAE of always predicting no force, or the split's median along each axis.
          norm MAE: of the norms of forces; cosine: between predicted and true force, mean over atoms.
          within 0.03: share of frames without a larger component error.
          average: over splits of equal weight; frames and atoms are sums.
          Files read: val_id 2, val_ood 1.
          At most 100 frames of each split, evenly spaced.
          Only frames with role=initial.

        Force MAE by axis and rotation instability (eV/Å)

          split          x        y        z   turned
          ───────   ──────   ──────   ──────   ──────
          val_id    0.1250   0.0313   0.0000   0.1000
          val_ood   0.0000   0.0000   0.0156   0.1000
          average   0.0625   0.0156   0.0078   0.1000

          turned: standard deviation of a component while the structure turns about z, forces turned
          back; mean over free atoms. 2 rotations a frame, seed 5.

        Total energies (errors in eV)

          split     frames      MAE   within 0.02   and forces
          ───────   ──────   ──────   ───────────   ──────────
          val_id         2   0.3750        0.00 %       0.00 %
          val_ood        0        –             –            –
          average        2        –             –            –

          Compared with the frames' energies; reference energies, on both sides, are not needed.
          and forces: every force component of the frame is within 0.03 too.

        Left out of all means

          split     frames   which   reason
          ───────   ──────   ─────   ───────────────────────────────────────────
          val_id    1 of 3           no atom is free
          val_ood        1   d       push has no parameters for Fe (it knows Cu)

        """)
    #expect(
      try Self.report(rotated: true).text(style: .ascii).unicodeScalars.allSatisfy { $0.isASCII })
  }

  @Test("One reason is said once, and frames of one id are told apart by their number")
  func leftOut() throws {
    var split = SplitScore(name: "s", path: "s.xyz")
    for frame in 0..<5 { split.add(.failed("no iron"), id: "a", frame: 2 * frame) }
    split.add(.failed("no iron"), id: String(repeating: "b", count: 500), frame: 20)
    split.add(.failed("no gold"), id: "c", frame: 21)
    split.finish()
    let text = EvaluationReport(
      EvaluationScore(SplitJudge(FrameJudge(Push())), splits: [split])
    ).text()
    #expect(
      text.contains("s            6   a (frame 1), a (frame 3), a (frame 5) and 3 more   no iron\n")
    )
    #expect(text.contains("c") && text.contains("no gold\n"))
    #expect(text.components(separatedBy: "no iron").count == 2)
  }

  @Test("The JSON has every mean by the names that scripts rely on, null where there is none")
  func json() throws {
    let text = try Self.report(rotated: false).json.text()
    #expect(
      text.hasPrefix(
        """
        {
          "splits": [
            {
              "name": "val_id",
              "path": "data/val_id",
              "files": 2,
              "frames": 2,
              "frames_failed": 0,
              "frames_without_free_atoms": 1,
              "free_atoms": 2,
              "energies": 2,
              "force_mae": 0.052083333333333336,
              "force_mae_xyz": [0.125, 0.03125, 0.0],
              "force_cosine": 0.0,
              "force_magnitude_mae": 0.15625,
              "force_within_threshold": 0.0,
              "energy_mae": 0.375,
              "energy_mse": 0.15625,
              "energy_within_threshold": 0.0,
              "energy_force_within_threshold": 0.0,
              "baseline_zero_force_mae": 0.052083333333333336,
              "baseline_median_force_mae": 0.052083333333333336,
              "rotation_instability": null,
              "baseline_median_force": [0.125, 0.03125, 0.0]
            },

        """))
    let object = try #require(
      JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
    let average = try #require(object["average"] as? [String: Any])
    #expect(average["frames"] as? Int == 3)
    #expect(average["force_mae_xyz"] as? [Double] == [0.0625, 0.015625, 0.0078125])
    #expect(average["energy_mae"] is NSNull && average["rotation_instability"] is NSNull)
    let failed = try #require((object["failed"] as? [[String: Any]])?.first)
    #expect(failed["split"] as? String == "val_ood" && failed["id"] as? String == "d")
    #expect(failed["frame"] as? Int == 1)
    #expect(failed["reason"] as? String == "push has no parameters for Fe (it knows Cu)")
    let settings = try #require(object["settings"] as? [String: Any])
    #expect(settings["provider"] as? String == "push")
    #expect(settings["energies"] as? String == "total")
    #expect(settings["limit"] is NSNull && settings["seed"] is NSNull)
    let rotated = try #require(
      JSONSerialization.jsonObject(with: Data(Self.report(rotated: true).json.text().utf8))
        as? [String: Any])
    let sampled = try #require(rotated["settings"] as? [String: Any])
    #expect(sampled["rotations"] as? Int == 2 && sampled["seed"] as? Int == 5)
    #expect(sampled["select"] as? [String] == ["role=initial"])
    #expect(
      abs(
        try #require(
          (rotated["average"] as? [String: Any])?["rotation_instability"] as? Double) - 0.1) < 1e-15
    )
  }
}
