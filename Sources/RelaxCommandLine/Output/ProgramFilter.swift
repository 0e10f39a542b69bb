// SPDX-License-Identifier: MIT

import CLibrary

/// Another program that turns bytes into other bytes: from its standard input to its standard output.
///
/// No shell has a part in it. The program ends with its input; what it says on standard error is kept as
/// the reason if it fails.
struct ProgramFilter {
  /// The program's file.
  let path: String
  /// Its arguments, without its name.
  var arguments: [String] = []
  /// Variables that are set beside those of this process.
  var variables: [String: String] = [:]

  /// Why there is no result.
  struct Failure: Error {
    /// In words: what the program said, or how it ended.
    var reason: String
  }

  /// The program `name`, if the PATH leads to one that may be started.
  init?(named name: String) {
    let folders = (Environment.value("PATH") ?? "/usr/local/bin:/usr/bin:/bin")
      .split(separator: ":", omittingEmptySubsequences: false)
    let files = folders.map { $0.isEmpty ? "./\(name)" : "\($0)/\(name)" }
    guard let path = files.first(where: { ProgramFilter.isProgram($0) }) else { return nil }
    self.path = path
  }

  private static func isProgram(_ path: String) -> Bool {
    var status = stat()
    return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
      && access(path, X_OK) == 0
  }

  /// What the program makes of `input`.
  func result(of input: [UInt8]) throws(Failure) -> [UInt8] {
    var (toIt, fromIt, words) = (Ends(), Ends(), Ends())
    defer { for ends in [toIt, fromIt, words] { ends.close() } }
    guard toIt.open(), fromIt.open(), words.open() else {
      throw Failure(reason: "no pipe can be made: \(String(cString: strerror(errno)))")
    }
    let program = try start(toIt.read, fromIt.write, words.write)
    toIt.closeRead()
    fromIt.closeWrite()
    words.closeWrite()
    let found = ProgramFilter.exchange(input, &toIt, fromIt.read, words.read)
    var status: Int32 = 0
    while waitpid(program, &status, 0) < 0 && errno == EINTR {}
    guard status == 0 else {
      let said = String(decoding: found.words, as: UTF8.self).split(whereSeparator: \.isNewline)
        .map {
          $0.filter { !$0.unicodeScalars.contains { $0.properties.generalCategory == .control } }
        }
        .filter { !$0.isEmpty }.suffix(3).joined(separator: " / ")
      let code =
        status & 0x7f == 0 ? "exit code \((status >> 8) & 0xff)" : "signal \(status & 0x7f)"
      throw Failure(reason: said.isEmpty ? "it ended with \(code)" : String(said.prefix(300)))
    }
    return found.result
  }

  private func start(_ input: Int32, _ output: Int32, _ words: Int32) throws(Failure) -> pid_t {
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
    for (own, there) in [(input, Int32(0)), (output, 1), (words, 2)] {
      posix_spawn_file_actions_adddup2(&actions, own, there)
    }
    // We ignore it, and it must not.
    var signals = sigset_t()
    sigemptyset(&signals)
    sigaddset(&signals, SIGPIPE)
    posix_spawnattr_setsigdefault(&attributes, &signals)
    posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGDEF))
    var environment: [String] = []
    var place = environ
    while let entry = place.pointee {
      environment.append(String(cString: entry))
      place += 1
    }
    environment += variables.sorted { $0.key < $1.key }.filter { variable in
      !environment.contains { $0.hasPrefix(variable.key + "=") }
    }.map { "\($0.key)=\($0.value)" }
    let argv = ([path] + arguments).map { strdup($0) }, envp = environment.map { strdup($0) }
    defer { for text in argv + envp { free(text) } }
    var pid: pid_t = 0
    let code = posix_spawn(&pid, path, &actions, &attributes, argv + [nil], envp + [nil])
    guard code == 0 else {
      throw Failure(reason: "it cannot be started: \(String(cString: strerror(code)))")
    }
    return pid
  }

  /// Gives the program all of `input` and takes what it writes until it closes its ends, whichever comes first.
  private static func exchange(
    _ input: [UInt8], _ toIt: inout Ends, _ output: Int32, _ words: Int32
  ) -> (result: [UInt8], words: [UInt8]) {
    var given = 0
    var taken: (result: [UInt8], words: [UInt8]) = ([], [])
    var open = (result: true, words: true)
    _ = fcntl(toIt.write, F_SETFL, O_NONBLOCK)
    while open.result || open.words {
      if given == input.count || toIt.write < 0 { toIt.closeWrite() }
      // A negative descriptor is passed over.
      var requests = [
        pollfd(fd: open.result ? output : -1, events: Int16(POLLIN), revents: 0),
        pollfd(fd: open.words ? words : -1, events: Int16(POLLIN), revents: 0),
        pollfd(fd: toIt.write, events: Int16(POLLOUT), revents: 0),
      ]
      guard poll(&requests, 3, -1) > 0 else { continue }
      if requests[0].revents != 0 { open.result = take(output, into: &taken.result) }
      if requests[1].revents != 0 { open.words = take(words, into: &taken.words) }
      if requests[2].revents != 0 {
        let count = input.withUnsafeBytes { bytes in
          bytes.baseAddress.map { write(toIt.write, $0 + given, bytes.count - given) } ?? 0
        }
        if count > 0 {
          given += count
        } else if errno != EAGAIN && errno != EINTR {
          // It takes no more, and its exit code will say why.
          toIt.closeWrite()
        }
      }
    }
    return taken
  }

  /// Takes what is there.
  ///
  /// - Returns: whether more may come.
  private static func take(_ descriptor: Int32, into bytes: inout [UInt8]) -> Bool {
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    let count = buffer.withUnsafeMutableBytes { read(descriptor, $0.baseAddress, $0.count) }
    if count < 0 { return errno == EINTR || errno == EAGAIN }
    bytes += buffer.prefix(count)
    return count > 0
  }
}

/// The ends of a pipe, none of which a program inherits by itself.
private struct Ends {
  private(set) var read: Int32 = -1
  private(set) var write: Int32 = -1

  mutating func open() -> Bool {
    var ends: [Int32] = [-1, -1]
    guard pipe(&ends) == 0 else { return false }
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    (read, write) = (ends[0], ends[1])
    return true
  }

  mutating func closeRead() {
    if read >= 0 { CLibrary.close(read) }
    read = -1
  }

  mutating func closeWrite() {
    if write >= 0 { CLibrary.close(write) }
    write = -1
  }

  func close() {
    for end in [read, write] where end >= 0 { CLibrary.close(end) }
  }
}
