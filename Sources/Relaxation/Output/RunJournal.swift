// SPDX-License-Identifier: MIT

import Files

/// What a run has finished, line by line: the truth from which an interrupted run goes on.
///
/// Text, tab-separated; each line ends with the checksum of everything before it. First the settings
/// that decide the results; then a line for every finished structure, with lengths and checksums of
/// what it has in the files. Lines are only appended: of a journal that was cut anywhere the whole
/// lines are true.
enum RunJournal {
  static let signature = "relax-journal\t2"

  /// What a line says.
  enum Record: Equatable {
    /// A setting that decides the results.
    case setting(RecordedSetting)
    /// The settings are complete.
    case begin
    /// A structure's output is in the files.
    case done(Entry, Lengths)
    /// A structure finished before one that precedes it in the input, and waits in the spool file from
    /// byte `offset` on: relaxed frame first, then trajectory.
    case ahead(Entry, offset: Int)
    /// Name of the spool file, which lies beside the journal.
    case spool(String)
    /// Everything that the lines before tell of is on the disk.
    case synced
    /// What a setting was when the run began, if it has another one now.
    case began(RecordedSetting)
    /// A process begins to work, with so many structures at once; 0 for one that merges shards.
    case session(threads: Int)
    /// Who works in the session that has begun.
    case origin(RunOrigin)
    /// So many structures are in the input.
    case total(Int)
    /// A process died while it worked on a structure.
    case died(WorkMarks.Mark)
    /// The run was stopped; so many structures are in its input, if they were counted.
    case stopped(total: Int?)
    /// The run is complete; so many frames of its input could not be read.
    case finished(unusable: Int)
  }

  /// Lengths of the files with a structure in them.
  struct Lengths: Equatable {
    var relaxed = 0
    var trajectory = 0
    var summary = 0
  }

  /// What is known of a finished structure.
  struct Entry: Equatable {
    var index: Int
    var status: RelaxationStatus
    var steps: Int
    var evaluations: Int
    /// Its relaxed frame.
    var relaxed: FilePart
    /// Its frames in the trajectory.
    var trajectory: FilePart
    /// Line of the summary, without its end.
    var summary: String
    /// Of the structure as it was read, where inputs are streams: nothing else tells then whether the
    /// same ones come again.
    var source: Checksum?

    fileprivate var fields: [String] {
      [
        "\(index)", status.rawValue, "\(steps)", "\(evaluations)", "\(relaxed.count)",
        relaxed.checksum.text, "\(trajectory.count)", trajectory.checksum.text, summary,
      ] + (source.map { [$0.text] } ?? [])
    }

    fileprivate init?(_ fields: ArraySlice<String>) {
      let fields = Array(fields)
      guard (9...10).contains(fields.count), let index = number(fields[0]),
        let status = RelaxationStatus(rawValue: fields[1]), let steps = number(fields[2]),
        let evaluations = number(fields[3]), let relaxed = FilePart(fields[4], fields[5]),
        let trajectory = FilePart(fields[6], fields[7])
      else { return nil }
      self.init(
        index: index, status: status, steps: steps, evaluations: evaluations, relaxed: relaxed,
        trajectory: trajectory, summary: fields[8])
      guard fields.count == 10 else { return }
      guard let source = Checksum(text: fields[9]) else { return nil }
      self.source = source
    }

    init(
      index: Int, status: RelaxationStatus, steps: Int, evaluations: Int, relaxed: FilePart,
      trajectory: FilePart, summary: String, source: Checksum? = nil
    ) {
      (self.index, self.status, self.steps, self.evaluations) = (index, status, steps, evaluations)
      (self.relaxed, self.trajectory, self.summary) = (relaxed, trajectory, summary)
      self.source = source
    }
  }
}

/// Writes lines, each sealed by the checksum of the journal up to it.
struct JournalSeal: Equatable {
  /// Of all bytes written so far, ends of lines included.
  private(set) var sum: Checksum

  /// The seal of a journal's first line.
  init() { sum = Checksum(of: Array("\(RunJournal.signature)\n".utf8)) }

  /// The line that says `record`, with its end.
  mutating func line(_ record: RunJournal.Record) -> [UInt8] {
    line(body: Array(TabbedLine.text(record.fields).utf8))
  }

  /// The line with these fields and its end.
  mutating func line(body: [UInt8]) -> [UInt8] {
    var bytes = body + [UInt8(ascii: "\t")]
    var sealed = sum
    sealed.update(bytes)
    bytes += Array("\(sealed.text)\n".utf8)
    sum.update(bytes)
    return bytes
  }

  /// What a line without its end says; nil if it is damaged, and then the seal stays as it was.
  mutating func record(_ line: ArraySlice<UInt8>) -> RunJournal.Record? {
    guard let tab = line.lastIndex(of: UInt8(ascii: "\t")) else { return nil }
    var sealed = sum
    sealed.update(Array(line[...tab]))
    guard Checksum(text: String(decoding: line[(tab + 1)...], as: UTF8.self)) == sealed else {
      return nil
    }
    let fields = TabbedLine.fields(line[..<tab])
    guard let record = RunJournal.Record(fields) else { return nil }
    sum.update(Array(line) + [UInt8(ascii: "\n")])
    return record
  }
}

extension RunJournal {
  /// What a journal starts with, and the seal for its next line.
  ///
  /// - Parameter began: what settings were at the beginning of the run, where they were others.
  static func head(
    _ settings: [RecordedSetting], began: [RecordedSetting] = []
  ) -> (bytes: [UInt8], seal: JournalSeal) {
    var seal = JournalSeal()
    var bytes = Array("\(signature)\n".utf8)
    for setting in settings { bytes += seal.line(.setting(setting)) }
    for setting in began { bytes += seal.line(.began(setting)) }
    bytes += seal.line(.begin)
    return (bytes, seal)
  }
}

extension RunJournal.Record {
  fileprivate var fields: [String] {
    switch self {
    case .setting(let setting): ["set", setting.name, setting.value]
    case .begin: ["begin"]
    case .done(let entry, let lengths):
      ["done", "\(lengths.relaxed)", "\(lengths.trajectory)", "\(lengths.summary)"] + entry.fields
    case .ahead(let entry, let offset): ["ahead", "\(offset)"] + entry.fields
    case .spool(let name): ["spool", name]
    case .synced: ["synced"]
    case .stopped(let total): ["stopped", total.map { "\($0)" } ?? "-"]
    case .began(let setting): ["began", setting.name, setting.value]
    case .session(let threads): ["session", "\(threads)"]
    case .origin(let by): ["by", by.version, by.date, by.machine, by.command]
    case .total(let total): ["total", "\(total)"]
    case .died(let mark): ["died", "\(mark.index)", "\(mark.evaluations)", "\(mark.elapsed)"]
    case .finished(let unusable): ["finished"] + (unusable > 0 ? ["\(unusable)"] : [])
    }
  }

  fileprivate init?(_ fields: [String]) {
    switch (fields[0], fields.count) {
    case ("set", 3): self = .setting(RecordedSetting(fields[1], fields[2]))
    case ("begin", 1): self = .begin
    case ("done", 13...14):
      guard let relaxed = number(fields[1]), let trajectory = number(fields[2]),
        let summary = number(fields[3]), let entry = RunJournal.Entry(fields[4...])
      else { return nil }
      let lengths = RunJournal.Lengths(relaxed: relaxed, trajectory: trajectory, summary: summary)
      self = .done(entry, lengths)
    case ("ahead", 11...12):
      guard let offset = number(fields[1]), let entry = RunJournal.Entry(fields[2...]) else {
        return nil
      }
      self = .ahead(entry, offset: offset)
    case ("spool", 2): self = .spool(fields[1])
    case ("synced", 1): self = .synced
    case ("stopped", 2):
      guard fields[1] == "-" || number(fields[1]) != nil else { return nil }
      self = .stopped(total: number(fields[1]))
    case ("began", 3): self = .began(RecordedSetting(fields[1], fields[2]))
    case ("session", 2):
      guard let threads = number(fields[1]) else { return nil }
      self = .session(threads: threads)
    case ("by", 5):
      self = .origin(
        RunOrigin(
          version: fields[1], date: fields[2], machine: fields[3], command: fields[4]))
    case ("total", 2):
      guard let total = number(fields[1]) else { return nil }
      self = .total(total)
    case ("died", 4):
      guard let index = number(fields[1]), let evaluations = number(fields[2]),
        let elapsed = number(fields[3])
      else { return nil }
      self = .died(WorkMarks.Mark(index: index, evaluations: evaluations, elapsed: elapsed))
    case ("finished", 1): self = .finished(unusable: 0)
    case ("finished", 2):
      guard let unusable = number(fields[1]) else { return nil }
      self = .finished(unusable: unusable)
    default: return nil
    }
  }
}

extension FilePart {
  fileprivate init?(_ text: String, _ sum: String) {
    guard let count = number(text), let checksum = Checksum(text: sum) else { return nil }
    self.init(count: count, checksum: checksum)
  }
}

/// A number that can be a count or a place in a file.
private func number(_ text: String) -> Int? {
  guard let value = Int(text), value >= 0, value < 1 << 50 else { return nil }
  return value
}
