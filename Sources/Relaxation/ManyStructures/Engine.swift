// SPDX-License-Identifier: MIT

import Files
import Forces
import RelaxNumerics
import StructureFiles
import Structures

/// Relaxes a stream of structures on several threads and writes them in input order.
///
/// The unit of work is a structure: a worker takes the next one, relaxes it alone, hands it over
/// and takes another. Nothing passes between structures, so the bytes written depend on neither the
/// number of threads nor the order in which structures finish. Memory does not grow with the number
/// of structures.
public struct Engine: Sendable {
  /// Files to read, in this order.
  public var inputs: [String]
  /// Frames must pass all of these.
  public var filters: [FrameFilter] = []
  /// Where forces come from.
  public var provider: any ForceProvider
  /// How each structure is relaxed.
  public var settings: RelaxationSettings
  /// What the trajectory holds.
  public var frames: FrameSelection = .all
  /// Structures at work at once.
  public var threads = 1

  /// An engine for these inputs.
  public init(inputs: [String], provider: any ForceProvider, settings: RelaxationSettings) {
    (self.inputs, self.provider, self.settings) = (inputs, provider, settings)
  }

  /// What a run tells while it goes on.
  public enum Event: Sendable {
    /// A structure is done; the tally includes it.
    case finished(id: String, status: RelaxationStatus, reason: String, tally: RunTally)
    /// An id was met that an earlier structure has too.
    case repeatedIdentifier(String)
    /// A structure has a column `fixed`, which nothing reads, and no `move_mask`: all atoms move.
    case fixedColumnWithoutMask(id: String)
  }

  /// What came of a run.
  public struct Outcome: Sendable {
    /// All structures of the run, those finished before it was resumed included.
    public var tally: RunTally
    /// Structures that an earlier run had finished.
    public var resumed: Int
    /// Frames whose content cannot be used.
    public var unusableFrames: [FileError]
    /// Files that could not be read to their end.
    public var unreadableFiles: [FileError]
    /// Whether it was stopped before the end.
    public var wasInterrupted: Bool
  }

  /// Runs to the end, or until `shouldStop`.
  ///
  /// - Parameters:
  ///   - paths: where to write.
  ///   - start: what to do about outputs that are there.
  ///   - described: further settings that decide the results, such as names of schemes; a resumed
  ///     run must have the same.
  ///   - shouldStop: asked by all threads before every step.
  ///   - report: receives events, from any of the threads.
  public func run(
    to paths: RunPaths, start: RunStart = .new, described: [RunSetting] = [],
    shouldStop: @escaping @Sendable () -> Bool = { false },
    report: @escaping @Sendable (Event) -> Void = { _ in }
  ) throws -> Outcome {
    let files = try OutputFormats(
      relaxed: StructureOutput(path: paths.relaxed),
      trajectory: paths.trajectory.map { path throws(FileError) in try StructureOutput(path: path) }
    )
    let output = try RunOutput(paths, start: start, settings: described + recordedSettings(paths))
    let shared = Shared(output: output, report: report)
    let queue = StructureQueue(paths: inputs, filters: filters)
    let workers = WorkerThreads(count: threads) { _ in
      work(queue, shared, files, shouldStop)
    }
    workers.join()
    return try shared.finish(queue, wasInterrupted: shouldStop())
  }

  private func recordedSettings(_ paths: RunPaths) throws -> [RunSetting] {
    [
      RunSetting("provider", provider.identity),
      RunSetting("optimizer", "\(settings.optimizer)"),
      RunSetting("fmax", "\(settings.fmax)"),
      RunSetting("steps", "\(settings.maximumSteps)"),
      RunSetting("stalls", settings.endsStalls ? "end" : "go on"),
      RunSetting("frames", paths.trajectory == nil ? "none" : frames.description),
      RunSetting("trajectory", paths.trajectory ?? "none"),
      RunSetting("summary", paths.summary ?? "none"),
      RunSetting("select", filters.recorded),
    ]
      + inputs.enumerated().map {
        RunSetting("input \($0.offset + 1)", FileFingerprint.describe($0.element))
      }
  }

  private func work(
    _ queue: StructureQueue, _ shared: Shared, _ files: OutputFormats,
    _ shouldStop: @escaping @Sendable () -> Bool
  ) {
    while !shouldStop() && !shared.hasFailed {
      guard let item = queue.next(skipping: shared.isFinished) else { return }
      do {
        let cancellation = Cancellation { shouldStop() || shared.hasFailed }
        try relax(item, shared, files, cancellation)
      } catch {
        shared.fail(error)
      }
    }
  }

  private func relax(
    _ item: StructureQueue.Item, _ shared: Shared, _ files: OutputFormats,
    _ cancellation: Cancellation
  ) throws {
    let clock = ContinuousClock()
    let begin = clock.now
    var relaxed: [UInt8] = []
    var recorder: FrameRecorder?
    let result: RelaxationResult
    switch item.frame.content {
    case .failure(let error):
      result = RelaxationResult(
        status: .invalid, reason: error.description, steps: 0, evaluations: 0, positions: [])
    case .success(let structure):
      if structure.moveMask == nil && structure.columns.contains(where: { $0.name == "fixed" }) {
        shared.report(.fixedColumnWithoutMask(id: item.frame.identifier))
      }
      recorder = files.trajectory.map {
        FrameRecorder(
          structure, identifier: item.frame.identifier, selection: frames, output: $0)
      }
      result = try Relaxation(settings).run(
        structure, provider: provider, cancellation: cancellation
      ) { try recorder?.record($0) }
      relaxed = try files.relaxed.record(of: result.frame(of: structure))
      try recorder?.finish()
    }
    let seconds = (clock.now - begin) / .seconds(1)
    let line = SummaryLine(
      id: item.frame.identifier, index: item.index, result: result, seconds: seconds)
    try shared.hand(
      over: FinishedStructure(
        index: item.index, status: result.status, steps: result.steps,
        evaluations: result.evaluations, relaxed: relaxed, trajectory: recorder?.spool,
        summary: line.json),
      id: item.frame.identifier, reason: result.reason)
  }
}

/// How a run's structures are written.
private struct OutputFormats: Sendable {
  var relaxed: StructureOutput
  var trajectory: StructureOutput?
}

/// What the worker threads share.
private final class Shared: Sendable {
  private struct State {
    let output: RunOutput
    let alreadyFinished: Int
    var interrupted: [FinishedStructure] = []
    var failure: (any Error)?
    var identifiers: Set<Int> = []
  }

  /// More ids than this are not compared: memory stays bounded.
  private static let identifierLimit = 1_000_000

  private let state: Guarded<State>
  let report: @Sendable (Engine.Event) -> Void

  init(output: sending RunOutput, report: @escaping @Sendable (Engine.Event) -> Void) {
    let finished = output.tally.structures
    state = Guarded(State(output: output, alreadyFinished: finished))
    self.report = report
  }

  var hasFailed: Bool { state.withLock { $0.failure != nil } }

  func isFinished(_ index: Int) -> Bool { state.withLock { $0.output.isFinished(index) } }

  func fail(_ error: any Error) {
    state.withLock { if $0.failure == nil { $0.failure = error } }
  }

  func hand(over structure: FinishedStructure, id: String, reason: String) throws {
    try state.withLock { state in
      if state.identifiers.count < Shared.identifierLimit,
        !state.identifiers.insert(id.hashValue).inserted
      {
        report(.repeatedIdentifier(id))
      }
      if structure.status == .interrupted {
        state.interrupted.append(structure)
      } else {
        try state.output.commit(structure)
        report(
          .finished(
            id: id, status: structure.status, reason: reason, tally: state.output.tally))
      }
    }
  }

  func finish(_ queue: StructureQueue, wasInterrupted: Bool) throws -> Engine.Outcome {
    try state.withLock { state in
      if let failure = state.failure { throw failure }
      try state.output.commitInterrupted(state.interrupted)
      try state.output.finish()
      return Engine.Outcome(
        tally: state.output.tally, resumed: state.alreadyFinished,
        unusableFrames: queue.unusableFrames, unreadableFiles: queue.errors,
        wasInterrupted: wasInterrupted)
    }
  }
}
