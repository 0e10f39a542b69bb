// SPDX-License-Identifier: MIT

import Files

/// A structure that is done, as the bytes that go to the files.
struct FinishedStructure: Sendable {
  var index: Int
  var status: RelaxationStatus
  var steps: Int
  var evaluations: Int
  var relaxed: [UInt8]
  var trajectory: ByteSpool?
  var summary: String
  /// Of the structure as it was read, where that is recorded.
  var source: Checksum?
}

/// The files of a run: written in input order, whatever order structures finish in, such that a
/// kill at any moment loses no finished structure.
///
/// A structure that finishes in its turn is appended to the trajectory, to the relaxed structures,
/// then to the journal, then to the summary; one that finishes ahead of its turn goes to the spool
/// and the journal. What lies beyond the journal's last word is cut off when the run is resumed.
///
/// Nothing is made or replaced before there is a first result; that a frame could not be read is none.
///
/// When the power fails, what was finished until `syncInterval` before is on the disk: outputs and
/// spool first, then the journal, then its word that they are. Resuming trusts no byte of which the
/// checksum is not right.
final class RunOutput {
  /// Finished structures wait no longer than this to be forced onto the disk, counted from one to the
  /// next.
  static let syncInterval = Duration.seconds(10)
  /// An empty spool longer than this is cut.
  private static let spoolLimit = 64 << 20
  /// So many frames that could not be read are held back, at most, until there is a result.
  private static let heldLimit = 10_000

  private let paths: RunPaths
  private let start: RunStart
  private let settings: [RecordedSetting]
  /// Structures at work at once.
  private let threads: Int
  /// Who works, for those who look at the results.
  private let origin: RunOrigin?
  private var files: RunFiles?
  private var journal: AppendFile?
  private var seal = JournalSeal()
  private var lengths = RunJournal.Lengths()
  /// Whether there is news since the run was resumed.
  private var hasChanged = true
  private let syncInterval: Duration
  private var lastSync = ContinuousClock.now
  /// Next structure to be appended.
  private(set) var next = 0
  /// Finished structures that wait for their turn.
  private var ahead: [Int: (entry: RunJournal.Entry, offset: Int)] = [:]
  private var sources: [Int: Checksum] = [:]
  /// Frames that could not be read, before the first result: without one there are no files.
  private var heldBack: [FinishedStructure] = []
  /// Status, steps and evaluations of all finished structures.
  private(set) var tally = RunTally()
  /// Lines of the summary of structures that an earlier process finished and that did not converge: the
  /// first ones.
  private(set) var earlierTroubles: [String] = []
  /// Structures at which processes died.
  private(set) var deaths: [Int: RunDeath] = [:]
  /// What settings were at the beginning of the run, where they were others.
  private var began: [RecordedSetting] = []
  /// Settings that were others at the beginning of the run.
  var changedSettings: [RecordedSetting] { settings.changed(since: began) }
  /// Whether the journal tells of this process.
  private var hasNotedSession = false
  /// Structures in the input, as far as the journal tells.
  private var notedTotal: Int?

  init(
    _ paths: RunPaths, start: RunStart, settings: [RecordedSetting], threads: Int = 1,
    origin: RunOrigin? = nil, syncInterval: Duration = RunOutput.syncInterval
  ) throws {
    (self.paths, self.start, self.settings) = (paths, start, settings)
    (self.threads, self.origin) = (threads, origin)
    self.syncInterval = syncInterval
    switch start {
    case .overwriting: return
    case .new, .resuming, .retrying:
      guard let first = paths.regular.first(where: { FilePlace($0).exists }) else { return }
      guard start.isResuming, let path = paths.journal, FilePlace(path).exists else {
        throw RunOutput.refusal(first, paths, start)
      }
      if case .retrying(let statuses) = start {
        try RunRewind(paths, journal: path, settings: settings).takeBack(statuses)
      }
      try resume(journal: path)
    }
  }

  /// What to say where outputs are that must not be there.
  private static func refusal(_ path: String, _ paths: RunPaths, _ start: RunStart) -> FileError {
    if start.isResuming {
      return FileError(
        .exists, file: path,
        "the file exists, but no run that could go on has left it; pass --overwrite to replace it")
    }
    return RunTrace(of: paths)?.refusal(path) ?? .exists(path)
  }

  /// Whether a structure was finished before.
  func isFinished(_ index: Int) -> Bool { index < next || ahead[index] != nil }

  /// What a structure was that an earlier process finished, if that was recorded.
  func source(of index: Int) -> Checksum? { sources[index] }

  /// Takes a finished structure.
  func commit(_ structure: FinishedStructure) throws {
    tally.add(structure.status, steps: structure.steps, evaluations: structure.evaluations)
    if files == nil && structure.relaxed.isEmpty && heldBack.count < RunOutput.heldLimit {
      heldBack.append(structure)
    } else {
      try releaseHeldBack()
      try write(structure)
    }
  }

  /// Makes the files, if they are not there: something is about to be kept.
  func beginNow() throws { try releaseHeldBack() }

  /// Notes how many structures are in the input, once there is a journal.
  func note(total: Int) throws {
    guard notedTotal != total, files != nil, hasChanged else { return }
    notedTotal = total
    try note(.total(total))
  }

  /// Notes that a process died while it worked on a structure.
  func note(deathAt mark: WorkMarks.Mark) throws {
    guard !isFinished(mark.index) else { return }
    try beginNow()
    deaths.add(at: mark.index, after: mark.evaluations, elapsed: mark.elapsed)
    try note(.died(mark))
  }

  /// Appends what there is of a structure on its way to the trajectory, if its turn has come.
  ///
  /// The journal tells nothing of it: a run that goes on cuts it off again.
  func show(_ spool: inout ByteSpool, of index: Int) throws {
    try releaseHeldBack()
    guard index == next, let trajectory = files?.trajectory else { return }
    try spool.show(in: trajectory)
    try trajectory.commit()
  }

  /// Whether there are files.
  var hasFiles: Bool { files != nil }

  private func releaseHeldBack() throws {
    try begin()
    let held = heldBack.sorted { $0.index < $1.index }
    heldBack = []
    for structure in held { try write(structure) }
  }

  private func write(_ structure: FinishedStructure) throws {
    if structure.index == next {
      try append(structure)
      try settle(structure.entry)
      try drainAhead()
    } else {
      try putAside(structure)
    }
    let isLong = ahead.isEmpty && (files?.spool?.length ?? 0) > RunOutput.spoolLimit
    if isLong || ContinuousClock.now - lastSync >= syncInterval { try synchronize() }
  }

  /// Writes what there is of structures that were interrupted, after everything finished; resuming
  /// starts them again.
  func commitInterrupted(_ structures: [FinishedStructure]) throws {
    guard !structures.isEmpty || !ahead.isEmpty else { return }
    // Nothing was evaluated yet: that is no result.
    guard files != nil || structures.contains(where: { $0.evaluations > 0 }) else { return }
    try releaseHeldBack()
    var rest = structures.sorted { $0.index < $1.index }[...]
    for (entry, offset) in ahead.values.sorted(by: { $0.entry.index < $1.entry.index }) {
      while let structure = rest.first, structure.index < entry.index {
        try appendProvisionally(rest.removeFirst())
      }
      try files?.appendSpooled(entry, at: offset)
      try files?.summary?.append(Array("\(entry.summary)\n".utf8))
    }
    for structure in rest { try appendProvisionally(structure) }
    try files?.commit()
  }

  /// Makes sure that everything is on the disk.
  ///
  /// - Parameters:
  ///   - isComplete: whether every structure of the input is done.
  ///   - total: structures in the input, if they were counted.
  ///   - unusable: frames of the input that could not be read.
  func finish(isComplete: Bool = true, total: Int? = nil, unusable: Int = 0) throws {
    guard let files else { return }
    if hasChanged {
      try synchronize()
      try files.finish()
      try note(isComplete ? .finished(unusable: unusable) : .stopped(total: total))
      try journal?.synchronize()
    }
    if ahead.isEmpty, let spool = files.spool, journal != nil { AppendFile.remove(spool.path) }
    // A kill may have come before the journal knew of one.
    if isComplete, journal != nil { HiddenFile.removeNumbered("ahead", of: paths.relaxed) }
  }

  // MARK: - The beginning

  private func begin() throws {
    hasChanged = true
    guard files == nil else { return try noteSession() }
    let replacing = if case .overwriting = start { true } else { false }
    // The journal comes first: whatever a kill leaves of the others is known to be ours.
    if let path = paths.journal {
      // One that nobody has seen yet, as on file systems that several machines share, is no leftover.
      let isThere = FilePlace(path).exists
      try RunTrace.removeSpool(of: path)
      OutputFile.removeAbandoned(at: paths.relaxed)
      HiddenFile.removeNumbered("evaluations", of: paths.relaxed)
      let head = RunJournal.head(settings)
      let file = try AppendFile.hidden("partial", beside: paths.relaxed)
      do {
        try file.append(head.bytes)
        try file.synchronize()
        journal = try file.rename(to: path, replacing: replacing || isThere)
      } catch {
        AppendFile.remove(file.path)
        throw error
      }
      seal = head.seal
    }
    do {
      files = try RunFiles(creating: paths, replacing: replacing)
    } catch {
      if let path = paths.journal { AppendFile.remove(path) }
      throw error
    }
    try noteSession()
  }

  private func noteSession() throws {
    guard !hasNotedSession else { return }
    hasNotedSession = true
    try note(.session(threads: threads))
    if let origin { try note(.origin(origin)) }
  }

  private func note(_ record: RunJournal.Record) throws {
    guard let journal else { return }
    try journal.append(seal.line(record))
  }

  /// Outputs first, then the journal, then its word that they are on the disk.
  private func synchronize() throws {
    try files?.synchronize()
    try journal?.synchronize()
    try note(.synced)
    // Only now no line speaks any more of what is in it.
    if ahead.isEmpty { try files?.spool?.truncate(to: 0) }
    lastSync = .now
  }

  // MARK: - Order

  private func append(_ structure: FinishedStructure) throws {
    if let trajectory = files?.trajectory { try structure.trajectory?.drain(into: trajectory) }
    try files?.relaxed.append(structure.relaxed)
  }

  private func appendProvisionally(_ structure: FinishedStructure) throws {
    tally.add(structure.status, steps: structure.steps, evaluations: structure.evaluations)
    try append(structure)
    try files?.summary?.append(Array("\(structure.summary)\n".utf8))
  }

  /// Journal first, then summary: a summary line that anyone saw is in the journal.
  private func settle(_ entry: RunJournal.Entry) throws {
    try files?.commit()
    let line = Array("\(entry.summary)\n".utf8)
    lengths.relaxed += entry.relaxed.count
    lengths.trajectory += entry.trajectory.count
    if files?.summary != nil { lengths.summary += line.count }
    try note(.done(entry, lengths))
    try files?.summary?.append(line)
    next += 1
  }

  private func drainAhead() throws {
    while let (entry, offset) = ahead.removeValue(forKey: next) {
      try files?.appendSpooled(entry, at: offset)
      try settle(entry)
    }
  }

  private func putAside(_ structure: FinishedStructure) throws {
    let spool = try files?.spool ?? makeSpool()
    let offset = spool.length
    try spool.append(structure.relaxed)
    try structure.trajectory?.drain(into: spool)
    try note(.ahead(structure.entry, offset: offset))
    ahead[structure.index] = (structure.entry, offset)
  }

  private func makeSpool() throws -> AppendFile {
    let spool =
      paths.journal == nil
      ? try AppendFile.anonymous(beside: paths.relaxed)
      : try AppendFile.hidden("ahead", beside: paths.relaxed)
    do { try note(.spool(RunFiles.name(of: spool.path))) } catch {
      AppendFile.remove(spool.path)
      throw error
    }
    files?.spool = spool
    return spool
  }

  // MARK: - Resuming

  /// Requires the settings of a run that goes on; of one that is complete those of its beginning do as well, and in a
  /// further try all that may be others there: nothing is computed with them.
  private func requireSettings(of past: RunHistory) throws(DifferentSetting) {
    if past.saysFinished {
      if settings == past.firstSettings { return }
      if case .retrying = start {
        return try settings.map(\.fixedPart).requireEqual(
          to: past.settings.map(\.fixedPart), of: "run")
      }
    }
    try settings.requireEqual(to: past.settings, of: "run")
  }

  private func resume(journal path: String) throws {
    guard var past = try RunHistory(of: path) else { throw RunTrace.foreign(path) }
    let journal = try AppendFile.reopen(path)
    try requireSettings(of: past)
    let files = try RunFiles(reopening: paths, past)
    try past.settle(with: files)
    if past.isFinished {
      let expected: [((any RecordFile)?, Int)] = [
        (files.relaxed, past.lengths.relaxed), (files.trajectory, past.lengths.trajectory),
        (files.summary, past.lengths.summary),
      ]
      for (file, length) in expected {
        guard let file, file.isRegular, file.length > length else { continue }
        throw FileError(
          .inconsistent, file: file.path,
          "the file is longer than its finished run left it; pass --overwrite to start again")
      }
    }
    // The summary first: at no time does it tell of a structure that is not there.
    if let summary = files.summary { try past.restore(summary) }
    try files.relaxed.truncateIfLonger(than: past.lengths.relaxed)
    try files.trajectory?.truncateIfLonger(than: past.lengths.trajectory)
    try journal.truncate(to: past.end.offset)
    (self.files, self.journal, lengths) = (files, journal, past.lengths)
    (seal, began, deaths, notedTotal) = (past.end.seal, past.began, past.deaths, past.total)
    (next, ahead, tally) = (past.count, past.ahead, past.tally)
    (sources, earlierTroubles) = (past.sources, past.troubles)
    hasChanged = !past.isFinished
    // The kill may have come just before a waiting structure was appended in its turn.
    try drainAhead()
  }
}

extension RecordFile {
  fileprivate func truncateIfLonger(than count: Int) throws(FileError) {
    if isRegular && length > count { try truncate(to: count) }
  }
}

extension FinishedStructure {
  /// What the journal says of it.
  fileprivate var entry: RunJournal.Entry {
    RunJournal.Entry(
      index: index, status: status, steps: steps, evaluations: evaluations,
      relaxed: FilePart(relaxed), trajectory: trajectory?.part ?? FilePart(), summary: summary,
      source: source)
  }
}
