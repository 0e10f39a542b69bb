// SPDX-License-Identifier: MIT

import BenchmarkSupport
import Forces
import Foundation
import Networks
import RelaxNumerics
import Structures

extension Subject {
  /// All atoms by a new evaluator each time; its making is part of the time.
  func timeFresh(_ calls: Int) throws {
    var samples: [Double] = []
    // The first call touches weights and pages for the first time and is not counted.
    for call in 0...calls {
      let begin = cpuSeconds()
      _ = try provider.evaluate(structure, wanting: [.energy, .forces])
      if call > 0 { samples.append(cpuSeconds() - begin) }
    }
    reportTimes("fresh", samples)
  }

  /// All atoms by one evaluator, as they move.
  func timeAll(_ calls: Int) throws {
    let samples = try samples(calls, wanting: [.energy, .forces])
    reportTimes("all", Array(samples.dropFirst()))
  }

  /// Free atoms by one evaluator, as they move; the first call, which has nothing kept from a call
  /// before, stands by itself.
  func timeSteady(_ calls: Int) throws {
    let samples = try samples(calls, wanting: .forcesOnFreeAtoms)
    reportTimes("steady", Array(samples.dropFirst()), [("first", samples[0])])
  }

  /// CPU seconds of each of `calls` + 1 evaluations by one evaluator.
  private func samples(_ calls: Int, wanting: Quantities) throws -> [Double] {
    var evaluator = try provider.makeEvaluator(for: structure)
    var walk = Walk(structure)
    return try (0...calls).map { _ in
      let geometry = Geometry(positions: walk.next(), cell: structure.cell)
      let begin = cpuSeconds()
      _ = try evaluator.evaluate(geometry, wanting: wanting)
      return cpuSeconds() - begin
    }
  }

  /// Two structures on two threads against one on one: 2 if nothing is shared.
  ///
  /// Both take turns; the best of each is the least disturbed. On a machine that others use too,
  /// wall time says less than CPU time, which only lacks what waiting would add.
  func timePair(_ calls: Int) throws {
    var (one, two) = (Times.longest, Times.longest)
    for _ in 0..<3 {
      one.improve(times(threads: 1, calls))
      two.improve(times(threads: 2, calls))
    }
    report(
      "pair",
      [
        ("atoms", Double(structure.count)), ("one", one.wall), ("two", two.wall),
        ("throughput", 2 * one.wall / two.wall), ("throughput_by_cpu", 4 * one.cpu / two.cpu),
        ("processors", Double(WorkerThreads.processors)),
      ])
  }

  /// Seconds of wall time, and of CPU time of all threads together.
  private struct Times {
    var wall: Double, cpu: Double
    static let longest = Times(wall: .infinity, cpu: .infinity)

    mutating func improve(_ other: Times) {
      (wall, cpu) = (min(wall, other.wall), min(cpu, other.cpu))
    }
  }

  /// Times of `threads` threads that each relax their own copy of the structure.
  private func times(threads: Int, _ calls: Int) -> Times {
    let (wall, cpu) = (wallSeconds(), cpuSeconds())
    WorkerThreads.run(threads) {
      do {
        try relax(with: provider, calls)
      } catch {
        fail("network-benchmark: \(error)\n", code: 65)
      }
    }
    return Times(wall: wallSeconds() - wall, cpu: cpuSeconds() - cpu)
  }

  /// Two threads at work on one structure against one, by wall time.
  func timeSplit(_ calls: Int) throws {
    // The specification is the path of the model.
    let split = try Subject.provider(provider.specification, threads: 2)
    var (one, two) = (Double.infinity, Double.infinity)
    for _ in 0..<3 {
      let begin = wallSeconds()
      try relax(with: provider, calls)
      let middle = wallSeconds()
      try relax(with: split, calls)
      (one, two) = (min(one, middle - begin), min(two, wallSeconds() - middle))
    }
    report(
      "split",
      [
        ("atoms", Double(structure.count)), ("one", one), ("two", two), ("speedup", one / two),
        ("processors", Double(WorkerThreads.processors)),
      ])
  }

  /// The most memory that the process had: model, evaluator, all atoms once, then free ones.
  func measureMemory(_ calls: Int) throws {
    let before = peakMegabytes()
    var evaluator = try provider.makeEvaluator(for: structure)
    _ = try evaluator.evaluate(Geometry(structure), wanting: [.energy, .forces])
    try walk(&evaluator, 0..<calls)
    report(
      "memory",
      [
        ("atoms", Double(structure.count)), ("megabytes", peakMegabytes()), ("loaded", before),
      ])
  }

  /// Evaluates free atoms as a relaxation does.
  private func relax(with provider: NetworkProvider, _ calls: Int) throws {
    var evaluator = try provider.makeEvaluator(for: structure)
    try walk(&evaluator, 0..<calls + 1)
  }

  private func walk(_ evaluator: inout any Evaluator, _ calls: Range<Int>) throws {
    var walk = Walk(structure)
    for _ in calls {
      _ = try evaluator.evaluate(
        Geometry(positions: walk.next(), cell: structure.cell), wanting: .forcesOnFreeAtoms)
    }
  }

  private func reportTimes(
    _ name: String, _ samples: [Double], _ more: [(String, Double)] = []
  ) {
    let sorted = samples.sorted()
    report(
      name,
      [
        ("atoms", Double(structure.count)), ("least", sorted[0]),
        ("median", sorted[sorted.count / 2]), ("largest", sorted[sorted.count - 1]),
      ] + more)
  }
}
