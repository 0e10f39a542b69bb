// SPDX-License-Identifier: MIT

import CLibrary
import Files
import RelaxNumerics
import Synchronization

/// What each worker thread is at, in a hidden file beside the relaxed structures, `.NAME.working`: so a process that
/// died leaves word of the structures at which it did.
///
/// First in the file stands the time, fifty times a second, then three numbers a worker, which it stores over: no call of
/// the system is made for them. They are for processes that are killed, not for power failures. A process that ends in
/// order removes the file.
final class WorkMarks: Sendable {
  /// Where in a structure a process died.
  struct Mark: Equatable {
    /// The structure's place in the run.
    var index: Int
    /// Evaluations of it that had ended.
    var evaluations: Int
    /// Milliseconds since then.
    var elapsed: Int
  }

  private let numbers: MappedNumbers
  private let begin = ContinuousClock.now
  private let isRemoved = Atomic(false)
  private static let width = 3
  private static let beat: UInt32 = 20_000

  /// The file for so many workers.
  ///
  /// - Throws: kind `unwritable`.
  init(beside relaxed: String, workers: Int) throws(FileError) {
    let path = WorkMarks.path(beside: relaxed)
    // A process that is stopped, however soon, is none that died.
    numbers = try UnfinishedFiles.making {
      do throws(FileError) {
        return .success(
          (path, try MappedNumbers(path, count: (workers + 1) * WorkMarks.width)))
      } catch {
        return .failure(error)
      }
    }
    WorkerThreads.runAside { [self] in
      while !isRemoved.load(ordering: .relaxed) {
        numbers.store(milliseconds, at: 0)
        usleep(WorkMarks.beat)
      }
    }
  }

  private var milliseconds: Int { Int((ContinuousClock.now - begin) / .milliseconds(1)) }

  /// Notes what a worker is at: the structure at place `index`, of which so many evaluations have ended.
  func set(index: Int, evaluations: Int, worker: Int) {
    let place = (worker + 1) * WorkMarks.width
    numbers.store(evaluations, at: place + 1)
    numbers.store(milliseconds, at: place + 2)
    numbers.store(index + 1, at: place)
  }

  /// Notes that a worker is at nothing.
  func clear(worker: Int) { numbers.store(0, at: (worker + 1) * WorkMarks.width) }

  /// Removes the file: all work has ended in order.
  func remove() {
    isRemoved.store(true, ordering: .relaxed)
    AppendFile.remove(numbers.path)
    UnfinishedFiles.forget(numbers.path)
  }

  // MARK: - Afterwards

  /// What an earlier process was at when it died.
  static func left(beside relaxed: String) -> [Mark] {
    let numbers = MappedNumbers.read(path(beside: relaxed))
    return stride(from: width, to: numbers.count - width + 1, by: width).compactMap { place in
      guard numbers[place] > 0, numbers[place + 1] >= 0 else { return nil }
      return Mark(
        index: numbers[place] - 1, evaluations: numbers[place + 1],
        elapsed: max(0, numbers[0] - numbers[place + 2]))
    }
  }

  /// Forgets what an earlier process has left.
  static func removeLeft(beside relaxed: String) { AppendFile.remove(path(beside: relaxed)) }

  private static func path(beside relaxed: String) -> String {
    HiddenFile.path("working", of: relaxed)
  }
}
