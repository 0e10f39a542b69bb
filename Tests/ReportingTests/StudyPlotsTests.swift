// SPDX-License-Identifier: MIT

import RelaxNumerics
import StructureFiles
import Structures
import TestSupport
import Testing

@testable import Reporting
@testable import Scoring

@Suite("What the plots of a study show")
struct StudyPlotsTests {
  private static func structure(
    _ id: String, _ x: Double, _ attributes: [String: String] = [:], energy: Double? = nil
  ) throws -> Structure {
    Structure(
      elements: [try #require(Element(symbol: "Cu"))], positions: [Vector3(x, 0, 0)],
      cell: Cell(Vector3(8, 0, 0), Vector3(0, 8, 0), Vector3(0, 0, 16)), energy: energy,
      attributes: [Attribute(name: "sid", string: id)]
        + attributes.sorted { $0.key < $1.key }.map { Attribute(name: $0.key, text: $0.value) })
  }

  private static func plots(
    _ score: RelaxationScore, paths: PathRecords? = nil
  ) -> [String: Plot] {
    let report = StudyReport(
      ScoreReport(score, predicted: "p", reference: "r"), methods: [.init(name: "p", score: score)],
      paths: paths)
    return Dictionary(uniqueKeysWithValues: StudyPlots(report).all.map { ($0.name, $0.plot) })
  }

  private static func score(distances: [Double]) throws -> RelaxationScore {
    var scorer = RelaxationScorer()
    for index in distances.indices { try scorer.add(reference: structure("\(index)", 1)) }
    for (index, distance) in distances.enumerated() {
      try scorer.add(prediction: structure("\(index)", 1 + distance))
    }
    return try scorer.finish()
  }

  @Test("Of all references, only what converged converges, when it did")
  func convergence() throws {
    var scorer = RelaxationScorer()
    for id in ["a", "b", "c", "missing", "silent"] {
      try scorer.add(reference: Self.structure(id, 1))
    }
    for (id, status, steps) in [
      ("a", "converged", 26), ("b", "converged", 184), ("c", "step_limit", 200),
    ] {
      try scorer.add(
        prediction: Self.structure(
          id, 1.1, ["relax_status": status, "relax_steps": "\(steps)"]))
    }
    try scorer.add(prediction: Self.structure("silent", 1.1))
    let plot = try #require(Self.plots(scorer.finish())["converged-by-step"])
    let series = try #require(plot.series.first)
    // Two of four: one says nothing of how it ended, and the missing one never converged.
    #expect(series.points.map(\.x) == [0, 26, 184, 200])
    #expect(series.points.map(\.y) == [0, 25, 50, 50])
    #expect(series.mark == .staircase && plot.xRange.isWhole)
  }

  @Test("A histogram of few structures shows all of them, in bars that end at marks")
  func fewDistances() throws {
    let distances = [Double](repeating: 1e-6, count: 11) + [0.0033]
    let plot = try #require(Self.plots(try Self.score(distances: distances))["distances"])
    #expect(plot.title == "Mean distances")
    let bars = plot.series[0].points
    #expect(bars.map(\.y).reduce(0, +) == 12)
    let last = try #require(bars.last { $0.y > 0 })
    #expect(abs(last.x - 0.0033) < 0.0002)
    #expect(plot.xRange.end == 0.004 && bars.count == 20 && plot.yRange.isWhole)
  }

  @Test("One of many that is far out has a bar of its own beyond the end")
  func manyDistances() throws {
    let distances = (0..<100).map { 0.0004 * Double($0) } + [3]
    let plot = try #require(Self.plots(try Self.score(distances: distances))["distances"])
    #expect(plot.series[0].points.map(\.y).reduce(0, +) == 100)
    let beyond = try #require(plot.beyond)
    #expect(beyond.y == 1 && beyond.label == "> 0.08")
    #expect(beyond.note == "above 0.08 Å: 1 structure, the largest 3 Å")
    #expect(plot.svg().contains(">&gt; 0.08</text>"))
  }

  @Test("Dots lead to those structures that can be looked at")
  func numbers() throws {
    var scorer = RelaxationScorer()
    for id in ["a", "b"] { try scorer.add(reference: Self.structure(id, 1, energy: -1)) }
    for id in ["a", "b"] { try scorer.add(prediction: Self.structure(id, 1.1, energy: -1.1)) }
    let score = try scorer.finish()
    let report = StudyReport(
      ScoreReport(score, predicted: "p", reference: "r"), methods: [.init(name: "p", score: score)])
    let all = StudyPlots(report, numbers: ["b": 0]).all
    let plot = try #require(all.first { $0.name == "energies" }?.plot)
    #expect(plot.series[0].structures == [nil, 0])
  }

  @Test("Along one relaxation there is one curve, and gaps between its frames are named")
  func onePath() throws {
    let scratch = try Scratch()
    func paths(_ ids: [String], _ steps: [Int]) throws -> PathRecords {
      let path = scratch.path("\(ids.count)-\(steps.count).extxyz")
      let writer = try StructureWriter(path: path, overwrite: false)
      for id in ids {
        for step in steps {
          try writer.write(
            Self.structure(id, 1 + Double(step), ["fid": "\(step)"], energy: -Double(step)))
        }
      }
      try writer.finish()
      return try PathRecords(files: [path], showing: [])
    }
    let score = try Self.score(distances: [0.1, 0.2])
    func energies(_ paths: PathRecords) throws -> Plot {
      try #require(Self.plots(score, paths: paths)["energy-by-step"])
    }
    let one = try energies(try paths(["0"], [0, 1, 2]))
    #expect(one.series.map(\.name) == [""] && one.xLabel == "step")
    let two = try energies(try paths(["0", "1"], [0, 1, 2, 3]))
    #expect(two.series.map(\.name) == ["median", "quarter", "three quarters"])
    #expect(Set(two.series.map(\.mark)).count == 3)
    #expect(try energies(try paths(["0"], [0, 9])).xLabel == "step (not all were recorded)")
  }

  @Test("Curves by step of a trajectory with gaps say so, in page and text")
  func gapsInCurves() throws {
    func score(_ steps: [Int]) throws -> RelaxationScore {
      var scorer = RelaxationScorer()
      try scorer.add(reference: Self.structure("a", 1))
      for step in steps {
        try scorer.add(
          prediction: Self.structure("a", 1.3 - 0.01 * Double(step), ["fid": "\(step)"]))
      }
      return try scorer.finish()
    }
    for (steps, hasGaps) in [([0, 1, 2, 3], false), ([0, 20], true)] {
      let score = try score(steps)
      let plot = try #require(Self.plots(score)["adwt-by-step"])
      #expect((plot.xLabel == "step (not all were recorded)") == hasGaps)
      let text = ScoreReport(score, predicted: "p", reference: "r").text()
      #expect(text.contains("Trajectories do not hold every step") == hasGaps)
    }
  }

  @Test("Structures without a prediction are shown last")
  func order() throws {
    var scorer = RelaxationScorer()
    for id in ["missing", "a", "b"] { try scorer.add(reference: Self.structure(id, 1)) }
    try scorer.add(prediction: Self.structure("a", 1.1))
    try scorer.add(prediction: Self.structure("b", 1.2))
    let entries = try scorer.finish().farthestFirst
    #expect(entries.map(\.id) == ["missing", "b", "a"])
    #expect(StructureGallery.order(entries).map(\.id) == ["b", "a", "missing"])
  }
}
