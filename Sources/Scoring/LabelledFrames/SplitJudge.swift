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
  /// Which frames to take.
  public var accepts: @Sendable (Structure) -> Bool = { _ in true }
  /// Take at most this many frames of each set, spread evenly over it; nil takes all.
  public var limit: Int?
  /// Frames at work at once.
  public var threads = 1

  /// A judge of whole sets by `judge`.
  public init(_ judge: FrameJudge) { self.judge = judge }

  /// Reads `collection` and scores it as the set `name`.
  ///
  /// - Parameter report: receives the number of frames done, from any of the threads.
  /// - Throws: the first `FileError` in the order of the files.
  public func score(
    _ collection: FrameCollection, name: String,
    report: @escaping @Sendable (Int) -> Void = { _ in }
  ) throws(FileError) -> SplitScore {
    var sample: EvenSample?
    if let limit { sample = EvenSample(limit, of: try count(collection)) }
    let queue = FrameQueue(collection, accepts: accepts, sample: sample)
    let results = OrderedResults(
      SplitScore(name: name, path: collection.path, files: collection.chunks.count), report: report)
    let judge = self.judge
    let workers = WorkerThreads(count: threads) { _ in
      while let item = queue.next() {
        do throws(FileError) {
          let frame = try item.frame.get()
          results.hand(
            over: Judged(try judge.outcome(of: frame), of: frame), turn: item.turn)
        } catch {
          queue.stop()
          results.fail(error, turn: item.turn)
        }
      }
    }
    workers.join()
    return try results.finish()
  }

  /// Frames of `collection` that are accepted, whatever the limit; unusable ones are, to be named.
  public func count(_ collection: FrameCollection) throws(FileError) -> Int {
    let reader = CollectionReader(collection)
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

/// The frames of a collection as a stream from which worker threads take the next.
private final class FrameQueue: Sendable {
  struct Item {
    /// Position among the frames taken, from 0.
    var turn: Int
    /// The frame, or why there are no more.
    var frame: Result<LabelledFrame, FileError>
  }

  private struct State {
    let reader: CollectionReader
    var accepted = 0
    var turn = 0
    var isOver = false
  }

  private let state: Guarded<State>
  private let accepts: @Sendable (Structure) -> Bool
  private let sample: EvenSample?

  init(
    _ collection: FrameCollection, accepts: @escaping @Sendable (Structure) -> Bool,
    sample: EvenSample?
  ) {
    state = Guarded(State(reader: CollectionReader(collection)))
    (self.accepts, self.sample) = (accepts, sample)
  }

  /// Ends the stream early.
  func stop() { state.withLock { $0.isOver = true } }

  func next() -> Item? {
    state.withLock { state in
      guard !state.isOver else { return nil }
      do throws(FileError) {
        while let frame = try state.reader.next() {
          guard frame.isAccepted(by: accepts) else { continue }
          defer { state.accepted += 1 }
          guard sample?.contains(state.accepted) ?? true else { continue }
          defer { state.turn += 1 }
          return Item(turn: state.turn, frame: .success(frame))
        }
        state.isOver = true
        return nil
      } catch {
        state.isOver = true
        return Item(turn: state.turn, frame: .failure(error))
      }
    }
  }
}

/// Takes results in any order and adds them up in that of the frames.
private final class OrderedResults: Sendable {
  private struct State {
    var score: SplitScore
    var turn = 0
    var waiting: [Int: Judged] = [:]
    var failure: (error: FileError, turn: Int)?
  }

  private let state: Guarded<State>
  private let report: @Sendable (Int) -> Void

  init(_ score: SplitScore, report: @escaping @Sendable (Int) -> Void) {
    state = Guarded(State(score: score))
    self.report = report
  }

  func hand(over judged: Judged, turn: Int) {
    state.withLock { state in
      state.waiting[turn] = judged
      while let next = state.waiting.removeValue(forKey: state.turn) {
        state.score.add(next.outcome, id: next.id, frame: next.frame)
        state.turn += 1
      }
      report(state.turn)
    }
  }

  func fail(_ error: FileError, turn: Int) {
    state.withLock { state in
      if turn < state.failure?.turn ?? .max { state.failure = (error, turn) }
    }
  }

  func finish() throws(FileError) -> SplitScore {
    let (score, failure) = state.withLock { state in
      state.score.finish()
      return (state.score, state.failure?.error)
    }
    if let failure { throw failure }
    return score
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

  /// Scores of `splits` by `evaluation`.
  public init(_ evaluation: SplitJudge, selection: [String] = [], splits: [SplitScore]) {
    provider = evaluation.judge.provider.specification
    energies = evaluation.judge.energies
    rotations = evaluation.judge.rotations
    limit = evaluation.limit
    (self.selection, self.splits) = (selection, splits)
  }

  /// Averages over the sets.
  public var average: SplitMetrics { .average(of: splits.map(\.metrics)) }
  /// Frames that the means are over, all sets together.
  public var frames: Int { splits.reduce(0) { $0 + $1.frames } }
  /// Frames without a usable answer, all sets together.
  public var failures: Int { splits.reduce(0) { $0 + $1.failures.count } }
}
