// SPDX-License-Identifier: MIT

import Files
import Forces
import Foundation
import RelaxNumerics
import StructureFiles
import Structures
import TestSupport
import Testing

@testable import Relaxation

/// A provider that says that its structures take a gigabyte, or whatever a closure says.
private struct Weighty: ForceProvider {
  var base: any ForceProvider
  var weight: @Sendable (Structure) -> Int
  /// Called with +1 and −1 as evaluators come and go.
  var onChange: @Sendable (Int) -> Void = { _ in }

  var specification: String { "weighty" }
  var knownElements: Set<Element>? { base.knownElements }

  struct Answer: Evaluator {
    var base: any Evaluator
    var onChange: @Sendable (Int) -> Void
    mutating func evaluate(
      _ geometry: Geometry, wanting: Quantities, cancellation: Cancellation
    ) throws(ForceError) -> Evaluation {
      try base.evaluate(geometry, wanting: wanting, cancellation: cancellation)
    }
    mutating func close() { onChange(-1) }
  }

  func memory(for structure: Structure) -> Int { weight(structure) }

  func makeEvaluator(for structure: Structure) throws(ForceError) -> any Evaluator {
    onChange(1)
    return Answer(base: try base.makeEvaluator(for: structure), onChange: onChange)
  }
}

@Suite("Runs with a limit of memory")
struct MemoryLimitTests {
  private static let gigabyte = 1_000_000_000

  /// Chains of copper of different lengths; the one at place `large` has 40 atoms, the others at most 12.
  private func input(_ scratch: Scratch, count: Int, large: Int? = nil) throws -> String {
    var random = SeededGenerator(seed: 5)
    var text: [UInt8] = []
    for k in 0..<count {
      var structure = coppers(k == large ? 40 : 2 + k % 11)
      for i in structure.positions.indices {
        structure.positions[i] += Vector3(random.uniform(-0.3, 0.3), random.uniform(-0.3, 0.3), 0)
      }
      structure.attributes = [Attribute(name: "sid", text: "s\(k)")]
      ExtxyzFormatter.append(structure, to: &text)
    }
    return try scratch.write(text, to: "input.xyz")
  }

  private func engine(_ input: String, _ provider: any ForceProvider) -> Engine {
    var engine = Engine(
      inputs: [input], provider: provider,
      settings: RelaxationSettings(fmax: 0.01, maximumSteps: 40))
    engine.threads = 4
    return engine
  }

  private func paths(_ scratch: Scratch, _ name: String) -> RunPaths {
    RunPaths(
      relaxed: scratch.path("\(name).xyz"), trajectory: scratch.path("\(name).path.xyz"),
      summary: scratch.path("\(name).jsonl"))
  }

  /// So much more than the process has now; others that are tested at the same time may take of it.
  private func limit(_ bytes: Int) -> MemorySize {
    MemorySize(bytes: (SystemMemory.resident ?? 0) + bytes)
  }

  private func summary(_ scratch: Scratch, _ name: String) throws -> [[String: JSONText]] {
    try scratch.text("\(name).jsonl").split(separator: "\n").map { line in
      let json = try JSONText(parsing: String(line))
      return try Dictionary(
        uniqueKeysWithValues: ["id", "index", "status", "reason", "steps", "evaluations"].map {
          ($0, try #require(json[$0]))
        })
    }
  }

  @Test(
    "bytes and order are those of a run without a limit, and no two are at work that do not fit together"
  )
  func equalBytes() throws {
    let scratch = try Scratch()
    let input = try input(scratch, count: 20)
    let bare = try LennardJones(sigma: 2.338, epsilon: 0.4093, cutoff: 6)
    let (now, most) = (Guarded(0), Guarded(0))
    let weighty = Weighty(base: bare, weight: { _ in 2 * Self.gigabyte }) { change in
      let count = now.withLock { now in
        now += change
        return now
      }
      most.withLock { $0 = max($0, count) }
    }
    let free = paths(scratch, "free")
    _ = try engine(input, weighty).run(to: free)
    most.withLock { $0 = 0 }
    var limited = engine(input, weighty)
    // Room for one, and for what tests beside this one take.
    limited.memoryLimit = limit(7 * Self.gigabyte / 2)
    let outcome = try limited.run(to: paths(scratch, "limited"))
    #expect(outcome.tally.structures == 20)
    #expect(outcome.tally[.failed] == 0)
    #expect(most.withLock { $0 } == 1)
    #expect(try scratch.data("limited.xyz") == scratch.data("free.xyz"))
    #expect(try scratch.data("limited.path.xyz") == scratch.data("free.path.xyz"))
    #expect(try summary(scratch, "limited") == summary(scratch, "free"))
  }

  @Test("one of three does not fit: it ends as failed, and a larger limit takes it up again")
  func oneOfThree() throws {
    let scratch = try Scratch()
    let input = try input(scratch, count: 3, large: 1)
    let provider = Weighty(base: try LennardJones(sigma: 2.338, epsilon: 0.4093, cutoff: 6)) {
      $0.count > 20 ? 1000 * Self.gigabyte : 1
    }
    _ = try engine(input, provider).run(to: paths(scratch, "free"))
    var limited = engine(input, provider)
    limited.memoryLimit = limit(4 * Self.gigabyte)
    let paths = paths(scratch, "limited")
    let outcome = try limited.run(to: paths)
    #expect(outcome.tally.structures == 3)
    #expect(outcome.tally[.failed] == 1)
    #expect(!outcome.wasInterrupted)
    let (lines, expected) = (
      try summary(scratch, "limited"), try summary(scratch, "free")
    )
    #expect(lines[0] == expected[0])
    #expect(lines[2] == expected[2])
    #expect(lines[1]["status"] == .string("failed"))
    #expect(lines[1]["evaluations"] == .integer(0))
    guard case .string(let reason)? = lines[1]["reason"] else {
      Issue.record("no reason")
      return
    }
    #expect(reason.hasPrefix("needs about 1.1 TB of memory, and --memory-limit "))
    #expect(reason.hasSuffix("a larger limit with --resume --retry failed takes it up again"))

    limited.memoryLimit = nil
    let again = try limited.run(to: paths, start: .retrying([.failed]))
    #expect(again.tally[.failed] == 0)
    #expect(try scratch.data("limited.xyz") == scratch.data("free.xyz"))
    #expect(try scratch.data("limited.path.xyz") == scratch.data("free.path.xyz"))
    #expect(try summary(scratch, "limited") == summary(scratch, "free"))
  }

  @Test(
    "a run that is to stop does not wait for memory, and goes on to the same bytes under another limit"
  )
  func stopsWaiting() throws {
    let scratch = try Scratch()
    let input = try input(scratch, count: 8)
    let isAsked = Guarded(false)
    let bare = try LennardJones(sigma: 2.338, epsilon: 0.4093, cutoff: 6)
    let provider = Weighty(base: bare, weight: { _ in 2 * Self.gigabyte })
    _ = try engine(input, provider).run(to: paths(scratch, "free"))
    var limited = engine(input, provider)
    limited.memoryLimit = limit(7 * Self.gigabyte / 2)
    let first = try limited.run(
      to: paths(scratch, "limited"), shouldStop: { isAsked.withLock { $0 } },
      report: { event in if case .finished = event { isAsked.withLock { $0 = true } } })
    #expect(first.wasInterrupted)
    #expect(first.tally.structures < 8)
    limited.memoryLimit = limit(100 * Self.gigabyte)
    let second = try limited.run(to: paths(scratch, "limited"), start: .resuming)
    #expect(second.tally.structures == 8)
    #expect(try scratch.data("limited.xyz") == scratch.data("free.xyz"))
    #expect(try scratch.data("limited.path.xyz") == scratch.data("free.path.xyz"))
  }
}
