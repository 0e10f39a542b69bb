// SPDX-License-Identifier: MIT

import Files
import StructureFiles

/// Why a run cannot be continued.
public enum ResumeError: Error, Equatable, CustomStringConvertible {
  /// The run was begun with another value of a setting.
  case differentSetting(name: String, began: String, now: String)

  /// Which setting differs, and how.
  public var description: String {
    switch self {
    case .differentSetting(let name, let began, let now):
      "cannot resume: the run began with \(name) \(began), now it is \(now)"
    }
  }
}

/// What the journal of a run tells of its past.
struct RunHistory {
  /// The last structure whose output is in the files.
  private(set) var last: RunJournal.Entry?
  /// Structures whose output is in the files.
  private(set) var count = 0
  /// Structures that finished ahead of their turn.
  private(set) var ahead: [Int: RunJournal.Entry] = [:]
  /// All finished structures.
  private(set) var tally = RunTally()
  /// Bytes of the journal up to its last whole line.
  private(set) var journalLength = 0
  /// Whether the run was killed before it had noted its settings; nothing was finished then.
  var isHeadless: Bool { journalLength == 0 }

  /// Reads the journal of the run that writes to `paths`.
  ///
  /// - Throws: `ResumeError` if the run began with other settings; `OutputError` if the journal is
  ///   none or contradicts itself.
  init(of paths: RunPaths, settings: [RunSetting]) throws {
    let file = try AppendFile.reopen(paths.journal)
    let text = String(decoding: try file.read(offset: 0, count: file.length), as: UTF8.self)
    // What follows the last line end was cut short by a kill.
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false).dropLast()
    guard let first = lines.first else { return }
    guard first == RunJournal.signature else {
      throw OutputError.inconsistent(paths.journal, reason: "is not a journal of relax")
    }
    var length = first.utf8.count + 1
    var began: [RunSetting] = []
    for line in lines.dropFirst() {
      length += line.utf8.count + 1
      if let setting = RunJournal.setting(line: line) {
        began.append(setting)
        continue
      }
      if line == RunJournal.begin {
        try RunHistory.compare(began, settings)
      } else if let entry = RunJournal.Entry(line: line) {
        try take(entry, journal: paths.journal)
      } else {
        throw OutputError.inconsistent(
          paths.journal, reason: "is damaged; pass --overwrite to start again")
      }
      journalLength = length
    }
  }

  private mutating func take(_ entry: RunJournal.Entry, journal: String) throws {
    switch entry.place {
    case .ahead: ahead[entry.index] = entry
    case .done:
      guard entry.index == count else {
        throw OutputError.inconsistent(
          journal, reason: "names structure \(entry.index) twice or out of order")
      }
      count += 1
      last = entry
      if ahead.removeValue(forKey: entry.index) != nil { return }
    }
    tally.add(entry.status, steps: entry.steps, evaluations: entry.evaluations)
  }

  private static func compare(_ began: [RunSetting], _ now: [RunSetting]) throws {
    for k in 0..<max(began.count, now.count) {
      let before = k < began.count ? began[k] : nil
      let after = k < now.count ? now[k] : nil
      guard before != after else { continue }
      throw ResumeError.differentSetting(
        name: after?.name ?? before?.name ?? "", began: before?.value ?? "(none)",
        now: after?.value ?? "(none)")
    }
  }
}
