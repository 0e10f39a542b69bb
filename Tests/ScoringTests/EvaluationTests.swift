// SPDX-License-Identifier: MIT

import Files
import Forces
import RelaxNumerics
import StructureFiles
import Structures
import TestSupport
import Testing

@testable import Scoring

@Suite("Evaluation on labelled frames")
struct EvaluationTests {
  static let zero = Formula(energy: { _ in 0 }) { [Vector3](repeating: .zero, count: $0.count) }

  /// A frame of oxygens in a row, with these labels.
  static func frame(
    _ forces: [Vector3], energy: Double? = nil, mask: MoveMask? = nil, element: Element? = nil
  ) -> Structure {
    Structure(
      elements: forces.map { _ in element ?? Samples.oxygen },
      positions: forces.indices.map { Vector3(3 * Double($0), 0, 0) }, moveMask: mask,
      energy: energy, forces: forces)
  }

  private func score(
    _ structures: [Structure], labels: String? = nil, threads: Int = 1,
    _ judge: FrameJudge = FrameJudge(zero), change: (inout SplitJudge) -> Void = { _ in }
  ) throws -> SplitScore {
    let scratch = try Scratch()
    let writer = try StructureWriter(path: scratch.path("0.extxyz"), overwrite: false)
    for structure in structures { try writer.write(structure) }
    try writer.finish()
    if let labels { try scratch.write(labels, to: "0.txt") }
    var evaluation = SplitJudge(judge)
    evaluation.threads = threads
    change(&evaluation)
    return try evaluation.score(FrameCollection(path: scratch.path("0.extxyz")), name: "set")
  }

  @Test("atoms weigh equally, and fixed ones not at all")
  func means() throws {
    let result = try score([
      Self.frame([Vector3(0.3, 0, -0.6), Vector3(9, 9, 9)], mask: MoveMask(free: [true, false])),
      Self.frame([Vector3(0, 0.03, 0), Vector3(0, 0, 0.02)]),
      Self.frame([Vector3(0, 0.02, 0)]),
    ])
    #expect(result.frames == 3)
    #expect(result.forces.atoms == 4)
    let metrics = result.metrics
    #expect(abs(metrics.forceError - 0.97 / 12) < 1e-15)
    #expect(abs(metrics.forceErrorByAxis.z - 0.62 / 4) < 1e-15)
    #expect(metrics.forceCosine == 0)
    // An error of just 0.03 is not within the threshold.
    #expect(metrics.forceShareWithinThreshold == 1.0 / 3)
    #expect(abs(metrics.zeroBaseline - metrics.forceError) < 1e-16)
    #expect(metrics.energyError.isNaN && metrics.rotationInstability.isNaN)
  }

  @Test("of an atom held along an axis the other components count")
  func components() throws {
    let mask = MoveMask(components: [[.x, .z], [.y, .z], .fixed])
    let result = try score([
      Self.frame([Vector3(0.1, 7, 0.2), Vector3(5, 0.4, 0), Vector3(8, 8, 8)], mask: mask)
    ])
    #expect(result.forces.atoms == 2)
    #expect(abs(result.metrics.forceError - 0.7 / 4) < 1e-15)
    #expect((result.metrics.forceErrorByAxis - Vector3(0.1, 0.4, 0.1)).length < 1e-15)
    let norms = (0.1 * 0.1 + 0.2 * 0.2).squareRoot() + 0.4
    #expect(abs(result.metrics.forceMagnitudeError - norms / 2) < 1e-15)
    #expect(abs(result.baselines.zeroError - 0.7 / 4) < 1e-15)
    #expect(result.metrics.forceShareWithinThreshold == 0)
  }

  /// x: 0, 1, 5, 100 → 3, deviations 3, 2, 2, 97; y: all 2 → 0; z: −1, 0, 0, 0 → 0, one of 1.
  @Test("the median baseline is the best constant vector of the split")
  func median() throws {
    let result = try score([
      Self.frame([Vector3(5, 2, 0), Vector3(0, 2, -1)]),
      Self.frame([Vector3(100, 2, 0), Vector3(1, 2, 0)]),
    ])
    #expect(result.baselines.median == Vector3(3, 2, 0))
    #expect(result.baselines.medianError == 105.0 / 12)
    #expect(result.baselines.zeroError == 115.0 / 12)
  }

  @Test("adsorption energies are the frames' less the reference energies of the labels")
  func adsorption() throws {
    let frames = [
      Self.frame([.zero], energy: 5), Self.frame([.zero]),
      Self.frame([Vector3(0.5, 0, 0)], energy: 2),
    ]
    let labels = "a,frame0,5.015625\nb,frame0,9\nc,frame3,2\n"
    var judge = FrameJudge(Self.zero)
    let total = try score(frames, labels: labels, judge)
    #expect(total.energies.structures == 2)
    #expect(total.metrics.energyError == 3.5)
    #expect(total.metrics.energyShareWithinThreshold == 0)
    judge.energies = .adsorption
    let adsorption = try score(frames, labels: labels, judge)
    #expect(adsorption.metrics.energyError == 0.015625 / 2)
    #expect(adsorption.metrics.energySquaredError == 0.015625 * 0.015625 / 2)
    #expect(adsorption.metrics.energyShareWithinThreshold == 1)
    #expect(adsorption.metrics.shareWithinBothThresholds == 0.5)
    let error = #expect(throws: FileError.self) { try self.score(frames, judge) }
    #expect(
      error?.message == "frame 1 (0#0) has no reference energy, from which adsorption energies "
        + "count; expected a file N.txt beside N.extxyz, or energies that are total")
    #expect(error?.line == 1)
  }

  @Test("what cannot be evaluated is named and in no mean")
  func failures() throws {
    var judge = FrameJudge(
      Formula(knownElements: [Samples.oxygen]) { structure in
        structure.positions.map { _ in Vector3(structure.energy == 1 ? .nan : 0, 0, 0) }
      })
    judge.rotations = RotationInstability.Sampling(count: 2)
    let result = try score(
      [
        Self.frame([Vector3(0.5, 0, 0)]),
        Self.frame([.zero], element: Samples.copper),
        Self.frame([.zero], energy: 1),
        Self.frame([.zero], mask: MoveMask(free: [false])),
      ], judge)
    #expect(result.frames == 1 && result.framesMet == 4 && result.framesWithoutFreeAtoms == 1)
    #expect(
      result.failures == [
        SplitScore.Failure(
          id: "0#1", frame: 1, reason: "formula has no parameters for Cu (it knows O)"),
        SplitScore.Failure(id: "0#2", frame: 2, reason: "the force on atom 1 is not finite"),
      ])
    #expect(abs(result.metrics.forceError - 0.5 / 3) < 1e-16)
    #expect(result.metrics.rotationInstability == 0)
  }

  @Test(
    "frames without labels are errors, the first of the file first",
    arguments: [1, 4])
  func badLabels(threads: Int) throws {
    var bare = Self.frame([.zero])
    bare.forces = nil
    let good = Self.frame([.zero])
    let nan = Self.frame([Vector3(0, .nan, 0)])
    let error = #expect(throws: FileError.self) {
      try self.score([good, good, bare, nan, bare], threads: threads)
    }
    #expect(
      error?.message
        == "frame 3 (0#2) has no forces to compare with; expected forces:R:3 among its Properties")
    #expect(error?.kind == .content && error?.line == 7)
    // Nothing is asked of atoms that do not move.
    let fixed = Self.frame([Vector3(0, .nan, 0), .zero], mask: MoveMask(free: [false, true]))
    #expect(try score([fixed]).metrics.forceError == 0)
  }

  @Test("labels that are not finite are named, and the other frames are judged", arguments: [1, 3])
  func labelsNotFinite(threads: Int) throws {
    let result = try score(
      [
        Self.frame([Vector3(0.3, 0, 0)], energy: 1), Self.frame([.zero, Vector3(0, .nan, 0)]),
        Self.frame([.zero], energy: .infinity), Self.frame([Vector3(.infinity, 0, 0)]),
        Self.frame([.zero], energy: .nan), Self.frame([Vector3(0, 0.6, 0)]),
      ], threads: threads)
    #expect(result.frames == 2 && abs(result.metrics.forceError - 0.15) < 1e-15)
    #expect(result.failures.map(\.frame) == [1, 2, 3, 4])
    #expect(
      result.failures.map(\.reason) == [
        "its label has a force that is not finite, on atom 2",
        "its label has an energy that is not finite",
        "its label has a force that is not finite, on atom 1",
        "its label has an energy that is not finite",
      ])
  }

  @Test("a frame that cannot be used is named, and the others are judged")
  func unusable() throws {
    let scratch = try Scratch()
    let head = "1\nProperties=species:S:1:pos:R:3:forces:R:3 sid="
    try scratch.write(
      head + "a fid=0\nO 0 0 0 0.3 0 0\n" + head + "a fid=1\nO nan 0 0 0 0 0\n" + head
        + "a fid=2\nXx 0 0 0 0 0 0\n" + head + "a fid=3\nO 0 0 0 0.6 0 0\n", to: "s.extxyz")
    for limit in [nil, 4, 3] {
      var evaluation = SplitJudge(FrameJudge(Self.zero))
      evaluation.limit = limit
      let result = try evaluation.score(
        FrameCollection(path: scratch.path("s.extxyz")), name: "s")
      #expect(result.framesMet == limit ?? 4)
      #expect(result.failures.first?.frame == 1)
      #expect(result.failures.allSatisfy { $0.reason.hasPrefix("it cannot be used: ") })
    }
  }

  @Test("a limited sample is spread evenly from the first frame on", arguments: 1...12)
  func limit(size: Int) throws {
    let taken = (0..<10).filter { EvenSample(size, of: 10).contains($0) }
    #expect(taken == (0..<min(size, 10)).map { $0 * 10 / min(size, 10) })
    let frames = (0..<10).map { Self.frame([Vector3(Double($0), 0, 0)]) }
    let result = try score(frames) { $0.limit = size }
    #expect(result.frames == min(size, 10))
    let mean = Double(taken.reduce(0, +)) / Double(3 * taken.count)
    #expect(abs(result.baselines.zeroError - mean) < 1e-15)
  }

  @Test("every digit is the same for any number of threads")
  func threads() throws {
    var random = SeededGenerator(seed: 12)
    let frames = (0..<60).map { _ in
      Self.frame(
        (0..<7).map { _ in
          Vector3(random.uniform(-1, 1), random.uniform(-1, 1), random.uniform(-1, 1))
        }, energy: random.uniform(-1, 1))
    }
    var judge = FrameJudge(Formula(energy: { $0.positions[1].x }) { $0.positions })
    judge.rotations = RotationInstability.Sampling(count: 5, seed: 3)
    let alone = try score(frames, judge).metrics
    for threads in [2, 5] {
      #expect(try score(frames, threads: threads, judge).metrics == alone)
    }
    #expect(alone.forceError.isFinite && alone.energyError.isFinite)
  }

  @Test("the rotations of a frame do not depend on which others are taken")
  func rotationsOfASelection() throws {
    var judge = FrameJudge(Formula { [Vector3](repeating: Vector3(1, 0, 0), count: $0.count) })
    judge.rotations = RotationInstability.Sampling(count: 3, seed: 1)
    let frames = (0..<4).map { Self.frame([.zero], energy: Double($0)) }
    let last = try score(frames, judge) { $0.accepts = { $0.energy == 3 } }
    #expect(last.frames == 1)
    let angles = RotationInstability.Sampling(count: 3, seed: 1).angles(frame: 3)
    var expected = RotationInstability()
    try expected.add(
      frames[3], unrotated: [Vector3(1, 0, 0)], angles: angles, provider: judge.provider)
    #expect(last.metrics.rotationInstability == expected.mean)
  }

  @Test("averages give splits equal weight, and there is none of what one lacks")
  func average() throws {
    let one = try score([Self.frame([Vector3(3, 0, 0)], energy: 1)]).metrics
    let many = try score((0..<9).map { _ in Self.frame([Vector3(0, 6, 0)]) }).metrics
    let average = SplitMetrics.average(of: [one, many])
    #expect(average.forceError == 1.5)
    #expect(average.forceErrorByAxis == Vector3(1.5, 3, 0))
    #expect(average.energyError.isNaN)
    #expect(SplitMetrics.average(of: [one, one]).energyError == 1)
  }
}
