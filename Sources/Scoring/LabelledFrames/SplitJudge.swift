// SPDX-License-Identifier: MIT

import Files
import Forces
import RelaxNumerics
import StructureFiles
import Structures

/// Judges a provider by sets of labelled frames, on several threads.
///
/// Each frame is judged on its own and the results are added in the order of the files, so every
/// digit is the same for any number of threads. Frames are read as a stream; what stays in memory of
/// each is three numbers a free atom (see `ConstantForceBaselines`).
public struct SplitJudge: Sendable {
  /// What is judged, and how.
  public var judge: FrameJudge
  /// Whether labels count whose electrons did not converge.
  public var takesUnconverged = false
  /// Which frames to take: those that all of these accept.
  public var filters: [FrameFilter] = []
  /// What must hold of them too.
  public var accepts: @Sendable (Structure) -> Bool = { _ in true }
  /// Take at most this many frames of each set, spread evenly over it; nil takes all.
  public var limit: Int?
  /// Frames at work at once.
  public var threads = 1
  /// The part of the frames that is judged, of those that are taken of each set; nil for all of them.
  public var shard: Shard?

  /// A judge of whole sets by `judge`.
  public init(_ judge: FrameJudge) { self.judge = judge }

  /// Reads `collection` and scores it as the set `name`.
  ///
  /// - Parameters:
  ///   - manifest: takes note of everything, if this is a shard that is to be merged with others.
  ///   - report: receives the number of frames done, on the calling thread.
  /// - Throws: the first `FileError` in the order of the files.
  public func score(
    _ collection: FrameCollection, name: String, manifest: EvaluationManifest? = nil,
    report: (Int) -> Void = { _ in }
  ) throws(FileError) -> SplitScore {
    var sample: EvenSample?
    if let limit { sample = EvenSample(limit, of: try count(collection)) }
    let reader = reader(of: collection)
    var (accepted, taken, done) = (0, 0, 0)
    var score = SplitScore(name: name, path: collection.path, files: collection.chunks.count)
    try manifest?.begin(score)
    let (judge, accepts, chosen, shard) = (self.judge, self.accepts, sample, self.shard)
    let notes = Guarded<(warnings: [FileError], energies: [String], taken: Int)>(([], [], 0))
    try mapInOrder(
      threads: threads,
      next: { () throws(FileError) -> LabelledFrame? in
        while let frame = try reader.next() {
          guard frame.isAccepted(by: accepts) else { continue }
          defer { accepted += 1 }
          guard chosen?.contains(accepted) ?? true else { continue }
          defer { taken += 1 }
          if shard?.contains(taken) ?? true { return frame }
        }
        let known = (reader.warnings, reader.energies, taken)
        notes.withLock { $0 = known }
        return nil
      },
      transform: { (frame: LabelledFrame) throws(FileError) -> Judged in
        Judged(try judge.outcome(of: frame), of: frame)
      },
      consume: { (judged: Judged) throws(FileError) in
        score.add(judged.outcome, id: judged.id, frame: judged.frame)
        try manifest?.add(judged.outcome, id: judged.id, frame: judged.frame)
        done += 1
        report(done)
      })
    score.finish()
    (score.warnings, score.energyMeanings, score.framesOfAll) = notes.withLock { $0 }
    try manifest?.end(score)
    return score
  }

  private func reader(of collection: FrameCollection) -> CollectionReader {
    CollectionReader(collection, selecting: filters, takesUnconverged: takesUnconverged)
  }

  /// Frames of `collection` that are accepted, whatever the limit; unusable ones are, to be named.
  public func count(_ collection: FrameCollection) throws(FileError) -> Int {
    let reader = reader(of: collection)
    var count = 0
    while let frame = try reader.next() {
      if frame.isAccepted(by: accepts) { count += 1 }
    }
    return count
  }
}

extension LabelledFrame {
  /// Whether `accepts` holds for its structure; of one that cannot be used nothing is known.
  fileprivate func isAccepted(by accepts: (Structure) -> Bool) -> Bool {
    switch frame.content {
    case .success(let structure): accepts(structure)
    case .failure: true
    }
  }
}

/// What came of a frame, with its name and its number in the set.
private struct Judged {
  var outcome: FrameOutcome
  var id: String
  var frame: Int

  init(_ outcome: FrameOutcome, of frame: LabelledFrame) {
    (self.outcome, id, self.frame) = (outcome, frame.name, frame.index)
  }
}

/// A number of things spread evenly over a row of them: the first, and then at equal distances.
///
/// The frames of a set lie in the order of their relaxations, so its beginning would be no sample.
struct EvenSample: Hashable, Sendable {
  let size: Int
  let total: Int

  /// `limit` of `total` things, or all if there are no more.
  init(_ limit: Int, of total: Int) {
    precondition(limit > 0, "a sample of \(limit)")
    (size, self.total) = (min(limit, total), total)
  }

  /// Whether thing number `index` is in the sample: whether it is ⌊i · total / size⌋ for an i.
  func contains(_ index: Int) -> Bool {
    guard size < total else { return index < total }
    let i = (index * size + total - 1) / total
    return i < size && i * total / size == index
  }
}

/// How well a provider does on all sets, and what that depends on.
public struct EvaluationScore: Sendable {
  /// The provider's specification.
  public var provider: String
  /// What its energies were taken for.
  public var energies: EnergyMeaning
  /// Rotations of each frame, if any.
  public var rotations: RotationInstability.Sampling?
  /// Frames taken of each set at most, if limited.
  public var limit: Int?
  /// Conditions that frames had to meet, as `KEY=VALUE`.
  public var selection: [String]
  /// Each set, in the order given.
  public var splits: [SplitScore]
  /// Which part of the frames it is of; nil for all of them.
  public var shard: Shard?

  /// Scores of `splits` by `evaluation`.
  public init(_ evaluation: SplitJudge, selection: [String] = [], splits: [SplitScore]) {
    provider = evaluation.judge.provider.specification
    energies = evaluation.judge.energies
    rotations = evaluation.judge.rotations
    limit = evaluation.limit
    shard = evaluation.shard
    (self.selection, self.splits) = (selection, splits)
  }

  /// Averages over the sets.
  public var average: SplitMetrics { .average(of: splits.map(\.metrics)) }
  /// Frames that the means are over, all sets together.
  public var frames: Int { splits.reduce(0) { $0 + $1.frames } }
  /// Frames without a usable answer, all sets together.
  public var failures: Int { splits.reduce(0) { $0 + $1.failures.count } }
}
