// SPDX-License-Identifier: MIT

import Files

/// Takes structures of a run back, so that going on with it relaxes them again.
///
/// Outputs are in input order. So all that stands behind the first of them moves to the spool, as if it had
/// finished ahead of its turn: no other structure is computed again. A new journal that says so takes the
/// place of the old one in one step; until then nothing has changed, and whatever a kill leaves is true.
struct RunRewind {
  private let paths: RunPaths
  private let journal: String
  private let settings: [RecordedSetting]

  init(_ paths: RunPaths, journal: String, settings: [RecordedSetting]) {
    (self.paths, self.journal, self.settings) = (paths, journal, settings)
  }

  /// Settings that may be others in a further try: how a structure is relaxed, not what it is, where forces come
  /// from, or what is written.
  private static let adjustable: Set = ["scheme", "optimizer", "fmax", "steps", "stalls"]

  /// Takes back all structures that ended with one of `statuses`; changes nothing if there are none in a run that is
  /// complete.
  ///
  /// From then on the run has the present settings, which may differ from those that it had in how structures are
  /// relaxed and in the scripts of providers. What ended under just these settings, and with the same scripts, is not tried
  /// again, unless it failed: it would end alike.
  ///
  /// - Throws: `DifferentSetting` for a run that was begun otherwise; `FileError`.
  func takeBack(_ statuses: Set<RelaxationStatus>) throws {
    guard var past = try RunHistory(of: journal) else { throw RunTrace.foreign(journal) }
    try settings.map(\.fixedPart).requireEqual(to: past.settings.map(\.fixedPart), of: "run")
    let began = past.began(before: settings)
    let changed = settings.changed(since: began)
    // As it is read from a line.
    let present =
      changed.isEmpty
      ? nil : try JSONText(parsing: SummaryLine.settings(changed).text(.oneLine))
    let hasOtherScripts = !settings.filter { !RunRewind.isAdjustable($0) }.allSatisfy {
      past.settings.contains($0)
    }
    let isWanted = { (entry: RunJournal.Entry) in
      statuses.contains(entry.status)
        && (entry.status == .failed || hasOtherScripts
          || (try? JSONText(parsing: entry.summary))?["settings"] != present)
    }
    let files = try RunFiles(reopening: paths, past)
    var isAnyWanted = false
    try past.settle(with: files) { entry in isAnyWanted = isAnyWanted || isWanted(entry) }
    isAnyWanted = isAnyWanted || past.ahead.values.contains { isWanted($0.entry) }
    guard isAnyWanted || !past.isFinished && past.settings != settings else { return }

    let spool = try AppendFile.hidden("ahead", beside: paths.relaxed)
    let text = try AppendFile.hidden("partial", beside: paths.relaxed)
    do {
      try write(past, began, files, isWanted, spool: spool, to: text)
    } catch {
      AppendFile.remove(spool.path)
      AppendFile.remove(text.path)
      throw error
    }
    if let before = files.spool { AppendFile.remove(before.path) }
  }

  /// Writes the new journal, and what it says is ahead to the spool.
  private func write(
    _ past: RunHistory, _ began: [RecordedSetting], _ files: RunFiles,
    _ isWanted: (RunJournal.Entry) -> Bool, spool: AppendFile, to text: AppendFile
  ) throws {
    var (bytes, seal) = RunJournal.head(settings, began: began)
    func flush(_ least: Int = 1 << 20) throws {
      guard bytes.count >= least else { return }
      try text.append(bytes)
      bytes = []
    }
    if let total = past.total { bytes += seal.line(.total(total)) }
    bytes += seal.line(.spool(RunFiles.name(of: spool.path)))
    var isBehind = false
    var lengths = RunJournal.Lengths()
    try past.revisit { entry, after in
      isBehind = isBehind || isWanted(entry)
      if !isBehind {
        bytes += seal.line(.done(entry, after))
      } else if !isWanted(entry) {
        bytes += seal.line(.ahead(entry, offset: spool.length))
        try files.copy(entry, from: lengths, to: spool)
      }
      lengths = after
      try flush()
    }
    for (entry, offset) in past.ahead.values.sorted(by: { $0.entry.index < $1.entry.index })
    where !isWanted(entry) {
      bytes += seal.line(.ahead(entry, offset: spool.length))
      try files.copySpooled(entry, at: offset, to: spool)
      try flush()
    }
    try spool.synchronize()
    bytes += seal.line(.synced)
    try flush(0)
    try text.synchronize()
    _ = try text.rename(to: journal)
  }
}

extension RecordedSetting {
  /// What must be the same in a further try.
  var fixedPart: RecordedSetting {
    RunRewind.isAdjustable(self) ? RecordedSetting(name, "any") : withoutScripts
  }
}

extension RunRewind {
  static func isAdjustable(_ setting: RecordedSetting) -> Bool {
    adjustable.contains(setting.name)
  }
}

extension RunHistory {
  /// What settings were at the beginning of the run, as far as `settings` are others.
  fileprivate func began(before settings: [RecordedSetting]) -> [RecordedSetting] {
    settings.compactMap { now in
      guard RunRewind.isAdjustable(now) else { return nil }
      let isIt = { (setting: RecordedSetting) in setting.name == now.name }
      guard let first = began.first(where: isIt) ?? self.settings.first(where: isIt), first != now
      else { return nil }
      return first
    }
  }
}

extension [RecordedSetting] {
  /// Those that were others at the beginning.
  func changed(since began: [RecordedSetting]) -> [RecordedSetting] {
    filter { now in began.contains { $0.name == now.name } }
  }
}
