// SPDX-License-Identifier: MIT

import Files
import Forces
import Foundation
import RelaxNumerics
import StructureFiles
import Structures
import TestSupport
import Testing

@testable import Scoring

@Suite("Single points by the reference method")
struct SinglePointsTests {
  private func predictions() -> [(id: String, structure: Structure)] {
    let a = Samples.reference("a")
    return [("a", a), ("twin", a), ("b/..", Samples.moved(a, by: 0.1))]
  }

  @Test("Equal structures are computed once, and the index says for whom")
  func unique() throws {
    let points = SinglePoints(predictions())
    #expect(points.structures.map(\.id) == ["a", "b/.."])
    #expect(points.items.map(\.computedAs) == ["a", "a", "b/.."])
    let scratch = try Scratch()
    let folder = scratch.path("points")
    try points.write(to: folder, format: .extxyz)
    let reader = try StructureReader(path: "\(folder)/singlepoints.extxyz")
    let first = try #require(try reader.next()).content.get()
    let second = try #require(try reader.next()).content.get()
    #expect(first.identifier == "a" && second.identifier == "b/..")
    #expect(try reader.next() == nil)
    #expect(second.positions == points.structures[1].structure.positions)
    #expect(second.moveMask == points.structures[1].structure.moveMask)
    let index = try TextFile.lines(of: "\(folder)/index.jsonl")
    #expect(index[1].contains("\"id\": \"twin\", \"computed_as\": \"a\""))
    #expect(throws: FileError.exists(folder)) { try points.write(to: folder, format: .extxyz) }
  }

  @Test("A POSCAR keeps the order of the atoms, their digits and what is held")
  func poscar() throws {
    let scratch = try Scratch()
    let folder = scratch.path("points")
    try SinglePoints(predictions()).write(to: folder, format: .poscar)
    let lines = try TextFile.lines(of: "\(folder)/b%2f../POSCAR")
    #expect(lines[0] == "b/.." && lines[1] == "1.0" && lines[2] == "6.0 0.0 0.0")
    #expect(Array(lines[5...8]) == ["Cu O", "4 1", "Selective dynamics", "Cartesian"])
    #expect(lines[9] == "0.0 0.0 0.0 F F F" && lines[10].hasSuffix(" T T T"))
    let numbers = lines[13].split(separator: " ").prefix(3).compactMap { Double($0) }
    let oxygen = Samples.moved(Samples.reference("a"), by: 0.1).positions[4]
    #expect(numbers == [oxygen.x, oxygen.y, oxygen.z])
    var open = Samples.reference("open")
    open.cell = .none
    #expect(throws: ScoringError.withoutCell(id: "open")) {
      try SinglePoints([("open", open)]).write(to: scratch.path("other"), format: .poscar)
    }
  }

  @Test("Every id has a folder of its own, whatever it is")
  func folders() throws {
    let ids = [
      "", "%", ".", "..", "/", "a/b", "a%2fb", String(repeating: "Ü", count: 50),
      String(repeating: "Ü", count: 51), String(repeating: "a", count: 300),
      String(repeating: "a", count: 300) + "b", "\u{0600}", "\n",
    ]
    let names = ids.enumerated().map { SinglePoints.folderName($1, number: $0 + 1) }
    #expect(Set(names).count == ids.count)
    for name in names {
      #expect((1...255).contains(name.utf8.count) && !name.hasPrefix("."))
      #expect(name.utf8.allSatisfy { $0 > 32 && $0 < 127 && $0 != UInt8(ascii: "/") })
    }
    let scratch = try Scratch()
    let points = SinglePoints(
      ids.enumerated().map { ($1, Samples.moved(Samples.reference("x"), by: 0.1 * Double($0))) })
    try points.write(to: scratch.path("points"), format: .poscar)
    for name in names {
      #expect(FilePlace(scratch.path("points/\(name)/POSCAR")).exists, "\(name)")
    }
    let lines = try TextFile.lines(of: scratch.path("points/index.jsonl"))
    #expect(lines[0].contains("\"file\": \"%/POSCAR\""))
  }

  @Test("A label serves all equal predictions; one that did not converge is a named failure")
  func labels() throws {
    let references = ["a", "twin", "c"].map { Samples.reference($0) }
    var predictions = references
    predictions[2] = Samples.moved(references[2], by: 0.1)
    var label = references[0]
    label.forces = [Vector3](repeating: Vector3(0.125, 0, 0), count: 5)
    var broken = Samples.with(predictions[2], "converged", "F")
    broken.forces = label.forces
    let score = try Samples.score(predictions, against: references, labels: [label, broken])
    #expect(score.structures.map(\.fmax) == [0.125, 0.125, nil])
    #expect(score.unlabelled.isEmpty)
    #expect(
      score.failures == [.init(id: "c", reason: "its label says converged=F", extent: .forces)])
  }
}

@Suite("What a calculation is told")
struct CalculationEntriesTests {
  /// Says the charge that it was told as a force.
  private struct Charged: ForceProvider {
    var specification: String { "charged" }
    var knownElements: Set<Element>? { nil }
    struct Answer: Evaluator {
      var charge: Double
      func evaluate(
        _ geometry: Geometry, wanting: Quantities, cancellation: Cancellation
      ) -> Evaluation {
        Evaluation(forces: geometry.positions.map { _ in Vector3(charge, 0, 0) })
      }
    }
    func makeEvaluator(for structure: Structure) -> any Evaluator {
      Answer(charge: structure.attribute("charge").flatMap { Double($0.unquoted) } ?? 0)
    }
  }

  @Test(
    "charges and the like go from the reference, else from the prediction, to every calculation")
  func entries() throws {
    var scorer = RelaxationScorer(ScoringSettings(forces: .provider("charged")))
    var reference = Structure(
      elements: [try #require(Element(symbol: "H"))], positions: [.zero],
      attributes: [Attribute(name: "sid", text: "a"), Attribute(name: "charge", text: "0.25")])
    var prediction = reference
    prediction.attributes += [
      Attribute(name: "spin", text: "2"), Attribute(name: "relax_steps", text: "3"),
      Attribute(name: "free_energy", text: "1"),
    ]
    try scorer.add(reference: reference)
    reference.attributes = [Attribute(name: "sid", text: "b")]
    try scorer.add(reference: reference)
    try scorer.add(prediction: prediction)
    prediction.attributes[0] = Attribute(name: "sid", text: "b")
    prediction.attributes[1] = Attribute(name: "charge", text: "0.5")
    try scorer.add(prediction: prediction)
    let structures = scorer.scoredStructures.map(\.structure)
    #expect(
      structures.map { $0.attributes.map(\.name) } == [["charge", "spin"], ["charge", "spin"]])
    // Equal atoms of another charge are another calculation.
    #expect(SinglePoints(scorer.scoredStructures).structures.count == 2)
    let outcomes = scorer.forceTasks().map { $0.outcome(from: Charged()) }
    #expect(outcomes == [.largest(0.25), .largest(0.5)])
  }
}
