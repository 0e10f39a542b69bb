// SPDX-License-Identifier: MIT

import Files

/// The logs of a run's evaluations, one a structure at work: see ``EvaluationLog``.
///
/// A structure's log goes when the structure is done. Of an expensive provider those stay of structures that may be
/// taken up again: that failed, or were not there after all steps.
struct EvaluationLogs: Sendable {
  private let relaxed: String
  /// Of the settings that decide what is evaluated; those of optimizers decide only where.
  private let settings: Checksum
  /// Structures of which an earlier process has left a log.
  private let left: Set<Int>
  private let areExpensive: Bool
  private let pace: EvaluationLog.Pace

  /// - Parameters:
  ///   - areExpensive: whether each evaluation is kept at once.
  ///   - youth: of structures that are younger nothing is kept, otherwise.
  init(
    relaxed: String, settings: [RecordedSetting], isResuming: Bool, areExpensive: Bool,
    youth: Duration
  ) {
    (self.relaxed, self.areExpensive) = (relaxed, areExpensive)
    pace = areExpensive ? .atOnce : .together(after: youth)
    left = isResuming ? HiddenFile.numbers("evaluations", of: relaxed) : []
    var sum = Checksum()
    for setting in settings where ["kernels", "provider"].contains(setting.name) {
      sum.update(Array("\(setting.name)\t\(setting.value)\n".utf8))
    }
    self.settings = sum
  }

  /// The log of a structure, with what an earlier process has kept of it.
  ///
  /// - Parameters:
  ///   - position: among the structures of the run.
  ///   - begin: called before something is kept.
  func open(
    _ item: StructureQueue.Item, position: Int, begin: @escaping () throws -> Void
  ) throws(FileError) -> EvaluationLog {
    try EvaluationLog(
      path: EvaluationLog.path(of: relaxed, index: position), source: source(of: item),
      resuming: left.contains(position), pace: pace, begin: begin)
  }

  private func source(of item: StructureQueue.Item) -> Checksum {
    var source = settings
    source.update(Array(item.checksum.text.utf8))
    return source
  }

  /// Removes the log of a structure that is done, unless it may serve another try.
  func retire(_ log: EvaluationLog, after status: RelaxationStatus) {
    guard areExpensive && [.failed, .stepLimit].contains(status) else { return log.remove() }
  }
}
