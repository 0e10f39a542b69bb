// SPDX-License-Identifier: MIT

import Forces
import Foundation
import RelaxNumerics
import Relaxation
import Structures
import TestSupport
import Testing

@testable import RelaxCommandLine

/// What the command line makes of a provider that predicts forces directly, on several threads.
@Suite("Runs with direct forces")
struct DirectForcesTests {
  private struct Direct: ForceProvider {
    var threadsPerStructure = 1
    var specification: String { "direct" }
    var knownElements: Set<Element>? { nil }
    var isConservative: Bool { false }

    struct Answer: Evaluator {
      func evaluate(
        _ geometry: Geometry, wanting: Quantities, cancellation: Cancellation
      ) -> Evaluation {
        Evaluation(forces: geometry.positions.map { _ in .zero })
      }
    }

    func makeEvaluator(for structure: Structure) -> any Evaluator { Answer() }
  }

  private func report(_ provider: any ForceProvider) throws -> RunReport {
    let scratch = try Scratch()
    try scratch.write("1\nsid=a\nCu 0 0 0\n", to: "in.xyz")
    let engine = Engine(
      inputs: [scratch.path("in.xyz")], provider: provider, settings: RelaxationSettings())
    let paths = RunPaths(relaxed: scratch.path("out.xyz"))
    return RunReport(
      outcome: try engine.run(to: paths), engine: engine, scheme: .ase, paths: paths, seconds: 1,
      troubles: RunTroubles(keeping: 10))
  }

  @Test("the table and the JSON say that forces are not the gradient of an energy")
  func honesty() throws {
    let sentence = "forces are not the gradient of an energy"
    for (provider, isConservative) in [
      (Direct() as any ForceProvider, false), (EffectiveMediumTheory(), true),
      (SumOfProviders([EffectiveMediumTheory(), Direct()]), false),
    ] {
      let report = try report(provider)
      #expect(report.table.contains(sentence) == !isConservative)
      let json = try #require(
        try JSONSerialization.jsonObject(with: Data(report.json.utf8)) as? [String: Any])
      let settings = try #require(json["settings"] as? [String: Any])
      #expect(settings["conservative"] as? Bool == isConservative)
    }
  }

  @Test("threads in a structure leave fewer structures at once, and too many are warned of")
  func threads() throws {
    func atOnce(_ inStructure: Int) -> Int {
      ThreadBudget.structuresAtOnce(
        with: Direct(threadsPerStructure: inStructure), processors: 8)
    }
    #expect([1, 2, 3, 8, 9].map(atOnce) == [8, 4, 2, 1, 1])
    var engine = Engine(
      inputs: [], provider: Direct(threadsPerStructure: 4), settings: RelaxationSettings())
    func warning(_ structures: Int) -> String? {
      engine.threads = structures
      var budget = ThreadBudget(engine)
      budget.processors = 8
      return budget.warning
    }
    #expect(warning(2) == nil)
    #expect(
      warning(3)
        == "12 threads (--threads 3 times threads=4) for 8 processors; fewer are faster")
    engine.provider = Direct(threadsPerStructure: 1)
    #expect(warning(16) == nil)
  }
}
