// SPDX-License-Identifier: MIT

import Files

/// What a run has left of itself beside its relaxed structures, for those who look at them: read without a lock, so a run
/// that is at work does not notice.
public struct RunRecord: Sendable {
  /// The settings of the run, as they are now.
  public private(set) var settings: [RecordedSetting] = []
  /// Who began it; nil for a run of an earlier version.
  public private(set) var origin: RunOrigin?
  /// Processes that worked at it.
  public private(set) var sessions = 0
  /// Whether it is complete.
  public private(set) var isComplete = false
  /// What became of each structure that is done, in the order of the input.
  public private(set) var structures: [SummaryRecord] = []

  /// The record of the run whose relaxed structures are at `path`; nil without a journal.
  ///
  /// - Throws: kind `unreadable`.
  /// - Complexity: O(structures) in time and memory.
  public init?(of path: String) throws(FileError) {
    guard let journal = RunPaths(relaxed: path).journal, FilePlace(journal).exists,
      var reader = try JournalReader(journal)
    else { return nil }
    var waiting: Set<Int> = []
    var isOrdered = true
    while let line = try reader.next() {
      isComplete = false
      switch line.record {
      case .setting(let setting): settings.append(setting)
      case .session(let threads): sessions += threads > 0 ? 1 : 0
      case .origin(let by): origin = origin ?? by
      case .finished: isComplete = true
      case .ahead(let entry, _):
        if waiting.insert(entry.index).inserted { add(entry) }
        isOrdered = false
      case .done(let entry, _):
        if waiting.remove(entry.index) == nil { add(entry) }
      case .began, .begin, .synced, .spool, .died, .total, .stopped: continue
      }
    }
    if !isOrdered { structures.sort { $0.index < $1.index } }
  }

  private mutating func add(_ entry: RunJournal.Entry) {
    if let record = SummaryRecord(line: entry.summary) { structures.append(record) }
  }

  /// The value of a setting; nil if the run has no such one, or none of it.
  public func setting(_ name: String) -> String? {
    settings.first { $0.name == name && $0.value != "none" }?.value
  }
}
