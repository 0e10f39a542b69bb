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

  /// Takes back all structures that ended with one of `statuses`; changes nothing if there are none.
  ///
  /// From then on the run has the present settings: those of its beginning, but for the scripts of providers.
  ///
  /// - Throws: `DifferentSetting` for a run that was begun otherwise; `FileError`.
  func takeBack(_ statuses: Set<RelaxationStatus>) throws {
    let old = try AppendFile.reopen(journal)
    let bytes = try old.read(offset: 0, count: old.length)
    guard var past = try RunHistory(parsing: bytes, journal: journal) else {
      throw RunTrace.foreign(journal)
    }
    // A script that was mended is what there is another try for.
    try settings.map(\.withoutScripts).requireEqual(
      to: past.settings.map(\.withoutScripts), of: "run")
    let files = try RunFiles(reopening: paths, past)
    let done = try past.settle(with: files)
    let isWanted = { (entry: RunJournal.Entry) in statuses.contains(entry.status) }
    guard
      done.contains(where: { isWanted($0.entry) })
        || past.ahead.values.contains(where: { isWanted($0.entry) })
    else { return }
    let kept = done.prefix { !isWanted($0.entry) }

    let spool = try AppendFile.hidden("ahead", beside: paths.relaxed)
    let text = try AppendFile.hidden("partial", beside: paths.relaxed)
    do {
      var (head, seal) = RunJournal.head(settings)
      for (entry, lengths) in kept { head += seal.line(.done(entry, lengths)) }
      head += seal.line(.spool(RunFiles.name(of: spool.path)))
      var lengths = kept.last?.lengths ?? RunJournal.Lengths()
      for (entry, after) in done.dropFirst(kept.count) {
        if !isWanted(entry) {
          head += seal.line(.ahead(entry, offset: spool.length))
          try files.copy(entry, from: lengths, to: spool)
        }
        lengths = after
      }
      for (entry, offset) in past.ahead.values.sorted(by: { $0.entry.index < $1.entry.index })
      where !isWanted(entry) {
        head += seal.line(.ahead(entry, offset: spool.length))
        try files.copySpooled(entry, at: offset, to: spool)
      }
      try spool.synchronize()
      head += seal.line(.synced)
      try text.append(head)
      try text.synchronize()
      _ = try text.rename(to: journal)
    } catch {
      AppendFile.remove(spool.path)
      AppendFile.remove(text.path)
      throw error
    }
    if let before = files.spool { AppendFile.remove(before.path) }
  }
}
