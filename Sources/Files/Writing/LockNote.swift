// SPDX-License-Identifier: MIT

import CLibrary

/// What a lock file says of the process that made it: enough to tell whether that still lives.
struct LockNote: Hashable, Sendable {
  /// Number of the process.
  var process: Int
  /// Where it runs.
  var machine = Machine()
  /// When it was started, in ticks after the machine's start; 0 if that is not known.
  ///
  /// Numbers of processes are given again, this together with the number is not.
  var started = 0
  /// The lock file's number on its file system: a copy of the file has another one.
  var file: UInt64 = 0
  /// Signs of life given so far.
  var beat = 0

  /// What this process writes of itself.
  init(of machine: Machine) {
    process = Int(getpid())
    self.machine = machine
    started = LockNote.started(process)?.time ?? 0
  }

  /// What lock files begin with; what begins otherwise is none of ours.
  static let start = "relax process "

  /// Reads the text of a lock file; nil if it is none, or not complete yet.
  ///
  /// One that an older relax has written says the process alone.
  init?(_ text: String) {
    guard text.hasPrefix(LockNote.start),
      let process = Int(text.dropFirst(LockNote.start.count).prefix { $0 != "\n" })
    else { return nil }
    self.process = process
    for line in text.split(separator: "\n").dropFirst() {
      let parts = line.split(separator: " ", maxSplits: 1, omittingEmptySubsequences: false)
      let value = parts.count > 1 ? String(parts[1]) : ""
      switch parts[0] {
      case "host": machine.host = value
      case "boot": machine.boot = value
      case "space": machine.space = value
      case "started": started = Int(value) ?? 0
      case "file": file = UInt64(value) ?? 0
      case "beat": beat = Int(value) ?? 0
      default: continue
      }
    }
  }

  /// The text of the lock file; of the same length, whatever the number of beats.
  var text: String {
    let digits = "\(beat)"
    return """
      \(LockNote.start)\(process)
      host \(machine.host)
      boot \(machine.boot)
      space \(machine.space)
      started \(started)
      file \(file)
      beat \(String(repeating: "0", count: max(0, 12 - digits.count)))\(digits)

      """
  }

  /// The process without its signs of life.
  var silent: LockNote {
    var note = self
    note.beat = 0
    return note
  }

  /// Whether the process lives; only for those of this machine.
  var isAlive: Bool {
    // What may not be sent a signal is there all the same.
    guard process > 0, kill(pid_t(process), 0) == 0 || errno == EPERM else { return false }
    guard let found = LockNote.started(process) else { return true }
    return !found.hasEnded && (started == 0 || found.time == started)
  }

  /// When a process was started, in ticks, and whether it has ended and only waits to be collected; nil
  /// where the system does not tell.
  private static func started(_ process: Int) -> (time: Int, hasEnded: Bool)? {
    guard let text = try? TextFile.textOfSystem("/proc/\(process)/stat") else { return nil }
    // The second field is a name in brackets, which may hold anything.
    guard let end = text.lastIndex(of: ")") else { return nil }
    let fields = text[text.index(after: end)...].split(separator: " ")
    guard fields.count > 19, let time = Int(fields[19]) else { return nil }
    return (time, ["Z", "X"].contains(fields[0]))
  }
}

/// A machine since its last start, and the numbers that processes have on it.
struct Machine: Hashable, Sendable {
  /// Its name.
  var host = ""
  /// Different after each start; empty where the system does not tell.
  var boot = ""
  /// Containers count their processes apart: the same number means another process there.
  var space = ""

  /// Whether a process of `other` is one of ours: then the system knows whether it lives.
  func isSame(as other: Machine) -> Bool { self == other }

  /// Whether locks of the system are the same ones here and there.
  func sharesLocks(with other: Machine) -> Bool {
    boot.isEmpty ? isSame(as: other) : boot == other.boot
  }

  /// This one.
  static let own: Machine = {
    var machine = Machine()
    var name = [CChar](repeating: 0, count: 256)
    if gethostname(&name, name.count - 1) == 0 {
      let bytes = name.prefix { $0 != 0 && $0 != 10 }.map { UInt8(bitPattern: $0) }
      machine.host = String(decoding: bytes, as: UTF8.self)
    }
    if let text = try? TextFile.textOfSystem("/proc/sys/kernel/random/boot_id") {
      machine.boot = String(text.prefix { $0 != "\n" })
    }
    machine.space = FileSystem.linkTarget("/proc/self/ns/pid") ?? ""
    return machine
  }()
}

extension TextFile {
  /// The first 4096 bytes of a file of the system's own, whose length is not known before it is read.
  package static func textOfSystem(_ path: String) throws(FileError) -> String {
    let file = try FileBytes(path: path)
    var bytes = [UInt8](repeating: 0, count: 4096)
    let count = try file.read(into: &bytes, at: 0)
    return String(decoding: bytes[..<count], as: UTF8.self)
  }
}
