// SPDX-License-Identifier: MIT

import RelaxNumerics
import Structures
import TestSupport
import Testing

@testable import Scoring

struct RelaxationScorerTests {
  private let references = ["00123", "b", "c"].map { Samples.reference($0) }

  @Test("A perfect prediction scores 1", arguments: ScoringConvention.allCases)
  func perfect(convention: ScoringConvention) throws {
    var labels = references
    for index in labels.indices { labels[index].forces = [Vector3](repeating: .zero, count: 5) }
    let score = try Samples.score(
      references, against: references, convention: convention, labels: labels)
    #expect(score.adwt == 1)
    #expect(score.afbt == 1)
    #expect(score.structures.map(\.id) == ["00123", "b", "c"])
    #expect(score.structures.allSatisfy { $0.distance == 0 && $0.fmax == 0 })
    #expect(score.isComplete && score.curves == nil && score.scored == 3)
  }

  @Test("ADwT is the mean of what structures contribute by their distances")
  func byHand() throws {
    let predictions = zip(references, [0.05, 0.2, 0.6]).map { Samples.moved($0, by: $1) }
    let score = try Samples.score(predictions, against: references)
    let distances = score.structures.map { $0.distance ?? .nan }
    for (found, expected) in zip(distances, [0.05, 0.2, 0.6]) {
      #expect(abs(found - expected) < 1e-14)
    }
    // Rounding may put a distance on either side of the limit that equals it.
    #expect(abs(score.adwt - (449.0 + 299 + 0) / (3 * 490)) <= 2.0 / (3 * 490))
    #expect(score.afbt == nil && score.forceShares == nil)
    #expect(abs((score.meanDistance ?? .nan) - 0.85 / 3) < 1e-14)
    #expect(score.distanceShares.last == 2.0 / 3)
  }

  @Test("Wrapping, lattice translations and the order of structures change nothing")
  func invariance() throws {
    let predictions = zip(references, [0.111, 0.2222, 0.0333]).map { Samples.moved($0, by: $1) }
    let plain = try Samples.score(predictions, against: references)
    var generator: UInt32 = 7
    func next() -> Int32 {
      generator = generator &* 1_664_525 &+ 1_013_904_223
      return Int32(generator >> 16) % 5 - 2
    }
    var shifted = predictions
    for index in shifted.indices {
      for atom in 0..<5 {
        let offset = CellOffset(next(), next(), next())
        shifted[index].positions[atom] += Samples.skewed.translation(offset)
      }
    }
    let score = try Samples.score(shifted.reversed(), against: references)
    #expect(score.adwt == plain.adwt)
    for (a, b) in zip(score.structures, plain.structures) {
      #expect(a.id == b.id)
      #expect(abs((a.distance ?? .nan) - (b.distance ?? .nan)) < 1e-13)
    }
    let reordered = try Samples.score(predictions, against: references.reversed())
    #expect(reordered.adwt == plain.adwt)
    #expect(reordered.structures == plain.structures.reversed())
  }

  @Test("What is missing, extra or failed is listed, and failures stay in the denominator")
  func failures() throws {
    let all = ["a", "b", "c", "d", "e", "f"].map { Samples.reference($0) }
    var nan = all[4]
    nan.positions[3].x = .nan
    var scorer = RelaxationScorer()
    for reference in all { try scorer.add(reference: reference) }
    try scorer.add(prediction: Samples.with(all[0], "relax_status", "step_limit"))
    try scorer.add(prediction: Samples.with(all[2], "relax_status", "diverged"))
    try scorer.add(prediction: Samples.reference("other"))
    try scorer.add(prediction: Samples.reference("other"))
    try scorer.add(prediction: nan)
    scorer.addUnreadable(prediction: "f", reason: "line 3: not a number")
    scorer.addUnreadable(prediction: "another", reason: "line 9: not a number")
    try scorer.add(prediction: Samples.with(all[3], "relax_status", "\"invalid\""))
    let score = try scorer.finish()
    #expect(score.adwt == 1.0 / 6)
    #expect(score.missing == ["b"])
    #expect(score.extra == ["other", "another"])
    #expect(
      score.failures == [
        .init(id: "c", reason: "its relaxation ended as `diverged`", extent: .all),
        .init(id: "d", reason: "its relaxation ended as `invalid`", extent: .all),
        .init(id: "e", reason: "its distance from the reference is not finite", extent: .all),
        .init(id: "f", reason: "unreadable: line 3: not a number", extent: .all),
      ])
    #expect(score.structures.map(\.distance) == [0, nil, nil, nil, nil, nil])
    #expect(!score.isComplete)
  }

  @Test(
    "Each status counts as it should",
    arguments: [
      ("converged", true), ("step_limit", true), ("stalled", true), ("interrupted", true),
      ("diverged", false), ("invalid", false), ("failed", false),
    ])
  func status(text: String, scored: Bool) throws {
    let reference = Samples.reference("a")
    let prediction = Samples.with(reference, "relax_status", text)
    #expect(try Samples.score([prediction], against: [reference]).adwt == (scored ? 1 : 0))
    let released = try Samples.score([prediction], against: [reference], convention: .ocp)
    #expect(released.adwt == 1 && released.isComplete)
  }

  @Test("Free atoms, cell and periodicity are the reference's")
  func referenceDecides() throws {
    let open = Samples.skewed.with(periodicity: Periodicity(true, true, false))
    let reference = Samples.reference("a", cell: open)
    var prediction = reference
    prediction.cell = Samples.skewed
    prediction.moveMask = nil
    prediction.positions[0] += Vector3(3, 0, 0)
    for atom in 1..<5 { prediction.positions[atom] += Samples.skewed.c }
    let score = try Samples.score([prediction], against: [reference])
    #expect(abs((score.structures[0].distance ?? 0) - Samples.skewed.c.length) < 0.5)
    #expect(score.adwt == 0)
  }

  // MARK: - Trajectories

  private func frames(_ id: String, _ distances: [Int: Double]) -> [Structure] {
    distances.map { step, distance in
      Samples.with(Samples.moved(Samples.reference(id), by: distance), "fid", "\(step)")
    }
  }

  @Test("The largest fid of a trajectory is the prediction, and the others give curves")
  func trajectories() throws {
    let predictions =
      frames("00123", [0: 0.4, 1: 0.2501, 2: 0.1001]) + frames("b", [0: 0.3001, 3: 0.0501])
      + [Samples.moved(references[2], by: 0.6)]
    for order in [predictions, predictions.reversed()] {
      let score = try Samples.score(order, against: references)
      let curves = try #require(score.curves)
      #expect(curves.steps == [0, 1, 2, 3])
      let passed = Thresholds.distance.passed
      let expected = [(0.4, 0.3001), (0.2501, 0.3001), (0.1001, 0.3001), (0.1001, 0.0501)]
      for (index, (first, second)) in expected.enumerated() {
        let adwt = Double(passed(first) + passed(second)) / (3 * 490)
        // 0.4 may fall on either side of its limit.
        #expect(abs(curves.adwt[index] - adwt) <= (index == 0 ? 1.0 / (3 * 490) : 0))
        #expect(abs(curves.meanDistance[index] - (first + second + 0.6) / 3) < 1e-14)
      }
      #expect(curves.adwt.last == score.adwt)
    }
  }

  @Test("A trajectory that fails in the end fails all along")
  func failedTrajectory() throws {
    var predictions = frames("00123", [0: 0.1001, 5: 0.0501]) + frames("b", [0: 0.1001])
    predictions.append(
      Samples.with(Samples.with(references[1], "fid", "7"), "relax_status", "diverged"))
    let score = try Samples.score(predictions, against: references)
    let curves = try #require(score.curves)
    #expect(curves.steps == [0, 5])
    #expect(curves.adwt.last == score.adwt)
    #expect(score.missing == ["c"] && score.failures.map(\.id) == ["b"])
    #expect(abs(curves.meanDistance[1] - 0.0501) < 1e-14)
  }

  @Test("A step of a trajectory without a distance passes no limit and leaves no trace")
  func brokenStep() throws {
    var predictions = frames("00123", [0: 0.1001, 1: 0.2, 2: 0.0501])
    for index in predictions.indices where predictions[index].attribute("fid")?.text == "1" {
      predictions[index].positions[1].z = .infinity
    }
    let score = try Samples.score(predictions, against: [references[0]])
    let curves = try #require(score.curves)
    #expect(curves.adwt[1] == 0 && curves.meanDistance[1].isNaN)
    #expect(curves.adwt[2] == score.adwt && curves.adwt[2] > curves.adwt[0])
    #expect(abs(curves.meanDistance[2] - 0.0501) < 1e-14)
  }

  @Test("An explosion on the way does not blur the mean afterwards")
  func explosion() throws {
    let predictions =
      frames("00123", [0: 0.1001, 1: 0.2, 2: 0.0501])
      + [Samples.moved(references[1], by: 0.3001)]
    let open = Samples.skewed.with(periodicity: .none)
    let exploded = predictions.map { frame in
      var frame = frame
      frame.cell = open
      if frame.attribute("fid")?.text == "1" { frame.positions[1].z = 1e17 }
      return frame
    }
    let targets = references.prefix(2).map { Samples.reference($0.identifier, cell: open) }
    let score = try Samples.score(exploded, against: targets)
    let curves = try #require(score.curves)
    #expect(curves.meanDistance[1] > 1e16)
    #expect(abs(curves.meanDistance[2] - 0.3502 / 2) < 1e-14)
  }

  // MARK: - Forces

  @Test("Labels give AFbT; structures without one are failures and listed")
  func labels() throws {
    var label = references[0]
    label.forces = [Vector3](repeating: Vector3(0, 0.0995, 0), count: 5)
    label.forces?[0] = Vector3(50, 0, 0)
    label.positions[4] += Samples.skewed.b - Samples.skewed.c + Vector3(0.0005, 0, 0.0005)
    var broken = references[2]
    broken.forces = [Vector3](repeating: Vector3(0, .nan, 0), count: 5)
    var unused = Samples.reference("unused")
    unused.forces = label.forces
    // b must not be where the labelled a is: equal structures share their labels.
    let predictions = [references[0], Samples.moved(references[1], by: 0.001), references[2]]
    let score = try Samples.score(
      predictions, against: references, labels: [broken, unused, label])
    #expect(score.structures.map(\.fmax) == [0.0995, nil, nil])
    // 0.100 … 0.399 are above.
    #expect(score.afbt == 300.0 / (3 * 390))
    #expect(score.adwt == 1)
    #expect(score.unlabelled == ["b"])
    #expect(score.unusedLabels == ["unused"])
    #expect(
      score.failures == [
        .init(id: "c", reason: "its label has forces that are not finite", extent: .forces)
      ])
  }

  @Test("Labels of a trajectory belong to its last frame")
  func labelsOfTrajectory() throws {
    let predictions = frames("00123", [0: 0.4, 2: 0.1001, 1: 0.2501])
    var label = Samples.moved(references[0], by: 0.1001)
    label.forces = [Vector3](repeating: .zero, count: 5)
    let score = try Samples.score(predictions, against: [references[0]], labels: [label])
    #expect(score.afbt == 1)
  }

  @Test("A label of a failed prediction is not asked where its atoms are")
  func labelOfFailure() throws {
    let failed = Samples.with(references[0], "relax_status", "failed")
    var label = Samples.moved(references[0], by: 2)
    label.forces = [Vector3](repeating: .zero, count: 5)
    let score = try Samples.score([failed], against: [references[0]], labels: [label])
    #expect(score.afbt == 0 && score.unlabelled.isEmpty && score.failures.count == 1)
  }

  @Test("A provider gives the forces at the predicted positions, in the reference's cell")
  func provider() throws {
    let springs = Springs(centers: references[0].positions, stiffness: 1)
    var scorer = RelaxationScorer(
      ScoringSettings(forces: .provider(springs.specification)))
    for reference in references { try scorer.add(reference: reference) }
    for (index, distance) in [0.05, 0.3].enumerated() {
      try scorer.add(prediction: Samples.moved(references[index], by: distance))
    }
    var twin = scorer
    scorer.evaluateForces(with: springs)
    let score = try scorer.finish()
    twin.evaluateForces(with: springs, threads: 3)
    #expect(try twin.finish() == score)
    for (entry, expected) in zip(score.structures, [0.05, 0.3]) {
      #expect(abs((entry.fmax ?? .nan) - expected) < 1e-14)
    }
    #expect(score.structures[2].fmax == nil && score.missing == ["c"])
    #expect(score.failures.isEmpty)
  }

  @Test("What a provider does not know or was not asked is a listed failure of AFbT only")
  func unknownElement() throws {
    let springs = Springs(
      centers: references[0].positions, stiffness: 1, knownElements: [Samples.copper])
    var scorer = RelaxationScorer(ScoringSettings(forces: .provider("springs")))
    for reference in references.prefix(2) {
      try scorer.add(reference: reference)
    }
    for reference in references.prefix(2) { try scorer.add(prediction: reference) }
    let tasks = scorer.forceTasks()
    #expect(tasks.map(\.id) == ["00123", "b"])
    scorer.record(tasks[1].outcome(from: springs), of: tasks[1])
    let score = try scorer.finish()
    #expect(score.adwt == 1 && score.afbt == 0)
    #expect(
      score.failures == [
        .init(id: "00123", reason: "its forces were not evaluated", extent: .forces),
        .init(
          id: "b", reason: "springs has no parameters for O (it knows Cu)", extent: .forces),
      ])
  }
}
