// SPDX-License-Identifier: MIT

import Files
import StructureFiles

/// A structure that is done, as the bytes that go to the files.
struct FinishedStructure: Sendable {
  var index: Int
  var status: RelaxationStatus
  var steps: Int
  var evaluations: Int
  var relaxed: [UInt8]
  var trajectory: ByteSpool?
  var summary: String
}

/// The files of a run: written in input order, whatever order structures finish in, such that a
/// kill at any moment loses no finished structure.
///
/// A structure that finishes in its turn is appended to the trajectory, to the relaxed structures,
/// then to the journal, then to the summary; one that finishes ahead of its turn goes to the spool
/// and the journal. What lies beyond the journal's last word is cut off when the run is resumed.
final class RunOutput {
  private let paths: RunPaths
  private let relaxed: AppendFile
  private let trajectory: AppendFile?
  private let summary: AppendFile?
  private let journal: AppendFile?
  private var spool: AppendFile?
  /// Next structure to be appended.
  private(set) var next = 0
  /// Finished structures that wait for their turn.
  private var ahead: [Int: RunJournal.Entry] = [:]
  /// Status, steps and evaluations of all finished structures.
  private(set) var tally = RunTally()

  init(_ paths: RunPaths, start: RunStart, settings: [RunSetting]) throws {
    self.paths = paths
    let continues = AppendFile.exists(paths.journal) && !AppendFile.isSpecial(paths.relaxed)
    if case .resuming = start, continues {
      let past = try RunHistory(of: paths, settings: settings)
      if past.isHeadless { try RunOutput.requireEmpty(paths.all) }
      relaxed = try AppendFile.reopen(paths.relaxed)
      trajectory = try paths.trajectory.map(AppendFile.reopen)
      summary = try paths.summary.map(AppendFile.reopen)
      let journal = try AppendFile.reopen(paths.journal)
      self.journal = journal
      try journal.truncate(to: past.journalLength)
      if past.isHeadless { try journal.append(RunJournal.head(settings)) }
      if !past.ahead.isEmpty { spool = try AppendFile.reopen(paths.spool) }
      try restore(past)
    } else {
      let overwrite = if case .overwriting = start { true } else { false }
      for path in paths.all + [paths.journal] where !overwrite {
        // All are looked at before any is made, so that a refusal leaves nothing behind.
        if AppendFile.exists(path) && !AppendFile.isSpecial(path) { throw OutputError.exists(path) }
      }
      // The journal comes first: whatever a kill leaves of the others is known to be ours.
      var made: [String] = []
      func create(_ path: String) throws -> AppendFile {
        let isNew = !AppendFile.exists(path)
        let file = try AppendFile.create(path, overwrite: overwrite)
        if isNew { made.append(path) }
        return file
      }
      do {
        journal = AppendFile.isSpecial(paths.relaxed) ? nil : try create(paths.journal)
        try journal?.append(RunJournal.head(settings))
        relaxed = try create(paths.relaxed)
        trajectory = try paths.trajectory.map(create)
        summary = try paths.summary.map(create)
      } catch {
        made.forEach(AppendFile.remove)
        throw error
      }
      AppendFile.remove(paths.spool)
    }
  }

  /// A run that was killed before it had noted its settings had made no output yet: what is there is
  /// somebody else's.
  private static func requireEmpty(_ paths: [String]) throws {
    for path in paths where AppendFile.exists(path) && !AppendFile.isSpecial(path) {
      throw OutputError.exists(path)
    }
  }

  /// Whether a structure was finished before.
  func isFinished(_ index: Int) -> Bool { index < next || ahead[index] != nil }

  /// Takes a finished structure.
  func commit(_ structure: FinishedStructure) throws {
    tally.add(structure.status, steps: structure.steps, evaluations: structure.evaluations)
    if structure.index == next {
      try structure.trajectory.map { try appendTrajectory($0) }
      try relaxed.append(structure.relaxed)
      try settle(structure.entry)
      try drainAhead()
    } else {
      try putAside(structure)
    }
  }

  /// Writes what there is of structures that were interrupted, after everything finished; resuming
  /// starts them again.
  func commitInterrupted(_ structures: [FinishedStructure]) throws {
    var rest = structures.sorted { $0.index < $1.index }[...]
    let waiting = ahead.values.sorted { $0.index < $1.index }
    for entry in waiting {
      while let structure = rest.first, structure.index < entry.index {
        try appendProvisionally(rest.removeFirst())
      }
      guard case .ahead(let offset, let relaxedCount, let trajectoryCount) = entry.place,
        let spool
      else { continue }
      try relaxed.append(spool, offset: offset, count: relaxedCount)
      try trajectory?.append(spool, offset: offset + relaxedCount, count: trajectoryCount)
      try summary?.append(Array("\(entry.summary)\n".utf8))
    }
    for structure in rest { try appendProvisionally(structure) }
  }

  /// Makes sure that everything is on the disk.
  func finish() throws {
    for file in [relaxed, trajectory, summary, journal] { try file?.synchronize() }
    if ahead.isEmpty { AppendFile.remove(paths.spool) }
  }

  // MARK: - Order

  private func appendTrajectory(_ bytes: ByteSpool) throws {
    if let trajectory { try bytes.drain(into: trajectory) }
  }

  private func appendProvisionally(_ structure: FinishedStructure) throws {
    tally.add(structure.status, steps: structure.steps, evaluations: structure.evaluations)
    try structure.trajectory.map { try appendTrajectory($0) }
    try relaxed.append(structure.relaxed)
    try summary?.append(Array("\(structure.summary)\n".utf8))
  }

  /// Journal first, then summary: a summary line that anyone saw is in the journal.
  private func settle(_ entry: RunJournal.Entry) throws {
    let line = Array("\(entry.summary)\n".utf8)
    var settled = entry
    settled.place = .done(
      relaxed: relaxed.length, trajectory: trajectory?.length ?? 0,
      summary: (summary?.length ?? 0) + (summary == nil ? 0 : line.count))
    try journal?.append(Array(settled.line.utf8))
    try summary?.append(line)
    next += 1
  }

  private func drainAhead() throws {
    while let entry = ahead.removeValue(forKey: next) {
      guard case .ahead(let offset, let relaxedCount, let trajectoryCount) = entry.place,
        let spool
      else { preconditionFailure("a waiting structure lies in the spool") }
      try trajectory?.append(spool, offset: offset + relaxedCount, count: trajectoryCount)
      try relaxed.append(spool, offset: offset, count: relaxedCount)
      try settle(entry)
    }
    // A kill between these lines leaves a journal whose `ahead` lines are all overtaken by `done`.
    if ahead.isEmpty, let spool { try spool.truncate(to: 0) }
  }

  private func putAside(_ structure: FinishedStructure) throws {
    let spool: AppendFile
    if let existing = self.spool {
      spool = existing
    } else if relaxed.isRegular {
      spool = try AppendFile.create(paths.spool, overwrite: true)
    } else {
      spool = try AppendFile.anonymous(beside: temporaryName)
    }
    self.spool = spool
    let offset = spool.length
    try spool.append(structure.relaxed)
    try structure.trajectory?.drain(into: spool)
    var entry = structure.entry
    entry.place = .ahead(
      offset: offset, relaxed: structure.relaxed.count,
      trajectory: structure.trajectory?.count ?? 0)
    try journal?.append(Array(entry.line.utf8))
    ahead[structure.index] = entry
  }

  private var temporaryName: String { "/tmp/relax" }

  // MARK: - Resuming

  private func restore(_ past: RunHistory) throws {
    var lengths = (relaxed: 0, trajectory: 0, summary: 0)
    if let last = past.last, case .done(let relaxed, let trajectory, let summary) = last.place {
      lengths = (relaxed, trajectory, summary)
    }
    for (file, length) in [(relaxed, lengths.relaxed), (trajectory, lengths.trajectory)] {
      guard let file else { continue }
      guard file.length >= length else {
        throw OutputError.inconsistent(
          file.path, reason: "is shorter than its journal says; pass --overwrite to start again")
      }
      try file.truncate(to: length)
    }
    if let summary {
      let last = past.last.map { Array("\($0.summary)\n".utf8) } ?? []
      if summary.length >= lengths.summary {
        try summary.truncate(to: lengths.summary)
      } else if summary.length >= lengths.summary - last.count {
        try summary.truncate(to: lengths.summary - last.count)
        try summary.append(last)
      } else {
        throw OutputError.inconsistent(
          summary.path, reason: "is shorter than its journal says; pass --overwrite to start again")
      }
    }
    next = past.count
    ahead = past.ahead
    tally = past.tally
    // The kill may have come just before a waiting structure was appended in its turn.
    try drainAhead()
  }
}

extension FinishedStructure {
  /// The journal's entry, without a place yet.
  fileprivate var entry: RunJournal.Entry {
    RunJournal.Entry(
      index: index, status: status, steps: steps, evaluations: evaluations,
      place: .done(relaxed: 0, trajectory: 0, summary: 0), summary: summary)
  }
}
