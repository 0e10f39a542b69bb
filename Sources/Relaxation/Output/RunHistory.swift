// SPDX-License-Identifier: MIT

import Files

/// What the journal of a run tells of its past.
///
/// It is read in two steps: `init(parsing:)` keeps the lines that are whole; `settle` keeps of those
/// what the files bear out, and takes it together.
struct RunHistory {
  /// The settings that it began with.
  private(set) var settings: [RecordedSetting] = []
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
  /// Whether the run is complete.
  private(set) var isFinished = false
  /// Bytes of the journal up to the last line that counts, and its seal there.
  private(set) var journalLength = 0
  private(set) var seal = JournalSeal()
  /// Lines of the summary that its file has not, and where they begin.
  private var missing: [String] = []
  private var summaryEnd = 0

  /// More summaries than this are not kept.
  static let troublesKept = 20

  private struct Line {
    var record: RunJournal.Record
    /// Bytes of the journal with it.
    var end: Int
    var seal: JournalSeal
  }

  private var lines: [Line] = []
  /// How many of the lines were on the disk, and all that they tell of.
  private var syncedLines = 0

  /// Reads a journal; nil if it is none.
  ///
  /// What follows a damaged line does not count: the end of a journal may be lost when the power fails.
  ///
  /// - Throws: kind `inconsistent` if a line is damaged that was known to be on the disk, or if the
  ///   journal contradicts itself.
  init?(parsing bytes: [UInt8], journal: String) throws(FileError) {
    let first = Array("\(RunJournal.signature)\n".utf8)
    guard bytes.starts(with: first) else { return nil }
    var place = first.count
    var seal = JournalSeal()
    while let end = bytes[place...].firstIndex(of: 10) {
      guard let record = seal.record(bytes[place..<end]) else { break }
      place = end + 1
      lines.append(Line(record: record, end: place, seal: seal))
      if record == .synced { syncedLines = lines.count }
    }
    let rest = bytes[place...]
    // Its seal cannot be checked behind a damaged line, but no other line begins so.
    let mark = Array("\nsynced\t".utf8), end = Array("\nfinished\t".utf8)
    guard !rest.contains(sequence: mark), !rest.contains(sequence: end) else {
      throw RunHistory.damaged(journal)
    }
    var begun = false
    for line in lines {
      switch line.record {
      case .setting(let setting) where !begun: settings.append(setting)
      case .begin where !begun: begun = true
      case .setting, .begin: throw RunHistory.damaged(journal)
      default: guard begun else { throw RunHistory.damaged(journal) }
      }
    }
    guard begun else { throw RunHistory.damaged(journal) }
    try requireOrder(journal)
  }

  // MARK: - Before the files are looked at

  /// Whether a structure is said to be in the files.
  var hasOutput: Bool {
    lines.contains { if case .done = $0.record { true } else { false } }
  }

  /// Structures that are said to be in the files or to wait for their turn.
  var finishedLines: Int {
    var indices: Set<Int> = []
    for line in lines {
      switch line.record {
      case .done(let entry, _), .ahead(let entry, _): indices.insert(entry.index)
      default: break
      }
    }
    return indices.count
  }

  /// Whether the run is said to be complete.
  var saysFinished: Bool { lines.last?.record == .finished }

  /// Structures in the input, if they were counted when the run was stopped.
  var stoppedTotal: Int? {
    if case .stopped(let total)? = lines.last?.record { total } else { nil }
  }

  /// Name of the spool file, if there ever was one.
  var spoolName: String? {
    for line in lines.reversed() {
      if case .spool(let name) = line.record, name.hasPrefix("."), !name.contains("/") {
        return name
      }
    }
    return nil
  }

  private static func damaged(_ journal: String) -> FileError {
    FileError(
      .inconsistent, file: journal,
      "the journal of this run is damaged; pass --overwrite to start again")
  }

  private func requireOrder(_ journal: String) throws(FileError) {
    var next = 0
    var lengths = RunJournal.Lengths()
    for line in lines {
      if case .ahead(let entry, _) = line.record, entry.index < next {
        throw RunHistory.damaged(journal)
      }
      guard case .done(let entry, let after) = line.record else { continue }
      guard entry.index == next, after.relaxed - lengths.relaxed == entry.relaxed.count,
        after.trajectory - lengths.trajectory == entry.trajectory.count,
        after.summary >= lengths.summary
      else { throw RunHistory.damaged(journal) }
      next += 1
      lengths = after
    }
  }

  /// Keeps what `files` bear out, and takes the rest together.
  ///
  /// A structure whose bytes are not those it had is computed again, with all after it, if it was not
  /// known to be on the disk: that is what is left when the power fails. Otherwise something has
  /// changed the file.
  ///
  /// - Returns: the structures in the files, in their order, with the lengths of the files behind each.
  /// - Throws: kind `inconsistent` for a file that was changed.
  @discardableResult mutating func settle(
    with files: RunFiles
  ) throws -> [(entry: RunJournal.Entry, lengths: RunJournal.Lengths)] {
    var kept = 0
    var done: [(entry: RunJournal.Entry, lengths: RunJournal.Lengths)] = []
    var lengths = RunJournal.Lengths()
    for (number, line) in lines.enumerated() {
      if case .done(let entry, let after) = line.record {
        if let file = try files.unequal(entry, from: lengths) {
          guard number >= syncedLines else { throw RunHistory.changed(file, entry) }
          break
        }
        if let summary = files.summary {
          let isWhole = try compare(
            summary, entry, to: after.summary, isSynced: number < syncedLines)
          if !isWhole { missing.append(entry.summary) }
        }
        lengths = after
        done.append((entry, after))
      }
      kept = number + 1
    }
    for line in lines[..<kept] { take(line) }
    lines = []
    for (index, waiting) in ahead where try !files.holdsSpooled(waiting.entry, at: waiting.offset) {
      // Nothing of it is in the outputs yet: it is computed again.
      ahead[index] = nil
      tally.remove(
        waiting.entry.status, steps: waiting.entry.steps, evaluations: waiting.entry.evaluations)
    }
    return done
  }

  private static func changed(_ file: String, _ entry: RunJournal.Entry) -> FileError {
    FileError(
      .inconsistent, file: file,
      "the file is not what its journal says, from structure \(entry.index + 1) on: it was "
        + "changed or damaged; put it back, or pass --overwrite to start again")
  }

  /// Whether the summary has the line of `entry` and all before it.
  private mutating func compare(
    _ file: AppendFile, _ entry: RunJournal.Entry, to end: Int, isSynced: Bool
  ) throws -> Bool {
    guard missing.isEmpty, file.isRegular else { return !file.isRegular }
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
  func restore(_ summary: AppendFile) throws(FileError) {
    guard summary.isRegular else { return }
    if summary.length > summaryEnd { try summary.truncate(to: summaryEnd) }
    for line in missing { try summary.append(Array("\(line)\n".utf8)) }
  }

  private mutating func take(_ line: Line) {
    (journalLength, seal) = (line.end, line.seal)
    switch line.record {
    case .setting, .begin, .synced, .spool, .stopped: break
    case .finished: isFinished = true
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
    tally.add(entry.status, steps: entry.steps, evaluations: entry.evaluations)
    guard entry.status != .converged else { return }
    // Those that finished ahead of their turn come before their place.
    let place = firstTroubles.firstIndex { $0.index > entry.index } ?? firstTroubles.endIndex
    firstTroubles.insert(entry, at: place)
    if firstTroubles.count > RunHistory.troublesKept { firstTroubles.removeLast() }
  }
}

extension ArraySlice<UInt8> {
  fileprivate func contains(sequence: [UInt8]) -> Bool {
    guard count >= sequence.count else { return false }
    return (startIndex...(endIndex - sequence.count)).contains {
      self[$0] == sequence[0] && self[$0...].starts(with: sequence)
    }
  }
}
