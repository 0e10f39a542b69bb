// SPDX-License-Identifier: MIT

import RelaxNumerics
import Structures
import Testing

@testable import Scoring

@Suite("Sets that do not match")
struct MismatchTests {
  private func score(
    _ predictions: [(Structure, String?)], against references: [(Structure, String?)]
  ) throws -> RelaxationScore {
    var scorer = RelaxationScorer()
    for (structure, id) in references { try scorer.add(reference: structure, id: id) }
    for (structure, id) in predictions { try scorer.add(prediction: structure, id: id) }
    return try scorer.finish()
  }

  private func named(_ id: String) -> (Structure, String?) { (Samples.reference(id), nil) }

  @Test("Sets that match have none, extra predictions or not")
  func matching() throws {
    let score = try score([named("b"), named("a"), named("x")], against: [named("a"), named("b")])
    #expect(score.mismatch == nil && score.extra == ["x"])
  }

  @Test("What is unmatched on both sides is named")
  func partial() throws {
    let score = try score(
      [named("a"), named("x")], against: ["a", "b", "c", "d", "e"].map(named))
    let mismatch = try #require(score.mismatch)
    #expect(!mismatch.isTotal && mismatch.cause == nil && !mismatch.isSameOrder)
    let expected =
      "4 of 5 references have no prediction: b, c, d and 1 more; predicted without a reference: x"
    #expect(mismatch.description == expected)
  }

  @Test("Nothing predicted at all")
  func nothing() throws {
    let mismatch = try #require(try score([], against: [named("a"), named("b")]).mismatch)
    #expect(mismatch.isTotal)
    #expect(
      mismatch.description
        == "there is no prediction for any of 2 references, the first is `a`")
  }

  @Test("Frames without ids are called after their file, and equal atoms are a hint")
  func unnamed() throws {
    let bare = Samples.reference(nil)
    let score = try score(
      [(bare, "relaxed#0"), (bare, "relaxed#1")], against: [(bare, "dft#0"), (bare, "dft#1")])
    let mismatch = try #require(score.mismatch)
    #expect(mismatch.isTotal && mismatch.cause == .unnamed(role: .prediction))
    let expected = """
      no prediction has the id of a reference: predicted are `relaxed#0` and so on, asked for are \
      `dft#0` and so on
      the predictions have no `sid` or `id`, so they are called after their file: write the same sid=NAME \
      into the comment lines of both files (with ASE: atoms.info['sid'] = 'NAME')
      the unmatched frames of both files have the same atoms in the same order: they may belong together
      """
    #expect(mismatch.description == expected)
  }

  @Test("A sid on one side and an id on the other")
  func keys() throws {
    let both = Samples.with(Samples.reference("1"), "id", "slab-1")
    let ids = Samples.with(Samples.reference(nil), "id", "slab-1")
    let predicted = try #require(try score([(both, nil)], against: [(ids, nil)]).mismatch)
    #expect(predicted.cause == .otherKey(role: .prediction, id: "slab-1"))
    let reference = try #require(try score([(ids, nil)], against: [(both, nil)]).mismatch)
    #expect(reference.cause == .otherKey(role: .reference, id: "slab-1"))
    #expect(reference.description.contains("the `id` of the references (such as `slab-1`)"))
  }

  @Test(
    "Spelling", arguments: [("00123", "123"), ("Slab_1", "slab-1"), ("random 7", "random7")])
  func spelling(predicted: String, reference: String) throws {
    func quoted(_ id: String) -> (Structure, String?) { (Samples.reference(nil), id) }
    var a = Samples.reference(nil)
    a.attributes.append(Attribute(name: "sid", string: predicted))
    var b = Samples.reference(nil)
    b.attributes.append(Attribute(name: "sid", string: reference))
    let mismatch = try #require(try score([(a, nil)], against: [(b, nil)]).mismatch)
    #expect(mismatch.cause == .spelling(predicted: predicted, reference: reference))
  }

  @Test("Another composition is no hint that frames belong together")
  func otherAtoms() throws {
    let short = Structure(elements: [Samples.copper], positions: [.zero])
    let mismatch = try #require(
      try score([(short, "x#0")], against: [(Samples.reference(nil), "y#0")]).mismatch)
    #expect(!mismatch.isSameOrder && mismatch.description.split(separator: "\n").count == 2)
  }

  @Test("A reference without an atom to judge is left out and named, in no number")
  func leftOut() throws {
    var fixed = Samples.reference("fixed")
    fixed.moveMask = MoveMask(free: [Bool](repeating: false, count: 5))
    var settings = ScoringSettings(forces: .labels("l"))
    settings.anomalies = AnomalyLimits()
    var scorer = RelaxationScorer(settings)
    let good = Samples.reference("good")
    for reference in [fixed, good] { try scorer.add(reference: reference) }
    for structure in [fixed, good] { try scorer.add(initial: structure) }
    for structure in [fixed, good] { try scorer.add(prediction: structure) }
    scorer.addUnreadable(prediction: "fixed", reason: "bad")
    for structure in [fixed, good] {
      var label = structure
      label.forces = structure.positions.map { _ in .zero }
      try scorer.add(label: label)
    }
    let score = try scorer.finish()
    #expect(score.leftOut == [.init(id: "fixed", reason: "it has no free atom")])
    #expect(score.structures.map(\.id) == ["good"] && score.adwt == 1 && score.afbt == 1)
    #expect(score.extra.isEmpty && score.unusedLabels.isEmpty && !score.isComplete)
  }
}
