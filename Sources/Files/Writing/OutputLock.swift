// SPDX-License-Identifier: MIT

import CLibrary

/// The lock of one output: a hidden file that says who has it, locked by the system where the file system
/// has locks.
///
/// Not all have: NFS without its lock service, Lustre without `flock`; and others have locks that only
/// processes of the same machine see. So what the system says is believed of processes of this machine only,
/// and for the others the file itself speaks: it is made exclusively, and its holder gives signs of life.
struct OutputLock: Sendable {
  /// The lock file.
  var path: String { heart.path }
  private let heart: HeartBeat

  /// Takes the lock of `output`.
  ///
  /// - Parameter dead: processes of other machines that were waited for in vain; more are added.
  /// - Throws: kind `inUse`, naming who has it; kind `unwritable`.
  init(_ output: String, _ rules: LockRules, dead: inout Set<LockNote>) throws(FileError) {
    let taker = LockTaker(output, rules)
    let (descriptor, note) = try taker.take(&dead)
    heart = HeartBeat(taker.path, descriptor, note, rules)
    heart.start()
  }

  /// Gives it back.
  func release() {
    heart.end()
    UnfinishedFiles.forget(path)
  }

  /// Who has taken it from us; nil if it is ours.
  func loss() -> FileError? { heart.loss() }

  /// Requires that no process has claimed a file in `folder`.
  static func requireFreeFiles(
    in folder: String, but own: Set<String>, _ rules: LockRules
  ) throws(FileError) {
    let folder = FilePlace(folder).path
    for name in (try? Folder.names(in: folder)) ?? []
    where name.hasPrefix(".") && name.hasSuffix(".lock") {
      try requireFree("\(folder)/\(name)", for: folder, but: own, rules)
    }
  }

  /// Requires that no process has claimed a folder that `output` lies in, at whatever depth.
  static func requireFreeFolders(
    around output: String, but own: Set<String>, _ rules: LockRules
  ) throws(FileError) {
    var folder = FilePlace(output).parts.folder
    while true {
      try requireFree(HiddenFile.path("lock", of: folder), for: output, but: own, rules)
      let outer = FilePlace.parts(folder).folder
      guard outer != folder, folder != "." else { return }
      folder = outer
    }
  }

  private static func requireFree(
    _ lock: String, for output: String, but own: Set<String>, _ rules: LockRules
  ) throws(FileError) {
    guard !own.contains(lock) else { return }
    let taker = LockTaker(path: lock, output, rules)
    guard let descriptor = taker.open() else { return }
    defer { close(descriptor) }
    let note = LockNote(LockFile.text(of: descriptor))
    let answer = LockFile.share(descriptor, rules)
    if case .taken = answer { throw taker.inUse(note) }
    // What is no lock file of ours is none of our business here.
    guard let note, !taker.isFree(answer, descriptor, note) else { return }
    if try !taker.isAbandoned(descriptor, note) { throw taker.inUse(note) }
  }
}
