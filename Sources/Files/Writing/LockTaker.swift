// SPDX-License-Identifier: MIT

import CLibrary

/// Takes the lock of one output.
struct LockTaker {
  /// The lock file.
  let path: String
  private let output: String
  private let rules: LockRules

  init(_ output: String, _ rules: LockRules) {
    self.init(path: HiddenFile.path("lock", of: output), output, rules)
  }

  init(path: String, _ output: String, _ rules: LockRules) {
    (self.path, self.output, self.rules) = (path, output, rules)
  }

  /// Makes the lock file, or takes over one that a dead process has left.
  func take(_ dead: inout Set<LockNote>) throws(FileError) -> (Int32, LockNote) {
    let clock = ContinuousClock()
    let begin = clock.now
    while true {
      if let taken = try make() { return taken }
      if let taken = try takeOver(&dead) { return taken }
      // It came and went between two calls; or another machine's file is not seen here yet.
      guard clock.now - begin < rules.patience * 2 else { throw inUse(nil) }
      LockFile.pause(.milliseconds(5))
    }
  }

  // MARK: - A new one

  /// Makes the file, if it is not there.
  private func make() throws(FileError) -> (Int32, LockNote)? {
    guard FileSystem.linkStatus(path) == nil else { return nil }
    var code: Int32 = 0
    let descriptor: Int32
    do throws(FileError) {
      descriptor = try UnfinishedFiles.making {
        let opened = FileSystem.open(path, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW)
        code = errno
        return opened >= 0 ? .success((path, opened)) : .failure(.refused(output, code))
      }
    } catch {
      if code == EEXIST { return nil }
      throw error
    }
    let answer = LockFile.lock(descriptor, rules)
    if case .taken = answer {
      // Somebody was quicker to take over what we have made.
      let note = LockNote(LockFile.text(of: descriptor))
      close(descriptor)
      UnfinishedFiles.forget(path)
      throw inUse(note)
    }
    let note = ownNote(descriptor)
    if !LockFile.write(note, to: descriptor), case .unsupported = answer {
      // Nobody could know then who has it.
      let code = errno
      FileSystem.unlink(path)
      UnfinishedFiles.forget(path)
      close(descriptor)
      throw .refused(output, code)
    }
    return (descriptor, note)
  }

  private func ownNote(_ descriptor: Int32) -> LockNote {
    var note = LockNote(of: rules.machine)
    note.file = LockFile.number(of: descriptor)
    return note
  }

  // MARK: - One that is there

  /// Takes over the file, if its process is dead; nil if it is gone meanwhile.
  private func takeOver(_ dead: inout Set<LockNote>) throws(FileError) -> (Int32, LockNote)? {
    guard let descriptor = open() else {
      guard [ENOENT, ESTALE].contains(errno) else { throw .refused(output) }
      return nil
    }
    var isKept = false
    defer { if !isKept { close(descriptor) } }
    let answer = LockFile.lock(descriptor, rules)
    let text = LockFile.text(of: descriptor)
    let note = LockNote(text)
    if case .taken = answer { throw inUse(note) }
    guard text.isEmpty || text.hasPrefix(LockNote.start) else {
      throw FileError(
        .unwritable, file: output, "\(path) is in the way, which is no lock file of relax")
    }
    // Who had it may have removed the file between our two calls; then others lock a new one.
    guard FileSystem.isName(path, of: descriptor) else { return nil }
    if let note, isFree(answer, descriptor, note) {
      let own = ownNote(descriptor)
      UnfinishedFiles.remember(path)
      LockFile.write(own, to: descriptor)
      isKept = true
      return (descriptor, own)
    }
    // Who is about to write its note there must get the lock.
    if case .free = answer { _ = flock(descriptor, LOCK_UN) }
    if !(note.map { dead.contains($0.silent) } ?? false) {
      guard try isAbandoned(descriptor, note) else {
        let now = open()
        defer { if let now { close(now) } }
        throw inUse(now.flatMap { LockNote(LockFile.text(of: $0)) } ?? note)
      }
      if let note { dead.insert(note.silent) }
    }
    return try replace(note)
  }

  /// Puts a file of ours in the place of a dead process's, which has `note`; nil if somebody else did.
  ///
  /// Of several that do so at once the last one has it: all the others see after a while that it is not
  /// theirs. One that was slow cannot know whether they have looked before, and withdraws.
  private func replace(_ note: LockNote?) throws(FileError) -> (Int32, LockNote)? {
    let (descriptor, temporary) = try HiddenFile.make("partial", beside: beside)
    var isKept = false
    defer { if !isKept { close(descriptor) } }
    let own = ownNote(descriptor)
    guard LockFile.write(own, to: descriptor) else {
      let code = errno
      FileSystem.unlink(temporary)
      UnfinishedFiles.forget(temporary)
      throw .refused(output, code)
    }
    let clock = ContinuousClock()
    let begin = clock.now
    let isSame = read()?.text == (note?.text ?? "")
    let isRenamed =
      isSame && FileSystem.rename(temporary, of: descriptor, to: path) == 0
    let wasSlow = clock.now - begin > rules.settling / 2
    if !isRenamed { FileSystem.unlink(temporary) }
    UnfinishedFiles.forget(temporary)
    guard isRenamed else { return nil }
    UnfinishedFiles.remember(path)
    LockFile.pause(rules.settling)
    let isOurs = read()?.note == own
    guard isOurs, !wasSlow else {
      if isOurs { FileSystem.unlink(path) }
      UnfinishedFiles.forget(path)
      if wasSlow { throw inUse(nil) }
      return nil
    }
    isKept = true
    return (descriptor, own)
  }

  /// Opens the file that is there.
  func open() -> Int32? {
    let opened = FileSystem.open(path, O_RDWR | O_NOFOLLOW | O_NONBLOCK)
    return opened >= 0 ? opened : nil
  }

  /// What stands in it now, by the name: opening shows what other machines have written.
  private func read() -> (text: String, note: LockNote?)? {
    guard let descriptor = open() else { return nil }
    defer { close(descriptor) }
    let text = LockFile.text(of: descriptor)
    return (text, LockNote(text))
  }

  /// What files of ours lie beside: in a folder that is claimed, in it.
  private var beside: FilePlace {
    let place = FilePlace(output)
    return place.kind == .folder ? FilePlace("\(place.path)/relax") : place
  }

  // MARK: - Whether its process lives

  /// Whether the system's answer is enough to know that nobody has the lock: its locks go with their
  /// processes, but only those of this machine are sure to be seen.
  func isFree(_ answer: LockFile.Answer, _ descriptor: Int32, _ note: LockNote) -> Bool {
    guard case .free = answer else { return false }
    // Left by an older relax, which relied on the system.
    if note.machine == Machine() { return true }
    guard note.machine.sharesLocks(with: rules.machine) else { return false }
    // It may have asked when the system refused locks, as it does for a while when a service is away.
    return
      !(note.machine.isSame(as: rules.machine) && note.isAlive
      && LockFile.isOriginal(descriptor, note))
  }

  /// Whether the process that `note` names is dead, as far as that can be known without the system's locks.
  ///
  /// For a process of another machine this waits, until it gives a sign of life or has been silent for long.
  func isAbandoned(_ descriptor: Int32, _ note: LockNote?) throws(FileError) -> Bool {
    if let note, note.machine.isSame(as: rules.machine) {
      return !note.isAlive || !LockFile.isOriginal(descriptor, note)
    }
    let clock = ContinuousClock()
    let begin = clock.now
    let first = (text: LockFile.text(of: descriptor), time: LockFile.time(of: descriptor))
    let isEmpty = first.text.isEmpty
    while true {
      let waited = clock.now - begin
      if waited >= rules.patience { return true }
      // Who dies while making the file leaves it empty; that takes no time.
      if isEmpty, waited >= rules.settling { return true }
      if waited >= rules.watch, let age = age(since: first.time), age >= rules.patience {
        return true
      }
      if let note, !rules.whileWaiting(OutputHolder(note, seenFrom: rules.machine)) { return false }
      LockFile.pause(rules.pause)
      guard let opened = open() else {
        // Gone: whoever takes it next makes a new one.
        return [ENOENT, ESTALE].contains(errno)
      }
      defer { close(opened) }
      guard LockFile.text(of: opened) == first.text, LockFile.time(of: opened) == first.time else {
        return false
      }
    }
  }

  /// Time since `time` by the clock of the file system; nil if that cannot be known.
  ///
  /// Machines' clocks may be hours apart.
  private func age(since time: Double) -> Duration? {
    guard let made = try? HiddenFile.make("partial", beside: beside) else { return nil }
    defer {
      FileSystem.unlink(made.path)
      UnfinishedFiles.forget(made.path)
      close(made.descriptor)
    }
    guard pwrite(made.descriptor, " ", 1, 0) == 1, FileSystem.synchronize(made.descriptor) == 0
    else { return nil }
    return .seconds(LockFile.time(of: made.descriptor) - time)
  }

  /// Somebody has it.
  func inUse(_ note: LockNote?) -> FileError {
    let holder = note.map { OutputHolder($0, seenFrom: rules.machine).words } ?? "another process"
    return FileError(
      .inUse, file: output,
      "\(holder) is writing this file; wait for its end, or choose another name")
  }
}
