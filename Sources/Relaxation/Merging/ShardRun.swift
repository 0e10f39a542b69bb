// SPDX-License-Identifier: MIT

import Files
import StructureFiles

/// What a shard of a run has left, read in the order of its structures; nothing of it is changed.
struct ShardRun {
  let shard: Shard
  /// Where its files are.
  private(set) var paths: RunPaths
  private let journal: String
  private let history: RunHistory
  /// Whether it is complete.
  var isFinished: Bool { history.saysFinished }
  /// Frames of its input that could not be read.
  let unusable: Int
  /// Who began it.
  var origin: RunOrigin? { history.origin }
  /// Structures that it finished.
  var count: Int { history.finishedLines }

  /// Looks at the journal of a shard whose outputs are called so; nil if there is none.
  ///
  /// - Throws: kind `inconsistent` for a journal that is damaged; kind `unreadable`.
  init?(_ shard: Shard, of whole: RunPaths) throws(FileError) {
    self.shard = shard
    paths = whole.paths(of: shard)
    guard let journal = paths.journal, FilePlace(journal).exists,
      let history = try RunHistory(of: journal)
    else { return nil }
    (self.journal, self.history) = (journal, history)
    unusable = history.unusable
  }

  /// The same, of a whole whose outputs are known.
  func writing(_ whole: RunPaths) -> ShardRun {
    var run = self
    run.paths = whole.paths(of: shard)
    return run
  }

  /// Which shard the journal says it is of.
  var ownShard: Shard? { history.settings.first { $0.name == "shard" }.flatMap { Shard($0.value) } }

  /// The settings of the whole run, as it began.
  var settings: [RecordedSetting] {
    history.firstSettings.filter { !ShardRun.ownSettings.contains($0.name) }
  }

  private static let ownSettings: Set = ["shard", "output"]

  /// Where the whole run would have its other outputs if its relaxed structures were at `output`: the shards may have been
  /// copied elsewhere.
  ///
  /// - Parameter name: `trajectory` or `summary`.
  func place(of name: String, beside output: String) -> String? {
    func value(_ name: String) -> String? { history.settings.first { $0.name == name }?.value }
    guard let path = value(name), path != "none", let relaxed = value("output") else { return nil }
    let there = ShardRun.folders(of: relaxed)
    var rest = ShardRun.folders(of: path)[...]
    let last = path.split(separator: "/").last.map(String.init) ?? path
    guard relaxed.hasPrefix("/") == path.hasPrefix("/") else { return path }
    // From the one's folder to the other's.
    var up = there[...]
    while let a = up.first, let b = rest.first, a == b {
      up.removeFirst()
      rest.removeFirst()
    }
    guard !up.contains("..") else { return path }
    let steps = up.map { _ in ".." } + rest + [last]
    let folder = (FilePlace(output).parts.folder)
    let moved = (folder == "." ? [] : [folder]) + steps
    return moved.joined(separator: "/")
  }

  private static func folders(of path: String) -> [String] {
    path.split(separator: "/").dropLast().map(String.init).filter { $0 != "." }
  }

  /// Gives the merged run the evaluations that are kept of structures which may be tried again.
  func copyEvaluations(to output: String) throws(FileError) {
    for position in HiddenFile.numbers("evaluations", of: paths.relaxed) {
      let source = try AppendFile.reopen(EvaluationLog.path(of: paths.relaxed, index: position))
      let copy = try AppendFile.create(
        EvaluationLog.path(of: output, index: shard.index(at: position)), replacing: true)
      var done = 0
      while done < source.length {
        let piece = try source.read(offset: done, count: min(1 << 20, source.length - done))
        try copy.append(piece)
        done += piece.count
      }
    }
  }

  // MARK: - Structures

  /// A structure that the shard finished.
  struct Part {
    var entry: RunJournal.Entry
    var relaxed: [UInt8]
    var trajectory: ByteSpool?
  }

  /// Reads the structures in the files, and behind them those that wait for their turn.
  struct Reader {
    private let shard: ShardRun
    private var lines: JournalReader
    private var relaxed: RecordStream
    private var trajectory: RecordStream?
    /// Where the trajectory will go; nil if nothing is kept of it.
    private let target: String?
    /// Structures that wait, behind those in the files.
    private var waiting: [(entry: RunJournal.Entry, offset: Int)]?
    /// Position in the shard of the structure that comes next; nil at the end.
    private(set) var next: Int?
    private var entry: RunJournal.Entry?

    /// - Parameters:
    ///   - target: where trajectories will go; nil if structures are only looked at.
    ///   - readers: how many are used together.
    init(_ shard: ShardRun, to target: String?, readers: Int) throws {
      (self.shard, self.target) = (shard, target)
      lines = try shard.lines()
      let lengths = shard.history.writtenLengths
      if shard.isFinished {
        for (path, length) in [
          (shard.paths.relaxed, lengths.relaxed), (shard.paths.trajectory, lengths.trajectory),
        ] {
          guard let path, try RecordStream.isLonger(path, than: length) else { continue }
          throw shard.changed(path)
        }
      }
      relaxed = try RecordStream(shard.paths.relaxed, length: lengths.relaxed, readers: readers)
      trajectory = try shard.paths.trajectory.map {
        try RecordStream($0, length: lengths.trajectory, readers: readers)
      }
      try advance()
    }

    /// The structure that comes next.
    ///
    /// - Throws: kind `inconsistent` if it is no longer what the journal says.
    mutating func take() throws -> Part {
      guard let entry else { preconditionFailure("there is a next structure") }
      var part = Part(entry: entry, relaxed: [])
      if let waiting, let offset = waiting.first?.offset {
        var spool = try shard.spool(entry, at: offset)
        try spool.take(entry.relaxed.count) { part.relaxed += $0 }
        part.trajectory = try copy(entry.trajectory, from: &spool)
        self.waiting?.removeFirst()
      } else {
        try relaxed.take(entry.relaxed.count) { part.relaxed += $0 }
        if var reader = trajectory {
          part.trajectory = try copy(entry.trajectory, from: &reader)
          trajectory = reader
        }
      }
      guard FilePart(part.relaxed) == entry.relaxed else {
        throw shard.changed(shard.paths.relaxed)
      }
      try advance()
      return part
    }

    /// The next frames of a trajectory, looked at or kept.
    private func copy(_ part: FilePart, from stream: inout RecordStream) throws -> ByteSpool? {
      var spool = target.map { ByteSpool(destination: $0, compression: .none) }
      var sum = Checksum()
      try stream.take(part.count) { piece in
        sum.update(piece)
        try spool?.write { $0 += piece }
      }
      guard sum == part.checksum else { throw shard.changed(stream.path) }
      try spool?.seal()
      return spool
    }

    private mutating func advance() throws {
      entry = nil
      while waiting == nil, let line = try lines.next() {
        guard case .done(let done, _) = line.record else { continue }
        (entry, next) = (done, done.index)
        return
      }
      if waiting == nil { waiting = try shard.waiting() }
      entry = waiting?.first?.entry
      next = entry?.index
    }
  }

  private func lines() throws -> JournalReader {
    guard let reader = try JournalReader(journal) else { throw RunTrace.foreign(journal) }
    return reader
  }

  /// Structures that wait for their turn, in their order.
  private func waiting() throws -> [(entry: RunJournal.Entry, offset: Int)] {
    guard !isFinished else { return [] }
    var found: [Int: (entry: RunJournal.Entry, offset: Int)] = [:]
    var lines = try lines()
    while let line = try lines.next() {
      switch line.record {
      case .ahead(let entry, let offset): found[entry.index] = (entry, offset)
      case .done(let entry, _): found[entry.index] = nil
      default: continue
      }
    }
    return found.values.sorted { $0.entry.index < $1.entry.index }
  }

  private func spool(_ entry: RunJournal.Entry, at offset: Int) throws -> RecordStream {
    guard let name = history.spoolName else { throw changed(journal) }
    let count = entry.relaxed.count + entry.trajectory.count
    return RecordStream(text: RunFiles.sibling(name, of: journal), offset..<offset + count)
  }

  fileprivate func changed(_ file: String) -> FileError {
    FileError(
      .inconsistent, file: file, "it is not what its journal says: it was changed or damaged")
  }
}
