// SPDX-License-Identifier: MIT

// Fuzzes Relaxation: compiled into it by fuzz.py, so that it can call what is not public.
import Files

/// What libFuzzer calls with every input that it thinks of.
///
/// The first byte says how the rest is a journal: as it stands, or as lines that get their right seals, since
/// chance finds no checksum. Whatever it says, reading must end without a crash, and what is taken must agree
/// with itself. The files that it speaks of are there and hold something.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzJournal(_ start: UnsafePointer<UInt8>?, _ count: Int) -> Int32 {
  let bytes = Array(UnsafeBufferPointer(start: start, count: count))
  guard let first = bytes.first else { return 0 }
  let text = bytes[1...]
  let journal = first % 2 == 0 ? Array(text) : sealed(text)
  do {
    guard var history = try RunHistory(parsing: journal, journal: "journal") else { return 0 }
    let finished = history.finishedLines
    try history.settle(with: try Opened.shared.get())
    precondition(history.tally.structures == history.count + history.ahead.count)
    precondition(history.tally.structures <= finished)
    precondition(history.journalLength <= journal.count)
  } catch {
    precondition(error is FileError, "\(error)")
  }
  return 0
}

private func sealed(_ text: ArraySlice<UInt8>) -> [UInt8] {
  var seal = JournalSeal()
  var journal = Array("\(RunJournal.signature)\n".utf8)
  for line in text.split(separator: 10) { journal += seal.line(body: Array(line)) }
  return journal
}

private enum Opened {
  /// Opened once.
  static let shared = Result {
    let paths = RunPaths(relaxed: "/dev/null", trajectory: "/dev/null", summary: "/dev/null")
    var files = try RunFiles(creating: paths, replacing: false)
    files.relaxed = try AppendFile.anonymous(beside: "relaxed")
    files.trajectory = try AppendFile.anonymous(beside: "trajectory")
    files.summary = try AppendFile.anonymous(beside: "summary")
    files.spool = try AppendFile.anonymous(beside: "spool")
    for file in files.all { try file.append(Array(repeating: 0, count: 100)) }
    try files.spool?.append(Array(repeating: 0, count: 100))
    return files
  }
}
