// SPDX-License-Identifier: MIT

import Files
import RelaxNumerics

/// What a run has left beside its outputs, for those who are to decide what to do about them.
public struct RunTrace: Sendable {
  /// Structures that it finished.
  public let finished: Int
  /// Structures in its input, if they were counted when it was stopped.
  public let total: Int?
  /// Whether it came to its end.
  public let isComplete: Bool
  /// Whether nobody has worked at it since it was merged of shards.
  let isMerged: Bool
  /// The settings that it began with.
  public let settings: [RecordedSetting]
  /// The output without which it cannot go on, if it is gone.
  private let lost: String?

  /// The trace of the run that wrote to `paths`; nil without a readable journal.
  public init?(of paths: RunPaths) {
    guard let path = paths.journal, let history = try? RunHistory(of: path) else { return nil }
    (finished, total) = (history.finishedLines, history.total)
    (isComplete, settings) = (history.saysFinished, history.settings)
    isMerged = history.isMerged
    let needed = history.hasOutput ? [paths.relaxed, paths.trajectory].compactMap { $0 } : []
    lost = needed.first { FilePlace($0).kind == .missing }
  }

  /// What the run that wrote to `paths` computes with; nil if no journal says so.
  ///
  /// - Throws: `KernelSetError` if this processor has no such set.
  public static func kernels(of paths: RunPaths) throws(KernelSetError) -> KernelSet? {
    let settings = paths.journal.flatMap { RunHistory.settings(of: $0) }
    guard let setting = settings?.first(where: { $0.name == "kernels" }) else { return nil }
    return try KernelSet(name: setting.value)
  }

  /// What to say where `path`, an output of the run, is to be written anew.
  func refusal(_ path: String) -> FileError {
    guard !isComplete else { return .exists(path) }
    if let lost {
      return FileError(
        .exists, file: path,
        "a run that was interrupted has left this file, but its file \(PathText.shown(lost)) is gone; put "
          + "that back and pass --resume to go on, or pass --overwrite to start again")
    }
    let count = total.map { "\(finished) of \($0)" } ?? "\(finished)"
    return FileError(
      .exists, file: path,
      "a run that was interrupted has left this file, with \(count) structures finished; pass "
        + "--resume to go on with it, or --overwrite to start again")
  }

  /// Removes what waits in the spool of the run with that journal, if there is one.
  ///
  /// - Throws: kind `exists` for a file of that name which is no journal of ours.
  static func removeSpool(of journal: String) throws {
    guard FilePlace(journal).exists else { return }
    let past: RunHistory?
    do { past = try RunHistory(of: journal) } catch {
      // It is ours, though damaged; a spool that it can't tell of stays.
      guard error is FileError, FilePlace(journal).kind == .file else { throw foreign(journal) }
      return
    }
    guard let past else { throw foreign(journal) }
    if let name = past.spoolName { AppendFile.remove(RunFiles.sibling(name, of: journal)) }
  }

  static func foreign(_ journal: String) -> FileError {
    FileError(
      .exists, file: journal,
      "the file is in the way: a journal is to be there, and this is none; move it elsewhere")
  }
}
