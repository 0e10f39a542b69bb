// SPDX-License-Identifier: MIT

import Files

/// How far a run or one shard of it is, as its journal tells: read without a lock, so a run that is at work does not notice.
public struct RunStatus: Sendable {
  /// A structure, for those who look at the slowest, or at why some failed.
  public struct Structure: Sendable {
    /// Its line of the summary.
    public var summary: String
    /// Wall time of its worker in seconds.
    public var seconds: Double
  }

  /// Structures that are done, by status, with their steps and evaluations.
  public private(set) var tally = RunTally()
  /// Structures in the whole input, if the journal tells.
  public private(set) var inputTotal: Int?
  /// Which part of the run it is; nil for all of it.
  public var shard: Shard? { settings.first { $0.name == "shard" }.flatMap { Shard($0.value) } }
  /// Structures to be done, if that is known.
  public var total: Int? {
    isComplete ? tally.structures : inputTotal.map { shard?.size(of: $0) ?? $0 }
  }
  /// Whether all of them are.
  public private(set) var isComplete = false
  /// Whether it was merged of shards, and nobody has worked at it since.
  public private(set) var isMerged = false
  /// Whether the latest process said that it stops.
  public private(set) var wasStopped = false
  /// The settings of the run.
  public private(set) var settings: [RecordedSetting] = []
  /// Structures a second that the latest process does or did; nil before the first is done.
  ///
  /// It is told by the times that its structures took: clocks of nodes do not matter.
  public var rate: Double? {
    guard sessionSeconds > 0, sessionCount > 0 else { return nil }
    return Double(threads * sessionCount) / sessionSeconds
  }
  /// The slowest structures, the slowest first.
  public private(set) var slowest: [Structure] = []
  /// Summaries of structures that did not converge, the first ones in the order in which they finished.
  public private(set) var troubles: [String] = []
  private var threads = 1
  private var sessionCount = 0
  private var sessionSeconds = 0.0

  /// Structures that are named, of the slowest and of those that did not converge.
  public static let mostNamed = 10

  /// How far the run is that writes to `paths`; nil if no journal tells.
  ///
  /// - Throws: kind `unreadable`; kind `inconsistent` for a file that is no journal.
  public init?(of paths: RunPaths) throws(FileError) {
    guard let path = paths.journal, FilePlace(path).exists else { return nil }
    guard var reader = try JournalReader(path) else { throw RunTrace.foreign(path) }
    var waiting: Set<Int> = []
    while let line = try reader.next() {
      (isComplete, wasStopped) = (false, false)
      switch line.record {
      case .setting(let setting): settings.append(setting)
      case .session(let threads):
        (self.threads, sessionCount, sessionSeconds) = (max(1, threads), 0, 0)
        isMerged = threads == 0
      case .total(let total): inputTotal = total
      case .stopped(let total):
        wasStopped = true
        inputTotal = total ?? inputTotal
      case .finished: isComplete = true
      case .ahead(let entry, _):
        if waiting.insert(entry.index).inserted { add(entry) }
      case .done(let entry, _):
        if waiting.remove(entry.index) == nil { add(entry) }
      case .began, .begin, .origin, .synced, .spool, .died: continue
      }
    }
  }

  private mutating func add(_ entry: RunJournal.Entry) {
    tally.add(entry.status, steps: entry.steps, evaluations: entry.evaluations)
    let seconds = RunStatus.seconds(in: entry.summary)
    sessionCount += 1
    sessionSeconds += seconds
    if entry.status != .converged && troubles.count < RunStatus.mostNamed {
      troubles.append(entry.summary)
    }
    guard slowest.count < RunStatus.mostNamed || seconds > slowest[slowest.count - 1].seconds else {
      return
    }
    let place = slowest.firstIndex { $0.seconds < seconds } ?? slowest.endIndex
    slowest.insert(Structure(summary: entry.summary, seconds: seconds), at: place)
    if slowest.count > RunStatus.mostNamed { slowest.removeLast() }
  }

  /// The seconds of a line of the summary, without taking all of it apart: there may be a million lines.
  private static func seconds(in summary: String) -> Double {
    let key = Array("\"seconds\": ".utf8)
    let bytes = Array(summary.utf8)
    guard
      let start = bytes.indices.reversed().first(where: { bytes[$0...].starts(with: key) })
    else { return 0 }
    let digits = bytes[(start + key.count)...].prefix {
      $0 != UInt8(ascii: "}") && $0 != UInt8(ascii: ",")
    }
    return Double(String(decoding: digits, as: UTF8.self)) ?? 0
  }
}
