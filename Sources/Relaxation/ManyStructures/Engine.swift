// SPDX-License-Identifier: MIT

import CLibrary
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
  /// The part of the structures that is relaxed; nil for all.
  public var shard: Shard?
  /// Whether every finished structure is forced onto the disk before it counts as finished; else so is what finished in
  /// the last seconds, together.
  public var isDurable = false
  /// What the process may take of the machine's memory; nil for no limit.
  ///
  /// Structures wait for it, and one that does not fit even alone ends as `failed`. Results do not depend on it
  /// otherwise.
  public var memoryLimit: MemorySize?

  /// Of a structure that was begun not so long ago no evaluations are kept, unless they are expensive.
  var youth = Duration.milliseconds(250)

  /// An engine for these inputs.
  public init(inputs: [String], provider: any ForceProvider, settings: RelaxationSettings) {
    (self.inputs, self.provider, self.settings) = (inputs, provider, settings)
  }

  /// What a run tells while it goes on.
  public enum Event: Sendable {
    /// The input, or the part of it that is relaxed, has so many structures.
    case counted(total: Int)
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
    /// Structures to be relaxed, if it was stopped before the end and they could be counted.
    public var total: Int?
    /// Structures that were met in the input, those of other shards included.
    public var structuresMet: Int
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
  ///   - paths: where to write; of a shard the names of the whole, of which it makes its own.
  ///   - start: what to do about outputs that are there.
  ///   - described: further settings that decide the results, such as names of schemes; a resumed
  ///     run must have the same.
  ///   - origin: who runs, for those who look at the results.
  ///   - shouldStop: asked by all threads before every step.
  ///   - claim: the right to write `paths`, if the caller has it already.
  ///   - report: receives events, from any of the threads.
  /// - Throws: `DifferentSetting` for a run that was begun otherwise; `FileError` for outputs that are
  ///   there, belong to another process, cannot be written or were changed. What was finished is kept.
  public func run(
    to paths: RunPaths, start: RunStart = .new, described: [RecordedSetting] = [],
    origin: RunOrigin? = nil, claim: OutputClaim? = nil,
    shouldStop: @escaping @Sendable () -> Bool = { false },
    report: @escaping @Sendable (Event) -> Void = { _ in }
  ) throws -> Outcome {
    let own = paths.paths(of: shard)
    let files = try OutputFormats(
      relaxed: StructureOutput(path: own.relaxed),
      trajectory: own.trajectory.map { path throws(FileError) in try StructureOutput(path: path) }
    )
    if let trajectory = files.trajectory { try trajectory.requireRoomForMore() }
    if files.relaxed.format.holdsOneStructure {
      if shard != nil { try files.relaxed.requireRoomForMore() }
      try requireOneStructure(files.relaxed)
    }
    let ownClaim = try claim == nil ? OutputClaim(files: own.all) : nil
    defer { ownClaim?.release() }
    let stamps = inputs.map { FileStamp($0) }
    let settings = described + recordedSettings(paths, stamps)
    let marksLeft =
      start.isResuming && own.journal != nil ? WorkMarks.left(beside: own.relaxed) : []
    let output = try RunOutput(
      own, start: start, settings: settings, threads: threads, origin: origin,
      syncInterval: isDurable ? .zero : RunOutput.syncInterval)
    for mark in marksLeft { try output.note(deathAt: mark) }
    if own.journal != nil { WorkMarks.removeLeft(beside: own.relaxed) }
    let shared = SharedRun(
      output: output, claim: claim ?? ownClaim, shard: shard,
      logs: own.journal == nil
        ? nil
        : EvaluationLogs(
          relaxed: own.relaxed, settings: settings, isResuming: start.isResuming,
          areExpensive: provider.isExpensive, youth: youth),
      marks: own.journal == nil ? nil : LazyMarks(relaxed: own.relaxed, workers: threads),
      report: report)
    defer { shared.removeMarks() }
    let queue = StructureQueue(
      paths: inputs, filters: filters, assumptions: assumptions, shard: shard,
      shouldStop: shouldStop)
    let hasStreams = inputs.contains { FilePlace($0).kind == .stream }
    if !hasStreams { countAside(shared, shouldStop) }
    let worker = RelaxationWorker(
      engine: self, run: shared, queue: queue, files: files, recordsSources: hasStreams,
      memory: memoryBudget, shouldStop: shouldStop)
    // Not `mapInOrder`: finished structures are committed as they come, so that a crash loses none of
    // them behind a long one, and the output puts them in order.
    WorkerThreads.run(threads) { worker.work(as: shared.nextWorker()) }
    return try shared.finish(
      queue, hasStreams: hasStreams, changedInputs: stamps.filter(\.hasChanged).map(\.path),
      wasInterrupted: shouldStop())
  }

  /// Counts the structures of the input while the work goes on, for those who want to know how long it will take.
  private func countAside(_ shared: SharedRun, _ shouldStop: @escaping @Sendable () -> Bool) {
    let (inputs, filters, assumptions) = (inputs, filters, assumptions)
    WorkerThreads.runAside {
      let isOver = { @Sendable in shouldStop() || shared.isOver }
      // Short runs do without.
      for _ in 0..<20 {
        if isOver() { return }
        usleep(50_000)
      }
      let counter = StructureQueue(
        paths: inputs, filters: filters, assumptions: assumptions, shouldStop: isOver)
      // What a file holds that cannot be read to its end, nobody knows.
      if let total = counter.countToEnd(unless: isOver), counter.errors.isEmpty {
        shared.note(total: total)
      }
    }
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
      + (shard.map { shard in
        [RecordedSetting("shard", "\(shard)"), RecordedSetting("output", paths.relaxed)]
      } ?? [])
      + RecordedSetting.input(stamps, assumptions)
  }
}
