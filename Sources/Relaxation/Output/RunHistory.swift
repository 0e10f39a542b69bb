// SPDX-License-Identifier: MIT

import Files

/// What the journal of a run tells of its past.
///
/// It is read several times, each time in constant memory: `init(of:)` looks at the lines that are whole; `settle`
/// keeps of those what the files bear out, and takes it together.
struct RunHistory {
  let journal: String
  /// The settings that the run has.
  private(set) var settings: [RecordedSetting] = []
  /// Settings that it began with, where they were others.
  private(set) var began: [RecordedSetting] = []
  private var begin: JournalReader.Place?
  /// Whether a structure is said to be in the files.
  private(set) var hasOutput = false
  /// Structures that are said to be in the files or to wait for their turn.
  private(set) var finishedLines = 0
  /// Whether the run is said to be complete.
  private(set) var saysFinished = false
  /// Whether it was merged of shards, and nobody has worked at it since.
  private(set) var isMerged = false
  /// Frames of its input that could not be read, if it is.
  private(set) var unusable = 0
  /// Who began it.
  private(set) var origin: RunOrigin?
  /// Lengths of the files with all structures that are said to be in them.
  private(set) var writtenLengths = RunJournal.Lengths()
  /// Structures in the input, if they were counted.
  private(set) var total: Int?
  /// Name of the spool file, if there ever was one.
  private(set) var spoolName: String?
  /// Bytes of the journal that were on the disk, and all that they tell of.
  private var syncedLength = 0

  /// Structures whose output is in the files.
  private(set) var count = 0
  /// Lengths of the files with them.
  private(set) var lengths = RunJournal.Lengths()
  /// Structures that finished ahead of their turn, and where they wait.
  private(set) var ahead: [Int: (entry: RunJournal.Entry, offset: Int)] = [:]
  /// All finished structures.
  private(set) var tally = RunTally()
  /// Summaries of the first structures that did not converge, in the order of the input.
  var troubles: [String] { firstTroubles.map(\.summary) }
  private var firstTroubles: [RunJournal.Entry] = []
  /// What finished structures were when they were read, by their place in the input, where the journal
  /// tells.
  private(set) var sources: [Int: Checksum] = [:]
  /// Structures at which processes died, that are not finished.
  private(set) var deaths: [Int: RunDeath] = [:]
  /// Whether the run is complete.
  private(set) var isFinished = false
  /// Behind the last line of the journal that counts.
  private(set) var end: JournalReader.Place
  /// From where on the summary's file has not all lines, and where they begin in it.
  private var missing: JournalReader.Place?
  private var summaryEnd = 0

  /// More summaries than this are not kept.
  static let troublesKept = 20

  /// Reads a journal; nil if it is none.
  ///
  /// What follows a damaged line does not count: the end of a journal may be lost when the power fails.
  ///
  /// - Throws: kind `inconsistent` if a line is damaged that was known to be on the disk, or if the
  ///   journal contradicts itself; kind `unreadable`.
  init?(of journal: String) throws(FileError) {
    self.journal = journal
    guard var reader = try JournalReader(journal) else { return nil }
    end = reader.place
    try readSettings(&reader)
    var next = 0
    var lengths = RunJournal.Lengths()
    var waiting: Set<Int> = []
    while let line = try reader.next() {
      saysFinished = false
      switch line.record {
      case .setting, .begin: throw RunHistory.damaged(journal)
      case .synced: syncedLength = line.end.offset
      case .spool(let name): if name.hasPrefix("."), !name.contains("/") { spoolName = name }
      case .total(let total): self.total = total
      case .stopped(let total): self.total = total ?? self.total
      case .finished(let unusable): (saysFinished, self.unusable) = (true, unusable)
      case .ahead(let entry, _):
        guard entry.index >= next else { throw RunHistory.damaged(journal) }
        waiting.insert(entry.index)
      case .done(let entry, let after):
        guard entry.index == next, after.relaxed - lengths.relaxed == entry.relaxed.count,
          after.trajectory - lengths.trajectory == entry.trajectory.count,
          after.summary >= lengths.summary
        else { throw RunHistory.damaged(journal) }
        next += 1
        lengths = after
        waiting.remove(entry.index)
      case .session(let threads): isMerged = threads == 0
      case .origin(let by): origin = origin ?? by
      case .began, .died: continue
      }
    }
    guard try !reader.damagesWhatWasSynced() else { throw RunHistory.damaged(journal) }
    (hasOutput, writtenLengths) = (next > 0, lengths)
    finishedLines = next + waiting.count
  }

  private mutating func readSettings(_ reader: inout JournalReader) throws(FileError) {
    while let line = try reader.next() {
      switch line.record {
      case .setting(let setting): settings.append(setting)
      case .began(let setting): began.append(setting)
      case .begin:
        (begin, end) = (line.end, line.end)
        return
      default: throw RunHistory.damaged(journal)
      }
    }
    throw RunHistory.damaged(journal)
  }

  /// The settings that the journal of a run begins with; nil if it is none, or damaged there.
  static func settings(of journal: String) -> [RecordedSetting]? {
    guard var reader = try? JournalReader(journal) else { return nil }
    var settings: [RecordedSetting] = []
    while let line = try? reader.next() {
      switch line.record {
      case .setting(let setting): settings.append(setting)
      case .began: continue
      case .begin: return settings
      default: return nil
      }
    }
    return nil
  }

  /// The settings that the run began with.
  var firstSettings: [RecordedSetting] {
    settings.map { setting in began.first { $0.name == setting.name } ?? setting }
  }

  private static func damaged(_ journal: String) -> FileError {
    FileError(
      .inconsistent, file: journal,
      "the journal of this run is damaged; pass --overwrite to start again")
  }

  // MARK: - With the files

  /// Keeps what `files` bear out, and takes the rest together.
  ///
  /// A structure whose bytes are not those it had is computed again, with all after it, if it was not
  /// known to be on the disk: that is what is left when the power fails. Otherwise something has
  /// changed the file.
  ///
  /// - Parameter visit: receives the structures in the files, in their order.
  /// - Throws: kind `inconsistent` for a file that was changed.
  mutating func settle(
    with files: RunFiles, visit: (RunJournal.Entry) throws -> Void = { _ in }
  ) throws {
    guard let begin else { preconditionFailure("a journal has a beginning") }
    var reader = JournalReader(journal, from: begin)
    while let line = try reader.next() {
      if case .done(let entry, let after) = line.record {
        let isSynced = line.end.offset <= syncedLength
        if let file = try files.unequal(entry, from: lengths) {
          guard !isSynced else { throw RunHistory.changed(file, entry) }
          break
        }
        if let summary = files.summary, missing == nil,
          try !hasLine(summary, of: entry, to: after.summary, isSynced: isSynced)
        {
          missing = line.start
        }
        try visit(entry)
      }
      take(line)
    }
    for (index, waiting) in ahead where try !files.holdsSpooled(waiting.entry, at: waiting.offset) {
      // Nothing of it is in the outputs yet: it is computed again.
      ahead[index] = nil
      tally.remove(
        waiting.entry.status, steps: waiting.entry.steps, evaluations: waiting.entry.evaluations)
    }
  }

  /// Hands out the structures in the files once more, in their order, with the lengths of the files behind each.
  func revisit(
    from place: JournalReader.Place? = nil,
    _ visit: (RunJournal.Entry, RunJournal.Lengths) throws -> Void
  ) throws {
    guard let start = place ?? begin else { return }
    var reader = JournalReader(journal, from: start)
    while let line = try reader.next(), line.end.offset <= end.offset {
      if case .done(let entry, let lengths) = line.record { try visit(entry, lengths) }
    }
  }

  private static func changed(_ file: String, _ entry: RunJournal.Entry) -> FileError {
    FileError(
      .inconsistent, file: file,
      "the file is not what its journal says, from structure \(entry.index + 1) on: it was "
        + "changed or damaged; put it back, or pass --overwrite to start again")
  }

  /// Whether the summary, which has all lines before it, has that of `entry`.
  private mutating func hasLine(
    _ file: AppendFile, of entry: RunJournal.Entry, to end: Int, isSynced: Bool
  ) throws -> Bool {
    guard file.isRegular else { return true }
    let line = Array("\(entry.summary)\n".utf8)
    guard end - summaryEnd == line.count else { throw RunHistory.changed(file.path, entry) }
    let there = try file.read(
      offset: summaryEnd, count: max(0, min(line.count, file.length - summaryEnd)))
    if there == line {
      summaryEnd = end
      return true
    }
    // What a kill or a power failure cut off is in the journal.
    guard !isSynced || line.starts(with: there) else { throw RunHistory.changed(file.path, entry) }
    return false
  }

  /// Makes a summary whole: cut to the lines that count, with those that it has not.
  func restore(_ summary: AppendFile) throws {
    guard summary.isRegular else { return }
    if summary.length > summaryEnd { try summary.truncate(to: summaryEnd) }
    guard let missing else { return }
    try revisit(from: missing) { entry, _ in
      try summary.append(Array("\(entry.summary)\n".utf8))
    }
  }

  private mutating func take(_ line: JournalReader.Line) {
    end = line.end
    isFinished = false
    switch line.record {
    case .setting, .began, .begin, .session, .origin, .synced, .spool, .stopped, .total: break
    case .finished: isFinished = true
    case .died(let mark):
      deaths.add(at: mark.index, after: mark.evaluations, elapsed: mark.elapsed)
    case .ahead(let entry, let offset):
      if ahead.updateValue((entry, offset), forKey: entry.index) == nil { add(entry) }
    case .done(let entry, let lengths):
      count += 1
      self.lengths = lengths
      if ahead.removeValue(forKey: entry.index) == nil { add(entry) }
    }
  }

  private mutating func add(_ entry: RunJournal.Entry) {
    sources[entry.index] = entry.source
    deaths[entry.index] = nil
    tally.add(entry.status, steps: entry.steps, evaluations: entry.evaluations)
    guard entry.status != .converged else { return }
    // Those that finished ahead of their turn come before their place.
    let place = firstTroubles.firstIndex { $0.index > entry.index } ?? firstTroubles.endIndex
    firstTroubles.insert(entry, at: place)
    if firstTroubles.count > RunHistory.troublesKept { firstTroubles.removeLast() }
  }
}
