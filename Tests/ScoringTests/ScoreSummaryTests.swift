// SPDX-License-Identifier: MIT

import RelaxNumerics
import Structures
import TestSupport
import Testing

@testable import Scoring

@Suite("Scores of a set of structures")
struct ScoreSummaryTests {
  private typealias Entry = RelaxationScore.Entry

  /// A scored entry whose every displacement is `distance` along one axis.
  private static func entry(
    _ id: String, _ distance: Double, force: Double? = nil, split: String? = nil
  ) throws -> Entry {
    var reference = Samples.reference(id)
    reference.cell = Cell(Vector3(20, 0, 0), Vector3(0, 20, 0), Vector3(0, 0, 20))
    let moved = reference.positions.map { $0 + Vector3(distance, 0, 0) }
    var entry = Entry(
      id: id, split: split,
      verdict: .scored(
        try Displacements(of: moved, to: reference, judged: reference.freedoms)))
    entry.forces = force.map { .known($0) } ?? .none
    return entry
  }

  private static func summary(
    _ entries: [Entry], _ change: (inout ScoringSettings) -> Void = { _ in }
  ) -> ScoreSummary {
    var settings = ScoringSettings(forces: .labels("l"))
    change(&settings)
    return RelaxationScore(settings: settings, structures: entries).overall
  }

  @Test("Displacements are means, roots of mean squares and components, by hand")
  func displacements() throws {
    let cell = Cell(Vector3(10, 0, 0), Vector3(0, 10, 0), Vector3(0, 0, 10))
    let reference = Structure(
      elements: [Samples.copper, Samples.copper, Samples.oxygen],
      positions: [.zero, Vector3(5, 5, 5), Vector3(1, 1, 1)], cell: cell)
    let moved = [Vector3(9.7, 0.4, 0), Vector3(5, 5, 5), Vector3(1, 3, 1)]
    let all = try Displacements(of: moved, to: reference, judged: [.free, .free, .free])
    // 0.5 (wrapped 0.3, 0.4), 0 and 2 Å.
    #expect(abs(all.mean - 2.5 / 3) < 1e-15)
    #expect(abs(all.rootMeanSquare - (4.25 / 3).squareRoot()) < 1e-15)
    #expect(abs(all.meanAbsoluteComponent - 2.7 / 9) < 1e-15)
    #expect(abs(all.largest - 2) < 1e-15)
    let some = try Displacements(of: moved, to: reference, judged: [.free, .free, .fixed])
    #expect(abs(some.mean - 0.25) < 1e-15 && abs(some.largest - 0.5) < 1e-15)
    let none = try Displacements(of: moved, to: reference, judged: [.fixed, .fixed, .fixed])
    #expect(none.mean.isNaN && none.rootMeanSquare.isNaN)
  }

  @Test("Single limits are strict, and both at once must be met by one structure")
  func marks() throws {
    let entries = [
      try Self.entry("a", 0.0625, force: 0.03), try Self.entry("b", 0.09, force: 0.2),
      try Self.entry("c", 0.3, force: 0.01), try Self.entry("d", 0.7, force: 0.07),
    ]
    let summary = Self.summary(entries) { $0.distanceMarks = [0.1, 0.0625, 0.5] }
    #expect(summary.dwt.map(\.share) == [0.5, 0, 0.75])
    #expect(summary.fbt.map(\.limit) == [0.05, 0.1])
    #expect(summary.fbt.map(\.share) == [0.5, 0.75])
    #expect(summary.joint == 0.25)
    // A third of each distance, since it is along one axis.
    let positionError = try #require(summary.positionError)
    #expect(abs(positionError - 1.1525 / 12) < 1e-14)
  }

  @Test("What has no value fails or is left out, as the settings say")
  func treatments() throws {
    var failed = try Self.entry("f", 0.1)
    failed.verdict = .failed("diverged")
    let missing = Entry(id: "m", verdict: .missing)
    var uncomputed = try Self.entry("u", 0.0)
    uncomputed.forces = .unlabelled
    let entries = [try Self.entry("a", 0.0, force: 0.0), failed, missing, uncomputed]
    let strict = Self.summary(entries)
    #expect(strict.adwt == 0.5)
    #expect(strict.afbt == 0.25)
    #expect(strict.afbtOfKnown == 1)
    let counts = strict.counts
    #expect([counts.references, counts.scored, counts.failed] == [4, 2, 1])
    #expect([counts.missing, counts.unlabelled] == [1, 1])
    let present = Self.summary(entries) { $0.missing = .leaveOut }
    #expect(present.adwt == 2.0 / 3)
    #expect(present.afbt == 1.0 / 3)
    let sound = Self.summary(entries) { ($0.missing, $0.failed) = (.leaveOut, .leaveOut) }
    #expect(sound.adwt == 1)
    #expect(sound.afbt == 0.5)
    let computed = Self.summary(entries) { $0.unlabelled = .leaveOut }
    #expect(computed.adwt == 0.5)
    #expect(computed.afbt == 1.0 / 3)
  }

  @Test("The end can be a limit too: 491 and 391 of them")
  func endPoints() throws {
    #expect(Thresholds.distance.withEnd.count == 491 && Thresholds.force.withEnd.count == 391)
    #expect(abs(Thresholds.distance.withEnd.last - 0.5) < 1e-12)
    #expect(Array(Thresholds.distance.withEnd.values.prefix(490)) == Thresholds.distance.values)
    let summary = Self.summary([try Self.entry("a", 0.4995, force: 0.3999)]) {
      $0.distanceLimits = $0.distanceLimits.withEnd
      $0.forceLimits = $0.forceLimits.withEnd
    }
    #expect(summary.adwt == 1.0 / 491)
    #expect(summary.afbt == 1.0 / 391)
  }

  @Test("The average weighs splits equally, whatever their size")
  func splits() throws {
    let entries = [
      try Self.entry("a", 0, force: 0, split: "x"), try Self.entry("b", 0, force: 1, split: "x"),
      try Self.entry("c", 0, force: 1, split: "x"), try Self.entry("d", 1, force: 0, split: "y"),
    ]
    let score = RelaxationScore(
      settings: ScoringSettings(forces: .labels("l")), structures: entries)
    #expect(score.splits.map(\.name) == ["x", "y"])
    #expect(score.splits.map(\.summary.adwt) == [1, 0])
    #expect(score.adwt == 0.75 && score.average?.adwt == 0.5)
    let expected = (1.0 / 3 + 1.0) / 2.0
    #expect(score.average?.afbt == expected)
    #expect(score.average?.counts.references == 4)
    #expect(score.average?.energyError == nil)
    #expect(score.average?.dwt.map(\.share) == [0.5, 0.5, 0.5])
  }

  @Test("Adsorbates alone, or all atoms, can be judged; forces by component or mean")
  func atoms() throws {
    var reference = Samples.reference("a")
    reference.tags = [0, 1, 1, 1, 2]
    reference.energy = -3
    var prediction = reference
    prediction.positions[4].z += 0.2
    prediction.positions[0].z += 0.4
    prediction.energy = -2.75
    prediction.attributes.append(Attribute(name: "relax_steps", text: "17"))
    prediction.attributes.append(Attribute(name: "relax_status", text: "converged"))
    var label = prediction
    label.forces = [
      Vector3(9, 0, 0), .zero, .zero, Vector3(0.3, 0.4, 0), Vector3(0, 0, 0.45),
    ]
    func entry(_ change: (inout ScoringSettings) -> Void) throws -> RelaxationScore.Entry {
      var settings = ScoringSettings(forces: .labels("l"))
      change(&settings)
      var scorer = RelaxationScorer(settings)
      try scorer.add(reference: reference)
      try scorer.add(prediction: prediction)
      try scorer.add(label: label)
      return try scorer.finish().structures[0]
    }
    let free = try entry { _ in }
    #expect(abs((free.distance ?? .nan) - 0.05) < 1e-15 && free.fmax == 0.5)
    #expect(free.energyError == 0.25 && free.steps == 17 && free.status == .converged)
    let adsorbate = try entry { $0.atoms = .adsorbate }
    #expect(abs((adsorbate.distance ?? .nan) - 0.2) < 1e-15 && adsorbate.fmax == 0.45)
    let all = try entry { $0.atoms = .all }
    #expect(abs((all.distance ?? .nan) - 0.12) < 1e-15 && all.fmax == 9)
    #expect(try entry { $0.forceMeasure = .component }.fmax == 0.45)
    let mean = try #require(try entry { $0.forceMeasure = .mean }.fmax)
    #expect(abs(mean - 0.2375) < 1e-15)
    var settings = ScoringSettings()
    settings.atoms = .adsorbate
    var scorer = RelaxationScorer(settings)
    try scorer.add(reference: Samples.reference("untagged"))
    let error = #expect(throws: ScoringError.self) { try scorer.finish() }
    #expect(
      error?.description
        == "the reference `untagged` cannot be scored against: it has no free atom "
        + "that is tagged as adsorbate (tag 2)")
  }
}
