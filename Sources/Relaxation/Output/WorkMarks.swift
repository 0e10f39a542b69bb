// SPDX-License-Identifier: MIT

import CLibrary
import Files
import RelaxNumerics
import Synchronization

/// What each worker thread is at, in a hidden file beside the relaxed structures, `.NAME.working`: so a process that
/// died leaves word of the structures at which it did.
///
/// First in the file stands the time, twenty times a second, then a record a worker, which it writes over. They are for
/// processes that are killed, not for power failures: nothing is forced onto the disk. A process that ends in order
/// removes the file.
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

  private let file: AppendFile
  private let begin = ContinuousClock.now
  private let isRemoved = Atomic(false)
  private static let recordSize = 32
  private static let beat: UInt32 = 50_000

  /// The file for so many workers.
  ///
  /// - Throws: kind `unwritable`.
  init(beside relaxed: String, workers: Int) throws(FileError) {
    let path = WorkMarks.path(beside: relaxed)
    // A process that is stopped, however soon, is none that died.
    file = try UnfinishedFiles.making {
      do throws(FileError) {
        return .success((path, try AppendFile.create(path, replacing: true)))
      } catch {
        return .failure(error)
      }
    }
    try file.append([UInt8](repeating: 0, count: (workers + 1) * WorkMarks.recordSize))
    WorkerThreads.runAside { [self] in
      while !isRemoved.load(ordering: .relaxed) {
        // Where it cannot be written, workers will say so.
        try? write([0, 0, milliseconds], at: 0)
        usleep(WorkMarks.beat)
      }
    }
  }

  private var milliseconds: Int { Int((ContinuousClock.now - begin) / .milliseconds(1)) }

  /// Notes what a worker is at: the structure at place `index`, of which so many evaluations have ended.
  func set(index: Int, evaluations: Int, worker: Int) throws(FileError) {
    try write([index + 1, evaluations, milliseconds], at: worker + 1)
  }

  /// Notes that a worker is at nothing.
  func clear(worker: Int) throws(FileError) { try write([0, 0, 0], at: worker + 1) }

  private func write(_ numbers: [Int], at place: Int) throws(FileError) {
    try file.replace(at: place * WorkMarks.recordSize, with: WorkMarks.record(numbers))
  }

  /// Removes the file: all work has ended in order.
  func remove() {
    isRemoved.store(true, ordering: .relaxed)
    AppendFile.remove(file.path)
    UnfinishedFiles.forget(file.path)
  }

  // MARK: - Afterwards

  /// What an earlier process was at when it died.
  static func left(beside relaxed: String) -> [Mark] {
    guard let file = try? RandomAccessFile(path: path(beside: relaxed)),
      let bytes = try? file.bytes(0..<file.length)
    else { return [] }
    let records = stride(from: 0, to: bytes.count - recordSize + 1, by: recordSize).map { start in
      numbers(in: Array(bytes[start..<start + recordSize]))
    }
    guard let time = records.first??[2] else { return [] }
    return records.dropFirst().compactMap { numbers in
      guard let numbers, numbers[0] > 0 else { return nil }
      return Mark(
        index: numbers[0] - 1, evaluations: numbers[1], elapsed: max(0, time - numbers[2]))
    }
  }

  /// Forgets what an earlier process has left.
  static func removeLeft(beside relaxed: String) { AppendFile.remove(path(beside: relaxed)) }

  private static func record(_ numbers: [Int]) -> [UInt8] {
    let bytes = numbers.flatMap { UInt64(bitPattern: Int64($0)).littleEndianBytes }
    return bytes + Checksum(of: bytes).value.littleEndianBytes
  }

  /// Nil for a record that was never written, or not as a whole.
  private static func numbers(in record: [UInt8]) -> [Int]? {
    let numbers = (0..<3).map { place in
      Int(
        truncatingIfNeeded: record[8 * place..<8 * place + 8].reversed()
          .reduce(UInt64(0)) { $0 << 8 | UInt64($1) })
    }
    return self.record(numbers) == record ? numbers : nil
  }

  private static func path(beside relaxed: String) -> String {
    HiddenFile.path("working", of: relaxed)
  }
}
