// SPDX-License-Identifier: MIT

import CLibrary
import Files
import RelaxNumerics
import StructureFiles
import Synchronization

/// What the worker threads of a run share.
final class SharedRun: Sendable {
  private struct State {
    let output: RunOutput
    let logs: EvaluationLogs?
    let alreadyFinished: Int
    var interrupted: [FinishedStructure] = []
    var failure: (any Error)?
    var identifiers: Set<Int> = []
    var total: Int?
    var isOver = false
    /// Structures at work, and those among them and those that wait which are to have no other beside them.
    var atWork = 0
    var alone = 0
    var waitingAlone = 0
  }

  /// More ids than this are not compared: memory stays bounded.
  private static let identifierLimit = 1_000_000

  private let state: Guarded<State>
  private let workers = Atomic(0)
  private let shard: Shard?
  private let marks: LazyMarks?
  /// The right to write: who was halted for long may have lost it.
  private let claim: OutputClaim?
  let report: @Sendable (Engine.Event) -> Void
  /// Settings that were others at the beginning of the run.
  let changedSettings: [RecordedSetting]

  init(
    output: sending RunOutput, claim: OutputClaim?, shard: Shard?, logs: EvaluationLogs?,
    marks: LazyMarks?, report: @escaping @Sendable (Engine.Event) -> Void
  ) {
    self.claim = claim
    let finished = output.tally.structures
    changedSettings = output.changedSettings
    state = Guarded(State(output: output, logs: logs, alreadyFinished: finished))
    (self.shard, self.marks, self.report) = (shard, marks, report)
  }

  /// A number of its own for each worker, from 0.
  func nextWorker() -> Int { workers.wrappingAdd(1, ordering: .relaxed).oldValue }

  /// Place among the structures of the run.
  func position(of index: Int) -> Int { shard?.position(of: index) ?? index }

  // MARK: - A structure at work

  /// Deaths of processes at a structure.
  func death(of item: StructureQueue.Item) -> RunDeath? {
    state.withLock { $0.output.deaths[position(of: item.index)] }
  }

  /// Waits until a structure may be begun: one that is to be alone until no other is at work, others until none that
  /// is to be alone is or waits.
  ///
  /// - Returns: whether it may; false if the run is to end.
  func enter(alone: Bool, unless shouldStop: () -> Bool) -> Bool {
    var isWaiting = false
    while true {
      let mayBegin = state.withLock { state in
        let isFree = alone ? state.atWork == 0 : state.alone + state.waitingAlone == 0
        let isLeaving = shouldStop() || state.failure != nil
        if alone {
          state.waitingAlone += (isFree || isLeaving ? 0 : 1) - (isWaiting ? 1 : 0)
          isWaiting = !isFree && !isLeaving
        }
        if isLeaving { return Bool?.some(false) }
        guard isFree else { return nil }
        state.atWork += 1
        if alone { state.alone += 1 }
        return true
      }
      if let mayBegin { return mayBegin }
      usleep(2000)
    }
  }

  /// A structure is no longer at work.
  func leave(alone: Bool) {
    state.withLock { state in
      state.atWork -= 1
      if alone { state.alone -= 1 }
    }
  }

  /// The log of a structure's evaluations, where these are kept.
  func log(of item: StructureQueue.Item) throws -> EvaluationLog? {
    guard let logs = state.withLock({ $0.logs }) else { return nil }
    // The journal says what the log belongs to: it comes first.
    return try logs.open(item, position: position(of: item.index)) { [state] in
      try state.withLock { try $0.output.beginNow() }
    }
  }

  /// Notes what a worker is at, for the case that the process dies; nil for nothing.
  func mark(_ item: StructureQueue.Item?, evaluations: Int = 0, worker: Int) throws {
    guard let item else { return marks?.clear(worker: worker) ?? () }
    try marks?.set(index: position(of: item.index), evaluations: evaluations, worker: worker)
  }

  /// The run ends in order.
  func removeMarks() {
    state.withLock { state in
      marks?.remove()
      state.isOver = true
    }
  }

  /// Shows what there is of a structure on its way, if its turn has come.
  func show(_ spool: inout ByteSpool, of item: StructureQueue.Item) throws {
    try claim?.requireHeld()
    try state.withLock { try $0.output.show(&spool, of: position(of: item.index)) }
  }

  // MARK: - The whole

  var hasFailed: Bool { state.withLock { $0.failure != nil } }

  /// Whether the run has come to its end.
  var isOver: Bool { state.withLock { $0.isOver } }

  /// Takes note of how many structures the input has.
  func note(total: Int) {
    let own = shard?.size(of: total) ?? total
    do {
      let isNews = try state.withLock { state in
        guard !state.isOver else { return false }
        state.total = total
        try state.output.note(total: total)
        return true
      }
      if isNews { report(.counted(total: own)) }
    } catch { fail(error) }
  }

  /// Whether a structure was finished by an earlier process.
  ///
  /// - Throws: kind `inconsistent` if it was another one that was finished in its place.
  func isFinished(_ item: StructureQueue.Item) throws(FileError) -> Bool {
    let position = position(of: item.index)
    let (isFinished, source) = state.withLock {
      ($0.output.isFinished(position), $0.output.source(of: position))
    }
    if let source, source != item.checksum { throw SharedRun.otherInput(item.index) }
    return isFinished
  }

  private static func otherInput(_ index: Int) -> FileError {
    FileError(
      .inconsistent, file: "standard input or a pipe",
      "its structure \(index + 1) is not the one that this run has finished; give it the input that it "
        + "began with, or pass --overwrite to start again")
  }

  func fail(_ error: any Error) {
    state.withLock { if $0.failure == nil { $0.failure = error } }
  }

  func hand(
    over structure: FinishedStructure, of item: StructureQueue.Item, reason: String,
    log: EvaluationLog?
  ) throws {
    let id = item.frame.identifier
    try claim?.requireHeld()
    try state.withLock { state in
      if state.identifiers.count < SharedRun.identifierLimit,
        !state.identifiers.insert(id.hashValue).inserted
      {
        report(.repeatedIdentifier(id))
      }
      if structure.status == .interrupted {
        state.interrupted.append(structure)
      } else {
        try state.output.commit(structure)
        if let total = state.total { try state.output.note(total: total) }
        if let log { state.logs?.retire(log, after: structure.status) }
        report(
          .finished(
            id: id, index: item.index, status: structure.status, reason: reason,
            tally: state.output.tally))
      }
    }
  }

  func finish(
    _ queue: StructureQueue, hasStreams: Bool, changedInputs: [String], wasInterrupted: Bool
  ) throws -> Engine.Outcome {
    try claim?.requireHeld()
    return try state.withLock { state in
      if let failure = state.failure { throw failure }
      let met = queue.count
      if !wasInterrupted, position(of: met) < state.output.next,
        state.output.source(of: position(of: met)) != nil
      {
        throw SharedRun.otherInput(met)
      }
      let isComplete = !wasInterrupted && queue.errors.isEmpty && changedInputs.isEmpty
      var total = state.total
      if total == nil && wasInterrupted && !hasStreams {
        total = queue.count(within: Engine.countingTime)
      }
      try state.output.commitInterrupted(state.interrupted)
      // A part without structures is a part all the same: its files say that it is done.
      if isComplete && shard != nil && met > 0 && !state.output.hasFiles {
        try state.output.beginNow()
      }
      if isComplete { try state.output.note(total: met) }
      try state.output.finish(
        isComplete: isComplete, total: total, unusable: queue.unusableFrames.count)
      return Engine.Outcome(
        tally: state.output.tally, resumed: state.alreadyFinished,
        unusableFrames: queue.unusableFrames, unreadableFiles: queue.errors,
        fileWarnings: queue.warnings, changedInputs: changedInputs,
        total: total.map { shard?.size(of: $0) ?? $0 }, structuresMet: met,
        earlierTroubles: state.output.earlierTroubles, wasInterrupted: wasInterrupted,
        hasResults: state.output.hasFiles)
    }
  }
}

/// The marks of a run's workers, made when the first structure is begun.
final class LazyMarks: Sendable {
  private let relaxed: String
  private let workers: Int
  private let made = Guarded<WorkMarks?>(nil)

  init(relaxed: String, workers: Int) { (self.relaxed, self.workers) = (relaxed, workers) }

  func set(index: Int, evaluations: Int, worker: Int) throws {
    let marks = try made.withLock { made in
      if let made { return made }
      let marks = try WorkMarks(beside: relaxed, workers: workers)
      made = marks
      return marks
    }
    marks.set(index: index, evaluations: evaluations, worker: worker)
  }

  func clear(worker: Int) { made.withLock { $0 }?.clear(worker: worker) }

  func remove() { made.withLock { $0 }?.remove() }
}
