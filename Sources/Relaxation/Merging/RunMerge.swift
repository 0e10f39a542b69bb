// SPDX-License-Identifier: MIT

import Files

/// Makes the files of one run of those of its shards, byte for byte those that it would have written unsharded.
///
/// All shards are read to their end before anything is written, so what is missing, foreign, unfinished or damaged is
/// found in time. Memory does not grow with the number of structures.
public struct RunMerge {
  /// Where the merged files go.
  public let paths: RunPaths
  /// The shards, of which some may be missing.
  public let set: ShardSet
  private let shards: [ShardRun]
  private let settings: [RecordedSetting]

  /// What came of it.
  public struct Outcome: Sendable {
    /// All structures.
    public var tally: RunTally
    /// Frames that could not be read.
    public var unusable: Int
    /// Lines of the summary of the first structures that did not converge.
    public var troubles: [String]
    /// Whether there are outputs: not where no frame could be read.
    public var hasResults: Bool
  }

  /// Looks at the shards of `output`.
  ///
  /// - Parameter partial: whether what is missing or not finished is done without.
  /// - Throws: `ShardSetError`, naming all shards that are at fault.
  public init(of output: String, partial: Bool) throws {
    let set = try ShardSet(of: output, hidden: ["journal"])
    self.set = set
    let bare = RunPaths(relaxed: output)
    var states: [Shard: ShardSet.State] = [:]
    var found: [Shard: ShardRun] = [:]
    for shard in set.present {
      do throws(FileError) {
        guard let run = try ShardRun(shard, of: bare) else {
          states[shard] = .damaged("has no journal, which is hidden beside it")
          continue
        }
        found[shard] = run
        guard let own = run.ownShard else {
          states[shard] = .damaged("is of a run without shards")
          continue
        }
        states[shard] =
          run.isFinished || partial && run.count > 0
          ? .finished(own, run.settings) : .unfinished
      } catch {
        states[shard] = .damaged("has a journal that cannot be used: \(error.message)")
      }
    }
    let usable = try set.requireMergeable(states, partial: partial)
    guard let first = usable.first.flatMap({ found[$0] }) else {
      preconditionFailure("a set that can be merged has a shard")
    }
    paths = RunPaths(
      relaxed: output, trajectory: first.place(of: "trajectory", beside: output),
      summary: first.place(of: "summary", beside: output))
    let whole = RunPaths(relaxed: output, trajectory: paths.trajectory)
    shards = usable.compactMap { found[$0]?.writing(whole) }
    // Places in what is merged of some are not those of the input: nobody must go on with it.
    let isWhole = usable.count == set.count && shards.allSatisfy(\.isFinished)
    settings = first.settings + (isWhole ? [] : [RecordedSetting("shards", "some")])
    if isWhole { try requireAllStructures() }
  }

  /// How many shards are merged, some perhaps not as a whole.
  public var merged: Int { shards.count }

  /// Files that are read.
  public var inputs: [String] {
    shards.flatMap { [$0.paths.relaxed] + ($0.paths.trajectory.map { [$0] } ?? []) }
  }

  /// What is not merged, in words; nil if that is nothing.
  public var absence: String? {
    let unfinished = shards.filter { !$0.isFinished }.map(\.shard)
    let isWhole = shards.count == set.count && unfinished.isEmpty
    return isWhole
      ? nil
      : set.absence(without: shards.filter(\.isFinished).map(\.shard), unfinished: unfinished)
  }

  /// Shards of one input have as many structures as their numbers say.
  private func requireAllStructures() throws(ShardSetError) {
    let total = shards.reduce(0) { $0 + $1.count }
    let wrong = shards.filter { $0.count != $0.shard.size(of: total) }
    guard let first = wrong.first else { return }
    throw ShardSetError(
      .damaged,
      "\(PathText.shown(paths.relaxed)): shard \(first.shard) has \(first.count) structures, where "
        + "\(first.shard.size(of: total)) of \(total) are its share; make it again with --overwrite"
    )
  }

  /// Reads all shards to their end.
  ///
  /// - Throws: `ShardSetError` for one that is not what its journal says.
  private func verify(_ shouldStop: () -> Bool) throws -> Bool {
    var damage: [String] = []
    for shard in shards {
      do {
        var reader = try ShardRun.Reader(shard, to: nil, readers: 1)
        while reader.next != nil {
          guard !shouldStop() else { return false }
          _ = try reader.take()
        }
      } catch let error as FileError {
        damage.append("\(PathText.shown(error.file)): \(error.message)")
      }
    }
    guard damage.isEmpty else {
      throw ShardSetError(
        .damaged,
        damage.prefix(3).joined(separator: "\n")
          + (damage.count > 3 ? "\nand \(damage.count - 3) more" : "")
          + "\nput back what was there, or make these shards again with --overwrite")
    }
    return true
  }

  /// Merges.
  ///
  /// One that was killed goes on where it was.
  ///
  /// - Parameters:
  ///   - claim: the right to write `paths`.
  ///   - report: receives the number of structures that are written, now and then.
  /// - Returns: what came of it; nil if it was stopped.
  /// - Throws: `ShardSetError` before anything is written; `FileError`.
  public func run(
    replacing: Bool, claim: OutputClaim, shouldStop: () -> Bool = { false },
    report: (Int) -> Void = { _ in }
  ) throws -> Outcome? {
    guard try verify(shouldStop) else { return nil }
    let output = try RunOutput(
      paths, start: start(replacing: replacing), settings: settings, threads: 0,
      origin: shards.first?.origin)
    var readers = try shards.map {
      try ShardRun.Reader($0, to: paths.trajectory, readers: shards.count)
    }
    var place = 0
    var troubles: [String] = []
    var position = 0
    while readers.contains(where: { $0.next != nil }) {
      for index in readers.indices where readers[index].next == position {
        guard !shouldStop() else {
          try output.finish(isComplete: false)
          return nil
        }
        let part = try readers[index].take()
        if part.entry.status != .converged && troubles.count < RunHistory.troublesKept {
          troubles.append(part.entry.summary)
        }
        if !output.isFinished(place) {
          try claim.requireHeld()
          try output.commit(part.finished(at: place))
        }
        place += 1
        report(place)
      }
      position += 1
    }
    let unusable = shards.reduce(0) { $0 + $1.unusable }
    try output.note(total: place)
    try output.finish(unusable: unusable)
    if absence == nil { for shard in shards { try shard.copyEvaluations(to: paths.relaxed) } }
    return Outcome(
      tally: output.tally, unusable: unusable, troubles: troubles, hasResults: output.hasFiles)
  }

  /// A merge that was killed has left a run that is not complete, with the same settings; what is nothing but an earlier
  /// merge of these shards may be made again.
  private func start(replacing: Bool) -> RunStart {
    guard !replacing else { return .overwriting }
    guard let trace = RunTrace(of: paths), trace.isMerged else { return .new }
    if !trace.isComplete && trace.settings == settings { return .resuming }
    let isOurs =
      trace.settings.filter { $0.name != "shards" }
      == settings.filter { $0.name != "shards" }
    return isOurs ? .overwriting : .new
  }
}

extension ShardRun.Part {
  /// The structure as one of the whole run.
  fileprivate func finished(at index: Int) -> FinishedStructure {
    FinishedStructure(
      index: index, status: entry.status, steps: entry.steps, evaluations: entry.evaluations,
      relaxed: relaxed, trajectory: trajectory, summary: entry.summary, source: entry.source)
  }
}
