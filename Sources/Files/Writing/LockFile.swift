// SPDX-License-Identifier: MIT

import CLibrary

/// What can be asked of an open lock file.
enum LockFile {
  /// The system's answer to who asks for its lock.
  enum Answer {
    /// It is ours now.
    case free
    /// Another process has it, or looks at it.
    case taken
    /// This file system has no locks.
    case unsupported
  }

  /// Asks for the lock of an open file, which goes with the descriptor.
  static func lock(_ descriptor: Int32, _ rules: LockRules) -> Answer {
    let clock = ContinuousClock()
    let begin = clock.now
    while true {
      let answer = ask(descriptor, LOCK_EX, rules)
      guard case .taken = answer, clock.now - begin < rules.insisting else { return answer }
      pause(.milliseconds(5))
    }
  }

  /// Looks whether somebody has the lock of an open file, and keeps nothing.
  static func share(_ descriptor: Int32, _ rules: LockRules) -> Answer {
    let answer = ask(descriptor, LOCK_SH, rules)
    if case .free = answer { _ = flock(descriptor, LOCK_UN) }
    return answer
  }

  private static func ask(_ descriptor: Int32, _ kind: Int32, _ rules: LockRules) -> Answer {
    guard rules.usesSystemLocks else { return .unsupported }
    while flock(descriptor, kind | LOCK_NB) != 0 {
      switch errno {
      case EINTR: continue
      case EWOULDBLOCK: return .taken
      default: return .unsupported
      }
    }
    return .free
  }

  /// What stands in an open file, as far as lock files go.
  static func text(of descriptor: Int32) -> String {
    var bytes = [UInt8](repeating: 0, count: 1024)
    let count = bytes.withUnsafeMutableBytes { bytes in
      FileSystem.patiently { pread(descriptor, bytes.baseAddress, bytes.count, 0) }
    }
    return String(decoding: bytes.prefix(max(0, count)), as: UTF8.self)
  }

  /// Writes a note over what stands in the file, and sees that other machines can read it.
  ///
  /// - Returns: whether it is there.
  @discardableResult
  static func write(_ note: LockNote, to descriptor: Int32) -> Bool {
    let text = Array(note.text.utf8)
    let count = text.withUnsafeBytes { bytes in
      FileSystem.patiently { pwrite(descriptor, bytes.baseAddress, bytes.count, 0) }
    }
    guard count == text.count else { return false }
    _ = FileSystem.patiently { ftruncate(descriptor, off_t(text.count)) }
    return FileSystem.synchronize(descriptor) == 0
  }

  /// Whether the file is the one that the note was written to, not a copy of it.
  static func isOriginal(_ descriptor: Int32, _ note: LockNote) -> Bool {
    note.file == 0 || note.file == number(of: descriptor)
  }

  /// Its number on its file system; 0 if that is not known.
  static func number(of descriptor: Int32) -> UInt64 {
    var status = stat()
    return fstat(descriptor, &status) == 0 ? UInt64(status.st_ino) : 0
  }

  /// When it was last written, in seconds by the clock of its file system.
  static func time(of descriptor: Int32) -> Double {
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { return 0 }
    #if canImport(Darwin)
      let time = status.st_mtimespec
    #else
      let time = status.st_mtim
    #endif
    return Double(time.tv_sec) + 1e-9 * Double(time.tv_nsec)
  }

  /// Lets time pass.
  static func pause(_ time: Duration) { usleep(UInt32(max(0, time / .microseconds(1)))) }
}
