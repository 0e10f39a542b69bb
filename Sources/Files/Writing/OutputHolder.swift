// SPDX-License-Identifier: MIT

import CLibrary

/// A process that has the right to write an output, as its lock file says.
public struct OutputHolder: Hashable, Sendable {
  /// Its number on its machine.
  public let process: Int
  /// Its machine's name, if that is another one than ours.
  public let host: String?
  /// Signs of life that it has given so far, one each ten seconds: of two looks with the same number between
  /// which more than that has passed, the second was at a dead or halted process.
  public let beat: Int

  init(_ note: LockNote, seenFrom machine: Machine) {
    (process, beat) = (note.process, note.beat)
    host = note.machine.host.isEmpty || note.machine.isSame(as: machine) ? nil : note.machine.host
  }

  /// As messages call it.
  package var words: String {
    host.map { "another process (\(process) on \($0))" } ?? "another process (\(process))"
  }
}

/// Who has the right to write an output.
public enum OutputOwner: Hashable, Sendable {
  /// Nobody: it is not being written.
  case nobody
  /// A living process; nil if it does not say which.
  case process(OutputHolder?)
  /// A process of another machine, or one that does not say where it is, and nobody here can tell at one
  /// look whether it lives: only whether its `beat` grows.
  case unknown(OutputHolder?)
}

extension OutputClaim {
  /// Looks who is writing an output, or a folder of outputs; nothing is made or changed.
  ///
  /// A process that is about to begin is not disturbed.
  ///
  /// - Parameter path: the output, by whatever name, there or not.
  public static func owner(of path: String) -> OutputOwner { owner(of: path, LockRules()) }

  /// Looks who is writing outputs, and looks again as long as that is not known for some of them.
  ///
  /// - Parameters:
  ///   - paths: the outputs.
  ///   - time: so long, at most: with more than the ten seconds between two signs of life nothing stays unknown
  ///     but what is in the making.
  ///   - shouldStop: asked while it waits.
  /// - Returns: owners in the order of `paths`; nobody where a process gave no sign of life.
  public static func owners(
    of paths: [String], watching time: Duration = .seconds(15),
    shouldStop: () -> Bool = { false }
  ) -> [OutputOwner] {
    owners(of: paths, watching: time, LockRules(), shouldStop)
  }

  static func owners(
    of paths: [String], watching time: Duration, _ rules: LockRules, _ shouldStop: () -> Bool
  ) -> [OutputOwner] {
    let end = ContinuousClock.now + time
    let first = paths.map { owner(of: $0, rules) }
    var owners = first
    while ContinuousClock.now < end, !shouldStop() {
      let open = owners.indices.filter { if case .unknown = owners[$0] { true } else { false } }
      if open.isEmpty { return owners }
      LockFile.pause(rules.pause)
      for index in open {
        let now = owner(of: paths[index], rules)
        if case .unknown(let holder?) = now, now != first[index] {
          owners[index] = .process(holder)
        } else {
          owners[index] = now
        }
      }
    }
    guard !shouldStop() else { return owners }
    return owners.map { if case .unknown(_?) = $0 { .nobody } else { $0 } }
  }

  static func owner(of path: String, _ rules: LockRules) -> OutputOwner {
    guard FilePlace(path).kind != .stream else { return .nobody }
    let lock = HiddenFile.path("lock", of: path)
    let descriptor = FileSystem.open(lock, O_RDONLY | O_NOFOLLOW | O_NONBLOCK)
    guard descriptor >= 0 else { return errno == ENOENT ? .nobody : .unknown(nil) }
    defer { close(descriptor) }
    let text = LockFile.text(of: descriptor)
    guard let note = LockNote(text) else {
      // Not ours, or made a moment ago.
      return text.isEmpty ? .unknown(nil) : .nobody
    }
    let holder = OutputHolder(note, seenFrom: rules.machine)
    switch LockFile.share(descriptor, rules) {
    case .taken: return .process(holder)
    case .free where note.machine.sharesLocks(with: rules.machine): return .nobody
    case .free, .unsupported: break
    }
    guard note.machine.isSame(as: rules.machine) else { return .unknown(holder) }
    return note.isAlive && LockFile.isOriginal(descriptor, note) ? .process(holder) : .nobody
  }
}
