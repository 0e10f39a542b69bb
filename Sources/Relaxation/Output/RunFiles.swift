// SPDX-License-Identifier: MIT

import Files
import StructureFiles

/// The open files of a run, and what can be asked of those that an earlier process left.
struct RunFiles {
  var relaxed: any RecordFile
  var trajectory: (any RecordFile)?
  var summary: AppendFile?
  /// Structures that wait for their turn; made when the first has to.
  var spool: AppendFile?

  /// Makes the files, and waits until their names are on the disk.
  ///
  /// - Throws: `FileError`; those that were made are removed again.
  init(creating paths: RunPaths, replacing: Bool) throws(FileError) {
    var made: [String] = []
    func create(_ path: String) throws(FileError) -> any RecordFile {
      let file = try StructureOutput(path: path).records(.creating(replacing: replacing))
      if file.isRegular { made.append(path) }
      return file
    }
    do throws(FileError) {
      relaxed = try create(paths.relaxed)
      if let path = paths.trajectory { trajectory = try create(path) }
      if let path = paths.summary {
        summary = try AppendFile.create(path, replacing: replacing)
        if summary?.isRegular == true { made.append(path) }
      }
    } catch {
      made.forEach(AppendFile.remove)
      throw error
    }
    for file in all { file.synchronizeName() }
  }

  /// Opens the files of the run that `history` tells of.
  ///
  /// - Throws: kind `inconsistent` for one that is gone.
  init(reopening paths: RunPaths, _ history: RunHistory) throws(FileError) {
    func start(_ path: String, isNeeded: Bool) throws(FileError) -> RecordFileStart {
      if FilePlace(path).exists { return .reopening }
      guard !isNeeded else {
        throw FileError(
          .inconsistent, file: path,
          "the file is gone, though a run has finished structures in it; put it back, or pass "
            + "--overwrite to start again")
      }
      return .creating(replacing: false)
    }
    func open(_ path: String) throws(FileError) -> any RecordFile {
      try StructureOutput(path: path).records(try start(path, isNeeded: history.hasOutput))
    }
    relaxed = try open(paths.relaxed)
    if let path = paths.trajectory { trajectory = try open(path) }
    // Its lines are all in the journal.
    if let path = paths.summary {
      summary = try AppendFile.open(path, try start(path, isNeeded: false))
    }
    if let name = history.spoolName, let journal = paths.journal {
      let path = RunFiles.sibling(name, of: journal)
      if FilePlace(path).kind == .file { spool = try AppendFile.reopen(path) }
    }
  }

  /// The file called `name` in the folder of `path`.
  static func sibling(_ name: String, of path: String) -> String {
    guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) else { return name }
    return String(path[...slash]) + name
  }

  /// The last part of a path.
  static func name(of path: String) -> String {
    path.split(separator: "/").last.map(String.init) ?? path
  }

  /// The outputs that there are, relaxed structures first.
  var all: [any RecordFile] { [relaxed, trajectory, summary].compactMap { $0 } }

  /// Shows what was appended: from now on a kill loses none of it.
  func commit() throws(FileError) { for file in all { try file.commit() } }

  /// Leaves the files as others expect them.
  func finish() throws(FileError) { for file in all { try file.finish() } }

  /// Waits until all outputs, and what waits for its turn, are on the disk.
  func synchronize() throws(FileError) {
    for file in all { try file.synchronize() }
    try spool?.synchronize()
  }

  /// The first of relaxed file and trajectory which has other bytes between these lengths than `entry`
  /// says; nil if both have them.
  func unequal(
    _ entry: RunJournal.Entry, from start: RunJournal.Lengths
  ) throws -> String? {
    for (file, offset, part) in [
      (relaxed, start.relaxed, entry.relaxed), (trajectory, start.trajectory, entry.trajectory),
    ] {
      guard let file, file.isRegular else { continue }
      guard try file.checksum(offset: offset, count: part.count) == part.checksum else {
        return file.path
      }
    }
    return nil
  }

  /// Whether the spool holds a waiting structure unharmed.
  func holdsSpooled(_ entry: RunJournal.Entry, at offset: Int) throws -> Bool {
    guard let spool else { return false }
    return try spool.checksum(offset: offset, count: entry.relaxed.count) == entry.relaxed.checksum
      && spool.checksum(offset: offset + entry.relaxed.count, count: entry.trajectory.count)
        == entry.trajectory.checksum
  }

  /// Appends what waits in the spool.
  ///
  /// - Throws: kind `inconsistent` if it is no longer what was put there.
  func appendSpooled(_ entry: RunJournal.Entry, at offset: Int) throws {
    guard let spool else { preconditionFailure("a waiting structure lies in the spool") }
    let behind = offset + entry.relaxed.count
    try copy(entry.trajectory, of: spool, from: behind, to: trajectory)
    try copy(entry.relaxed, of: spool, from: offset, to: relaxed)
  }

  /// Appends a structure that is in the outputs, which begin with `start`, to a spool.
  func copy(
    _ entry: RunJournal.Entry, from start: RunJournal.Lengths, to target: AppendFile
  ) throws {
    try copy(entry.relaxed, of: relaxed, from: start.relaxed, to: target)
    guard let trajectory else { return }
    try copy(entry.trajectory, of: trajectory, from: start.trajectory, to: target)
  }

  /// Appends a structure that waits in the spool to another one.
  func copySpooled(_ entry: RunJournal.Entry, at offset: Int, to target: AppendFile) throws {
    guard let spool else { preconditionFailure("a waiting structure lies in the spool") }
    try copy(entry.relaxed, of: spool, from: offset, to: target)
    try copy(entry.trajectory, of: spool, from: offset + entry.relaxed.count, to: target)
  }

  private func copy(
    _ part: FilePart, of source: any RecordFile, from offset: Int, to target: (any RecordFile)?
  ) throws {
    var sum = Checksum()
    let isWhole = try source.records(offset: offset, count: part.count) { piece in
      sum.update(piece)
      try target?.append(piece)
    }
    guard isWhole, sum == part.checksum else {
      throw FileError(.inconsistent, file: source.path, "the file was changed while in use")
    }
  }
}
