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
  /// What all structures are given, whatever their files say.
  public var assumptions = StructureAssumptions()
  /// Where forces come from.
  public var provider: any ForceProvider
  /// How each structure is relaxed.
  public var settings: RelaxationSettings
  /// What the trajectory holds.
  public var frames: FrameSelection = .all
  /// Structures at work at once.
  public var threads = 1
  /// What the process may take of the machine's memory; nil for no limit.
  ///
  /// Structures wait for it, and one that does not fit even alone ends as `failed`. Results do not depend on it
  /// otherwise.
  public var memoryLimit: MemorySize?

  /// An engine for these inputs.
  public init(inputs: [String], provider: any ForceProvider, settings: RelaxationSettings) {
    (self.inputs, self.provider, self.settings) = (inputs, provider, settings)
  }

  /// What a run tells while it goes on.
  public enum Event: Sendable {
    /// A structure was evaluated at a step of its relaxation.
    case stepped(id: String, index: Int, step: StepNote)
    /// The structure at place `index` of the run, from 0, is done; the tally includes it.
    case finished(
      id: String, index: Int, status: RelaxationStatus, reason: String, tally: RunTally)
    /// An id was met that an earlier structure has too.
    case repeatedIdentifier(String)
    /// A structure has no `move_mask`, so all its atoms move, though it is periodic or has a column that
    /// was probably meant as one.
    case allAtomsFree(id: String, column: String?)
    /// A structure has no cell, or is as large as a slab and repeats along no axis: it is relaxed as a
    /// cluster.
    case slabWithoutCell(id: String)
  }

  /// What is told of a step.
  public struct StepNote: Hashable, Sendable {
    /// Displacements made so far.
    public var number: Int
    /// eV, if the provider has one.
    public var energy: Double?
    /// Largest force norm over free atoms, eV/Å.
    public var fmax: Double
    /// Whether an earlier process evaluated it.
    public var isRecalled: Bool
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
    /// What is to be known of files that were read to their end, for example that a run of VASP was cut.
    public var fileWarnings: [FileError]
    /// Inputs that hold something else than at the beginning; structures of both may be mixed.
    public var changedInputs: [String]
    /// Structures in the input, if it was stopped before the end and they could be counted.
    public var total: Int?
    /// Lines of the summary of structures that did not converge and were finished before it was resumed:
    /// the first ones.
    public var earlierTroubles: [String]
    /// Whether it was stopped before the end.
    public var wasInterrupted: Bool
    /// Whether there are outputs: not where no frame could be read, of which nothing is left behind.
    public var hasResults: Bool
  }

  /// Time for counting what is left of the input when a run is stopped.
  static let countingTime = Duration.seconds(2)

  /// Runs to the end, or until `shouldStop`.
  ///
  /// - Parameters:
  ///   - paths: where to write.
  ///   - start: what to do about outputs that are there.
  ///   - described: further settings that decide the results, such as names of schemes; a resumed
  ///     run must have the same.
  ///   - shouldStop: asked by all threads before every step.
  ///   - claim: the right to write `paths`, if the caller has it already.
  ///   - report: receives events, from any of the threads.
  /// - Throws: `DifferentSetting` for a run that was begun otherwise; `FileError` for outputs that are
  ///   there, belong to another process, cannot be written or were changed. What was finished is kept.
  public func run(
    to paths: RunPaths, start: RunStart = .new, described: [RecordedSetting] = [],
    claim: OutputClaim? = nil,
    shouldStop: @escaping @Sendable () -> Bool = { false },
    report: @escaping @Sendable (Event) -> Void = { _ in }
  ) throws -> Outcome {
    let files = try OutputFormats(
      relaxed: StructureOutput(path: paths.relaxed),
      trajectory: paths.trajectory.map { path throws(FileError) in try StructureOutput(path: path) }
    )
    if let trajectory = files.trajectory { try trajectory.requireRoomForMore() }
    if files.relaxed.format.holdsOneStructure { try requireOneStructure(files.relaxed) }
    let ownClaim = try claim == nil ? OutputClaim(files: paths.all) : nil
    defer { ownClaim?.release() }
    let stamps = inputs.map { FileStamp($0) }
    let settings = described + recordedSettings(paths, stamps)
    let output = try RunOutput(paths, start: start, settings: settings)
    let shared = Shared(
      output: output,
      logs: provider.isExpensive && paths.journal != nil
        ? EvaluationLogs(relaxed: paths.relaxed, settings: settings, isResuming: start.isResuming)
        : nil,
      report: report)
    let queue = StructureQueue(
      paths: inputs, filters: filters, assumptions: assumptions, shouldStop: shouldStop)
    let hasStreams = inputs.contains { FilePlace($0).kind == .stream }
    // Not `mapInOrder`: finished structures are committed as they come, so that a crash loses none of
    // them behind a long one, and the output puts them in order.
    let memory = memoryBudget
    WorkerThreads.run(threads) { work(queue, shared, files, hasStreams, memory, shouldStop) }
    return try shared.finish(
      queue, hasStreams: hasStreams, changedInputs: stamps.filter(\.hasChanged).map(\.path),
      wasInterrupted: shouldStop())
  }

  /// Refuses inputs with several structures for an output that holds one, before anything is computed.
  private func requireOneStructure(_ output: StructureOutput) throws {
    guard !inputs.contains(where: { FilePlace($0).kind == .stream }) else { return }
    let queue = StructureQueue(paths: inputs, filters: filters, assumptions: assumptions)
    let first = queue.next { _ in false }
    if first != nil, queue.next(skipping: { _ in false }) != nil { try output.requireRoomForMore() }
  }

  private func recordedSettings(_ paths: RunPaths, _ stamps: [FileStamp]) -> [RecordedSetting] {
    [
      RecordedSetting("kernels", settings.kernels.name),
      RecordedSetting("provider", provider.identity),
      RecordedSetting("optimizer", "\(settings.optimizer)"),
      RecordedSetting("fmax", "\(settings.fmax)"),
      RecordedSetting("steps", "\(settings.maximumSteps)"),
      RecordedSetting("stalls", settings.endsStalls ? "end" : "go on"),
      RecordedSetting("frames", paths.trajectory == nil ? "none" : frames.description),
      RecordedSetting("trajectory", paths.trajectory ?? "none"),
      RecordedSetting("summary", paths.summary ?? "none"),
      RecordedSetting("select", filters.recorded),
    ]
      + (assumptions.isEmpty ? [] : [RecordedSetting("assumed", assumptions.recorded)])
      + stamps.enumerated().map {
        RecordedSetting("input \($0.offset + 1)", $0.element.fingerprint)
      }
  }

  private func work(
    _ queue: StructureQueue, _ shared: Shared, _ files: OutputFormats, _ hasStreams: Bool,
    _ memory: MemoryBudget?, _ shouldStop: @escaping @Sendable () -> Bool
  ) {
    while !shouldStop() && !shared.hasFailed {
      do {
        guard let item = try queue.next(skipping: shared.isFinished) else { return }
        let cancellation = Cancellation { shouldStop() || shared.hasFailed }
        let place = MemoryPlace(in: memory, cancellation) {
          memoryNeeded(for: item.frame, trajectory: files.trajectory)
        }
        guard let place else { return }
        defer { place.giveBack() }
        try relax(
          item, shared, files, hasStreams ? item.checksum : nil, place.refusal, cancellation)
      } catch {
        shared.fail(error)
      }
    }
  }

  private func relax(
    _ item: StructureQueue.Item, _ shared: Shared, _ files: OutputFormats, _ source: Checksum?,
    _ refusal: String?, _ cancellation: Cancellation
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
      if item.index > 0 { try files.relaxed.requireRoomForMore() }
      if let objection = files.objection(to: structure) {
        result = RelaxationResult(
          status: .invalid, reason: objection, steps: 0, evaluations: 0, positions: [])
        break
      }
      warn(of: structure, id: item.frame.identifier, shared)
      if let refusal {
        result = .unevaluated(.failed, structure, reason: refusal)
        relaxed = try files.relaxed.record(
          of: result.frame(of: structure, id: item.frame.identifier))
        break
      }
      recorder = files.trajectory.map {
        FrameRecorder(
          structure, identifier: item.frame.identifier, selection: frames, output: $0)
      }
      let id = item.frame.identifier
      let log = try shared.log(of: item)
      result = try Relaxation(settings).run(
        structure, provider: provider, log: log, cancellation: cancellation
      ) { step in
        try recorder?.record(step)
        shared.report(
          .stepped(
            id: id, index: item.index,
            step: StepNote(
              number: step.number, energy: step.energy, fmax: step.fmax,
              isRecalled: step.isRecalled)))
        try recorder?.showIfDue { try shared.show(&$0, of: item.index) }
      }
      relaxed = try files.relaxed.record(
        of: result.frame(of: structure, id: item.frame.identifier))
      try recorder?.finish()
    }
    let seconds = (clock.now - begin) / .seconds(1)
    let line = SummaryLine(
      id: item.frame.identifier, index: item.index, result: result, seconds: seconds)
    try shared.hand(
      over: FinishedStructure(
        index: item.index, status: result.status, steps: result.steps,
        evaluations: result.evaluations, relaxed: relaxed, trajectory: recorder?.spool,
        summary: line.json, source: source),
      id: item.frame.identifier, reason: result.reason)
  }

  private func warn(of structure: Structure, id: String, _ shared: Shared) {
    if structure.moveMask == nil {
      let column = structure.columns.first { MoveMask.isNearName($0.name) }?.name
      if column != nil || structure.cell.periodicity.any {
        shared.report(.allAtomsFree(id: id, column: column))
      }
    }
    if structure.looksLikeSlabWithoutCell { shared.report(.slabWithoutCell(id: id)) }
  }
}

/// How a run's structures are written.
private struct OutputFormats: Sendable {
  var relaxed: StructureOutput
  var trajectory: StructureOutput?

  /// Why a structure can't be written; nil if it can.
  func objection(to structure: Structure) -> String? {
    relaxed.objection(to: structure) ?? trajectory?.objection(to: structure)
  }
}

/// What the worker threads share.
private final class Shared: Sendable {
  private struct State {
    let output: RunOutput
    let logs: EvaluationLogs?
    let alreadyFinished: Int
    var interrupted: [FinishedStructure] = []
    var failure: (any Error)?
    var identifiers: Set<Int> = []
  }

  /// More ids than this are not compared: memory stays bounded.
  private static let identifierLimit = 1_000_000

  private let state: Guarded<State>
  let report: @Sendable (Engine.Event) -> Void

  init(
    output: sending RunOutput, logs: EvaluationLogs?,
    report: @escaping @Sendable (Engine.Event) -> Void
  ) {
    let finished = output.tally.structures
    state = Guarded(State(output: output, logs: logs, alreadyFinished: finished))
    self.report = report
  }

  /// The log of a structure's evaluations, where these are kept.
  func log(of item: StructureQueue.Item) throws -> EvaluationLog? {
    guard let logs = state.withLock({ $0.logs }) else { return nil }
    // The journal says what the log belongs to: it comes first.
    return try logs.open(item) { [state] in try state.withLock { try $0.output.beginNow() } }
  }

  /// Shows what there is of a structure on its way, if its turn has come.
  func show(_ spool: inout ByteSpool, of index: Int) throws {
    try state.withLock { try $0.output.show(&spool, of: index) }
  }

  var hasFailed: Bool { state.withLock { $0.failure != nil } }

  /// Whether a structure was finished by an earlier process.
  ///
  /// - Throws: kind `inconsistent` if it was another one that was finished in its place.
  func isFinished(_ item: StructureQueue.Item) throws(FileError) -> Bool {
    let (isFinished, source) = state.withLock {
      ($0.output.isFinished(item.index), $0.output.source(of: item.index))
    }
    if let source, source != item.checksum { throw Shared.otherInput(item.index) }
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
        if structure.status != .failed { state.logs?.remove(structure.index) }
        report(
          .finished(
            id: id, index: structure.index, status: structure.status, reason: reason,
            tally: state.output.tally))
      }
    }
  }

  func finish(
    _ queue: StructureQueue, hasStreams: Bool, changedInputs: [String], wasInterrupted: Bool
  ) throws -> Engine.Outcome {
    try state.withLock { state in
      if let failure = state.failure { throw failure }
      if !wasInterrupted, queue.count < state.output.next,
        state.output.source(of: queue.count) != nil
      {
        throw Shared.otherInput(queue.count)
      }
      let total = wasInterrupted && !hasStreams ? queue.count(within: Engine.countingTime) : nil
      try state.output.commitInterrupted(state.interrupted)
      try state.output.finish(
        isComplete: !wasInterrupted && queue.errors.isEmpty && changedInputs.isEmpty, total: total)
      return Engine.Outcome(
        tally: state.output.tally, resumed: state.alreadyFinished,
        unusableFrames: queue.unusableFrames, unreadableFiles: queue.errors,
        fileWarnings: queue.warnings,
        changedInputs: changedInputs, total: total,
        earlierTroubles: state.output.earlierTroubles, wasInterrupted: wasInterrupted,
        hasResults: state.output.hasFiles)
    }
  }
}
