// SPDX-License-Identifier: MIT

import Files

/// What each worker thread is at, in a hidden file beside the relaxed structures, `.NAME.working`: so a process that
/// died leaves word of the structures at which it did.
///
/// Each worker has a record of its own, which it writes over. They are for processes that are killed, not for power
/// failures: nothing is forced onto the disk. A process that ends in order removes the file.
final class WorkMarks: Sendable {
  /// A structure, by its place in the run, and evaluations of it that have ended.
  struct Mark: Equatable {
    var index: Int
    var evaluations: Int
  }

  private let file: AppendFile
  private static let recordSize = 24

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
    try file.append([UInt8](repeating: 0, count: workers * WorkMarks.recordSize))
  }

  /// Notes what a worker is at; nil for nothing.
  func set(_ mark: Mark?, worker: Int) throws(FileError) {
    try file.replace(at: worker * WorkMarks.recordSize, with: WorkMarks.record(mark))
  }

  /// Removes the file: all work has ended in order.
  func remove() {
    AppendFile.remove(file.path)
    UnfinishedFiles.forget(file.path)
  }

  /// What an earlier process was at when it died.
  static func left(beside relaxed: String) -> [Mark] {
    guard let file = try? RandomAccessFile(path: path(beside: relaxed)),
      let bytes = try? file.bytes(0..<file.length)
    else { return [] }
    return stride(from: 0, to: bytes.count - recordSize + 1, by: recordSize).compactMap { start in
      let record = Array(bytes[start..<start + recordSize])
      let mark = Mark(index: number(record[0..<8]) - 1, evaluations: number(record[8..<16]))
      return mark.index >= 0 && self.record(mark) == record ? mark : nil
    }
  }

  private static func record(_ mark: Mark?) -> [UInt8] {
    guard let mark else { return [UInt8](repeating: 0, count: recordSize) }
    let numbers =
      UInt64(mark.index + 1).littleEndianBytes + UInt64(mark.evaluations).littleEndianBytes
    return numbers + Checksum(of: numbers).value.littleEndianBytes
  }

  private static func number(_ bytes: ArraySlice<UInt8>) -> Int {
    Int(truncatingIfNeeded: bytes.reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) })
  }

  private static func path(beside relaxed: String) -> String {
    HiddenFile.path("working", of: relaxed)
  }
}
