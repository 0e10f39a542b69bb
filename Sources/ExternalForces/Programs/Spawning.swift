// SPDX-License-Identifier: MIT

import CLibrary
import Files
import RelaxNumerics

/// The system's call that starts a program.
enum Spawning {
  /// Held while a program is started and while descriptors are made that it must not inherit.
  static let lock = Guarded(0)

  /// Starts `arguments` as the leader of a new session, with no signal blocked or ignored and nothing to read.
  ///
  /// - Parameters:
  ///   - environment: variables that are set beside those of this process.
  ///   - inherited: descriptors of ours, and what each is there; no other is inherited.
  /// - Returns: the number of the process.
  /// - Throws: kind `notStarted`.
  static func start(
    _ arguments: [String], _ environment: [String: String],
    _ inherited: [(own: Int32, there: Int32)]
  ) throws(ExchangeError) -> pid_t {
    #if canImport(Darwin)
      var actions: posix_spawn_file_actions_t?
      var attributes: posix_spawnattr_t?
    #else
      var actions = posix_spawn_file_actions_t()
      var attributes = posix_spawnattr_t()
    #endif
    posix_spawn_file_actions_init(&actions)
    posix_spawnattr_init(&attributes)
    defer {
      posix_spawn_file_actions_destroy(&actions)
      posix_spawnattr_destroy(&attributes)
    }
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    // Out of the way first: one of ours may have the number that another is to have there.
    var moved: [(Int32, Int32)] = []
    defer { for (own, _) in moved { close(own) } }
    for (own, there) in inherited {
      let copy = fcntl(own, F_DUPFD_CLOEXEC, 64)
      guard copy >= 0 else { throw .notStarted(reason("too many files are open")) }
      moved.append((copy, there))
    }
    for (own, there) in moved { posix_spawn_file_actions_adddup2(&actions, own, there) }
    var none = sigset_t(), ignored = sigset_t()
    sigemptyset(&none)
    sigemptyset(&ignored)
    for signal in [SIGPIPE, SIGXFSZ, SIGINT, SIGTERM, SIGHUP] { sigaddset(&ignored, signal) }
    posix_spawnattr_setsigmask(&attributes, &none)
    posix_spawnattr_setsigdefault(&attributes, &ignored)
    let flags = Int32(POSIX_SPAWN_SETSIGMASK) | Int32(POSIX_SPAWN_SETSIGDEF) | newSession
    posix_spawnattr_setflags(&attributes, Int16(flags))
    var pid: pid_t = 0
    let program = arguments[0]
    let result = lock.withLock { _ in
      withTexts(arguments) { argv in
        withTexts(variables(adding: environment)) { envp in
          posix_spawn(&pid, program, &actions, &attributes, argv, envp)
        }
      }
    }
    guard result == 0 else {
      throw .notStarted("it cannot be started: \(String(cString: strerror(result)))")
    }
    return pid
  }

  /// `POSIX_SPAWN_SETSID`, which Swift does not see.
  #if canImport(Darwin)
    private static let newSession: Int32 = 0x400
  #else
    private static let newSession: Int32 = 0x80
  #endif

  /// `text` and what the system says about its last call.
  static func reason(_ text: String) -> String { "\(text): \(String(cString: strerror(errno)))" }

  /// Variables of this process and those in `more`, as `NAME=value`.
  private static func variables(adding more: [String: String]) -> [String] {
    var all: [String] = []
    var place = environ
    while let entry = place.pointee {
      let text = FileSystem.text(entry)
      if more[String(text.prefix { $0 != "=" })] == nil { all.append(text) }
      place += 1
    }
    return all + more.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
  }

  /// The texts as an array of C strings with nil at its end.
  private static func withTexts<Result>(
    _ texts: [String], _ body: ([UnsafeMutablePointer<CChar>?]) -> Result
  ) -> Result {
    // Bytes that are no UTF-8 stay what they are.
    let copies = texts.map { text in
      (PathText.bytes(of: text) + [0]).withUnsafeBytes { bytes in
        bytes.assumingMemoryBound(to: CChar.self).baseAddress.flatMap { strdup($0) }
      }
    }
    defer { for copy in copies { free(copy) } }
    return body(copies + [nil])
  }
}
