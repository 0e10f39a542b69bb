// SPDX-License-Identifier: MIT

import Files

/// Reads a journal line by line, in constant memory, also while another process appends to it.
///
/// The file is open only while a piece of it is read, so that thousands can be read side by side.
struct JournalReader {
  /// A place between two lines.
  struct Place: Equatable {
    /// Bytes before it.
    var offset: Int
    /// Of what stands before it.
    var seal: JournalSeal
  }

  /// A whole line.
  struct Line {
    var record: RunJournal.Record
    var start: Place
    var end: Place
  }

  let path: String
  /// Behind the last line that was read.
  private(set) var place: Place
  /// Bytes of the file from `place` on that were read already.
  private var window: ArraySlice<UInt8> = []
  /// Whether the last `next` met a line that is damaged or not complete.
  private(set) var metDamage = false

  /// Bytes that are read at once.
  private static let pieceSize = 1 << 16

  /// A reader of the journal at `path`; nil if the file is none.
  ///
  /// - Throws: kind `unreadable`.
  init?(_ path: String) throws(FileError) {
    self.path = path
    let first = Array("\(RunJournal.signature)\n".utf8)
    place = Place(offset: first.count, seal: JournalSeal())
    let file = try RandomAccessFile(path: path)
    let start = try file.bytes(0..<min(file.length, JournalReader.pieceSize))
    guard start.starts(with: first) else { return nil }
    window = start[first.count...]
  }

  /// A reader of the same journal from a place on.
  init(_ path: String, from place: Place) { (self.path, self.place) = (path, place) }

  /// The next line; nil at the end, and before a line that is damaged or not complete.
  mutating func next() throws(FileError) -> Line? {
    var searched = window.startIndex
    while true {
      if let end = window[searched...].firstIndex(of: 10) {
        let start = place
        guard let record = place.seal.record(window[..<end]) else {
          metDamage = true
          return nil
        }
        place.offset += end + 1 - window.startIndex
        window = window[(end + 1)...]
        return Line(record: record, start: start, end: place)
      }
      searched = window.endIndex
      let count = window.count
      guard try readMore() else {
        metDamage = !window.isEmpty
        return nil
      }
      searched = window.startIndex + count
    }
  }

  /// - Returns: whether there was more.
  private mutating func readMore() throws(FileError) -> Bool {
    let file = try RandomAccessFile(path: path)
    let from = place.offset + window.count
    guard from < file.length else { return false }
    // Twice as much each time, for lines that are long.
    let most = max(JournalReader.pieceSize, window.count)
    window = (window + (try file.bytes(from..<min(file.length, from + most))))[...]
    return true
  }

  /// Whether behind a damaged line there is one that says that all before it is on the disk: its seal cannot be
  /// checked any more, but no other line begins so.
  ///
  /// Nothing can be read afterwards.
  mutating func damagesWhatWasSynced() throws(FileError) -> Bool {
    guard metDamage else { return false }
    let marks = ["\nsynced\t", "\nfinished\t"].map { Array($0.utf8) }
    while true {
      if marks.contains(where: { window.contains(sequence: $0) }) { return true }
      let kept = window.suffix(16)
      place.offset += window.count - kept.count
      window = kept
      guard try readMore() else { return false }
    }
  }
}

extension ArraySlice<UInt8> {
  fileprivate func contains(sequence: [UInt8]) -> Bool {
    guard count >= sequence.count else { return false }
    return (startIndex...(endIndex - sequence.count)).contains {
      self[$0] == sequence[0] && self[$0...].starts(with: sequence)
    }
  }
}
