// SPDX-License-Identifier: MIT

import CLibrary
import Files
import RelaxNumerics
import Relaxation
import Reporting
import StructureFiles

/// The file of `--log`: a line a step as ASE's optimizers write it, with the structure's id in front.
///
/// Lines of structures that are relaxed at the same time are mixed; the ids tell them apart. What an earlier
/// process has evaluated stands in the file already.
final class StepLog: Sendable {
  private struct State {
    var file: AppendFile?
    var failure: FileError?
  }

  private let path: String
  private let start: RecordFileStart
  /// ASE's name of the optimizer.
  private let optimizer: String
  private let state = Guarded(State())

  /// A log at `path`, which is made when there is something to write.
  init(path: String, start: RecordFileStart, optimizer: OptimizerName) {
    (self.path, self.start) = (path, start)
    self.optimizer = optimizer.rawValue.uppercased()
  }

  /// Writes the line of a step.
  func write(id: String, _ step: Engine.StepNote) {
    guard !step.isRecalled else { return }
    let text = (step.number == 0 ? heading(id) : "") + line(id, step)
    state.withLock { state in
      guard state.failure == nil else { return }
      do throws(FileError) {
        if state.file == nil { state.file = try AppendFile.open(path, start) }
        try state.file?.append(Array(text.utf8))
      } catch {
        state.failure = error
      }
    }
  }

  /// Reports what could not be written.
  func requireWritten() throws(FileError) {
    if let failure = state.withLock(\.failure) { throw failure }
  }

  private func heading(_ id: String) -> String {
    let blank = String(repeating: " ", count: optimizer.count)
    return "\(Excerpt.name(id)) \(blank)  Step     Time          Energy          fmax\n"
  }

  private func line(_ id: String, _ step: Engine.StepNote) -> String {
    var now = time(nil)
    var local = tm()
    localtime_r(&now, &local)
    let clock = [local.tm_hour, local.tm_min, local.tm_sec]
      .map { $0 < 10 ? "0\($0)" : "\($0)" }.joined(separator: ":")
    let energy = step.energy.map { $0.isFinite ? Decimals.fixed($0, 6) : "\($0)" } ?? "nan"
    return "\(Excerpt.name(id)) \(optimizer):  \(right("\(step.number)", 3)) \(clock) "
      + "\(right(energy, 15)) \(right(Decimals.fixed(step.fmax, 6), 15))\n"
  }

  private func right(_ text: String, _ width: Int) -> String {
    String(repeating: " ", count: max(0, width - text.count)) + text
  }
}
