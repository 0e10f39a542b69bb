// SPDX-License-Identifier: MIT

import CLibrary
import RelaxNumerics

/// Signs of life that a process gives on a lock it has, for those on other machines who cannot see it: each
/// is one number more in the lock file.
///
/// Each also looks whether the lock is still ours. A process that was halted for more than a minute may
/// find that another machine's has taken it for dead.
final class HeartBeat: Sendable {
  /// The lock file.
  let path: String
  private let descriptor: Int32
  private let rules: LockRules
  private struct State {
    var note: LockNote
    var last = ContinuousClock.now
    var isLost = false
    var isOver = false
  }
  private let state: Guarded<State>

  /// For the lock file open as `descriptor`, in which `note` stands.
  init(_ path: String, _ descriptor: Int32, _ note: LockNote, _ rules: LockRules) {
    (self.path, self.descriptor, self.rules) = (path, descriptor, rules)
    state = Guarded(State(note: note))
  }

  /// Gives a sign if it is time for one.
  func beatIfDue() {
    state.withLock { if ContinuousClock.now - $0.last >= rules.beat { beat(&$0) } }
  }

  /// Gives no more signs, removes the lock file if it is ours still, and closes it.
  func end() {
    HeartBeat.pulse.withLock { _ = $0.locks.removeValue(forKey: ObjectIdentifier(self)) }
    state.withLock { state in
      guard !state.isOver else { return }
      state.isOver = true
      if !state.isLost, FileSystem.isName(path, of: descriptor) { FileSystem.unlink(path) }
      close(descriptor)
    }
  }

  /// Who has taken the lock from us; nil if it is ours.
  ///
  /// When the last sign was given long ago, the lock is looked at anew.
  func loss() -> FileError? {
    let isLost = state.withLock { state in
      if ContinuousClock.now - state.last >= rules.patience / 2 { beat(&state) }
      return state.isLost
    }
    guard isLost else { return nil }
    let note = HeartBeat.note(at: path)
    let holder = note.map { OutputHolder($0, seenFrom: rules.machine).words } ?? "another process"
    return FileError(
      .inUse, file: path,
      "this process was halted for so long that \(holder) has taken its outputs over; nothing more is "
        + "written here")
  }

  private func beat(_ state: inout State) {
    guard !state.isLost, !state.isOver else { return }
    state.last = .now
    if !FileSystem.isName(path, of: descriptor), let other = HeartBeat.note(at: path),
      other.silent != state.note.silent
    {
      state.isLost = true
      // It is no longer ours to remove.
      UnfinishedFiles.forget(path)
      return
    }
    state.note.beat += 1
    // A full disk may refuse even what takes no more room.
    if !LockFile.write(state.note, to: descriptor) { futimens(descriptor, nil) }
  }

  private static func note(at path: String) -> LockNote? {
    // Opening shows what others have done.
    let opened = FileSystem.open(path, O_RDONLY | O_NOFOLLOW)
    guard opened >= 0 else { return nil }
    defer { close(opened) }
    return LockNote(LockFile.text(of: opened))
  }

  // MARK: - The thread that all of them share

  private struct Pulse {
    var locks: [ObjectIdentifier: HeartBeat] = [:]
    var isRunning = false
  }

  private static let pulse = Guarded(Pulse())

  /// Begins to give signs.
  ///
  /// Where the system gives no thread there are none, and other machines may take the process for dead; those of
  /// its own see it all the same.
  func start() {
    let isFirst = HeartBeat.pulse.withLock { pulse in
      pulse.locks[ObjectIdentifier(self)] = self
      defer { pulse.isRunning = true }
      return !pulse.isRunning
    }
    guard isFirst, !WorkerThreads.runAside({ HeartBeat.run() }) else { return }
    HeartBeat.pulse.withLock { $0.isRunning = false }
  }

  private static func run() {
    while true {
      let locks = pulse.withLock { pulse in
        if pulse.locks.isEmpty { pulse.isRunning = false }
        return Array(pulse.locks.values)
      }
      guard !locks.isEmpty else { return }
      for lock in locks { lock.beatIfDue() }
      let shortest = locks.map(\.rules.beat).min() ?? .seconds(1)
      LockFile.pause(min(shortest / 4, .milliseconds(500)))
    }
  }
}
