// SPDX-License-Identifier: MIT

import Files

/// The logs of a run's evaluations, one a structure at work: see ``EvaluationLog``.
///
/// A structure's log goes when the structure is done; that of one that failed stays, for the next try.
struct EvaluationLogs: Sendable {
  private let relaxed: String
  private let settings: Checksum
  private let isResuming: Bool

  init(relaxed: String, settings: [RecordedSetting], isResuming: Bool) {
    (self.relaxed, self.isResuming) = (relaxed, isResuming)
    var sum = Checksum()
    for setting in settings { sum.update(Array("\(setting.name)\t\(setting.value)\n".utf8)) }
    self.settings = sum
  }

  /// The log of a structure, with what an earlier process has kept of it.
  ///
  /// - Parameter begin: called before something is kept.
  func open(
    _ item: StructureQueue.Item, begin: @escaping () throws -> Void
  ) throws(FileError) -> EvaluationLog {
    var source = settings
    source.update(Array(item.checksum.text.utf8))
    return try EvaluationLog(
      path: EvaluationLog.path(of: relaxed, index: item.index), source: source,
      resuming: isResuming, begin: begin)
  }

  /// Removes the log of a structure that is done.
  func remove(_ index: Int) { AppendFile.remove(EvaluationLog.path(of: relaxed, index: index)) }
}
