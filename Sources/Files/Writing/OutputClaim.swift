// SPDX-License-Identifier: MIT

import CLibrary
import Synchronization

/// The right to write some outputs, which one process has at a time.
///
/// Each output has a hidden lock file beside it, a folder of outputs one in it. The system gives the
/// lock back when the process ends, however it ends; the file is removed by who took it in order, and
/// one that a kill has left is taken over. Where the file system has no locks, or where they do not reach other
/// machines, the file says whose it is and whether that process lives: see ``OutputLock``.
public final class OutputClaim: Sendable {
  private let locks: [OutputLock]
  /// Folders that were made for it, the innermost last; those still empty go with it.
  private let made: [String]
  private let isReleased = Atomic(false)

  /// Claims files and folders; folders that are not there are made.
  ///
  /// If one was claimed by a process of another machine that has not given it back, this waits for a sign of life:
  /// ten seconds for a living process, a minute from its last sign for one that is dead.
  ///
  /// - Parameters:
  ///   - files: the outputs.
  ///   - folders: folders of outputs.
  ///   - whileWaiting: called now and then while it waits, with the process in question; false ends that as
  ///     if it lived.
  /// - Throws: kind `inUse`, naming the process, if one of them is claimed; kind `unwritable` if nothing
  ///   can be made where they are to be.
  public convenience init(
    files: [String], folders: [String] = [],
    whileWaiting: @escaping @Sendable (OutputHolder) -> Bool = { _ in true }
  ) throws(FileError) {
    var rules = LockRules()
    rules.whileWaiting = whileWaiting
    try self.init(files: files, folders: folders, rules)
  }

  init(files: [String], folders: [String] = [], _ rules: LockRules) throws(FileError) {
    var locks: [OutputLock] = []
    var made: [String] = []
    var dead: Set<LockNote> = []
    do throws(FileError) {
      for folder in folders {
        made += try Folder.make(folder)
        locks.append(try OutputLock(folder, rules, dead: &dead))
      }
      for path in files where FilePlace(path).kind != .stream {
        locks.append(try OutputLock(path, rules, dead: &dead))
      }
      // Only now: of two that claim a folder and a file in it at once, one at least sees the other.
      let own = Set(locks.map(\.path))
      for folder in folders { try OutputLock.requireFreeFiles(in: folder, but: own, rules) }
      for path in files where FilePlace(path).kind != .stream {
        try OutputLock.requireFreeFolders(around: path, but: own, rules)
      }
    } catch {
      locks.forEach { $0.release() }
      Folder.removeEmpty(made)
      throw error
    }
    (self.locks, self.made) = (locks, made)
  }

  deinit { release() }

  /// Requires that the right is still ours.
  ///
  /// To be asked before anything is written: a process that was halted for more than a minute, with its machine or
  /// by a scheduler, may find that one of another machine has taken over. It costs nothing as long as this
  /// process runs.
  ///
  /// - Throws: kind `inUse`, naming the other process.
  public func requireHeld() throws(FileError) {
    for lock in locks { if let loss = lock.loss() { throw loss } }
  }

  /// Gives the right back, before the last reference to this object is gone.
  public func release() {
    guard !isReleased.exchange(true, ordering: .acquiringAndReleasing) else { return }
    locks.forEach { $0.release() }
    Folder.removeEmpty(made)
  }
}
