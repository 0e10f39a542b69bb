// SPDX-License-Identifier: MIT

import CLibrary

/// A program that was started, with everything that it starts itself.
///
/// It has a session of its own, so that Ctrl-C does not reach it; what it prints is kept as its last words.
/// Nothing of it outlives this process: see `SessionWatch`.
final class Program {
  private let pid: pid_t
  /// What it prints; -1 when that has ended.
  private(set) var output: Int32
  private var tail = OutputTail()
  /// Writing end of the pipe that keeps it alive.
  private var life: Int32
  /// Reading end of the pipe that ends with the session.
  private let rest: Int32
  private var status: Int32?

  /// Starts a program.
  ///
  /// - Parameters:
  ///   - arguments: its name, looked for on the PATH, and its arguments.
  ///   - environment: variables that are set beside those of this process.
  ///   - peer: the other end of a socket of ours, which it gets as its descriptor 3; closed here.
  /// - Throws: kind `notStarted`.
  init(
    _ arguments: [String], environment: [String: String] = [:], peer: Int32? = nil
  ) throws(ExchangeError) {
    defer { if let peer { close(peer) } }
    let printed = try Pipe(), living = try Pipe(), remaining = try Pipe()
    let inherited: [(Int32, Int32)] =
      [(printed.write, 1), (printed.write, 2), (living.read, SessionWatch.Descriptor.life)]
      + [(remaining.write, SessionWatch.Descriptor.rest)]
      + (peer.map { [($0, SessionWatch.Descriptor.link)] } ?? [])
    var environment = environment
    environment[SessionWatch.mark] = "\(UInt64.random(in: .min ... .max))"
    do throws(ExchangeError) {
      pid = try Spawning.start(
        ["/bin/sh", "-c", SessionWatch.script, "sh"] + arguments, environment, inherited)
    } catch {
      for end in [printed, living, remaining] { end.close() }
      throw error
    }
    for end in [printed.write, living.read, remaining.write] { close(end) }
    (output, life, rest) = (printed.read, living.write, remaining.read)
    _ = fcntl(output, F_SETFL, O_NONBLOCK)
  }

  deinit { end() }

  /// Takes what it has printed meanwhile.
  func drainOutput() {
    guard output >= 0, !tail.drain(output) else { return }
    close(output)
    output = -1
  }

  /// The end of what it printed; empty if it printed nothing.
  var lastWords: String {
    drainOutput()
    return tail.lastWords
  }

  /// Whether it runs no more.
  var hasEnded: Bool {
    guard status == nil else { return true }
    var found: Int32 = 0
    guard waitpid(pid, &found, WNOHANG) == pid else { return false }
    status = found
    return true
  }

  /// How a program ended.
  enum Ending: Hashable {
    case code(Int32)
    case signal(Int32)

    /// In words.
    var reason: String {
      switch self {
      case .code(127): "there is no such program"
      case .code(126): "it is no program that can be started"
      case .code(let code): "it died (exit code \(code))"
      case .signal(let number): "it died (signal \(number))"
      }
    }
  }

  /// How it ended; nil while it runs.
  var ending: Ending? {
    guard hasEnded, let status else { return nil }
    let signal = status & 0x7f
    return signal == 0 ? .code((status >> 8) & 0xff) : .signal(signal)
  }

  /// Waits until it ends by itself, at most so many seconds.
  ///
  /// - Returns: whether it has.
  @discardableResult func waitForEnd(seconds: Double) -> Bool {
    let end = ContinuousClock.now + .seconds(seconds)
    while !hasEnded {
      guard ContinuousClock.now < end else { return false }
      drainOutput()
      usleep(2000)
    }
    return true
  }

  /// Ends all that is left of it, and returns when nothing is.
  func end() {
    guard life >= 0 else { return }
    close(life)
    life = -1
    // The watch needs two seconds for those who don't end when they are asked, and as many for the kernel.
    var request = pollfd(fd: rest, events: Int16(POLLIN), revents: 0)
    _ = poll(&request, 1, 6000)
    close(rest)
    if status == nil {
      var found: Int32 = 0
      // Without the watch, which nobody but a stranger ends, it must be ended from here.
      kill(pid, SIGKILL)
      if waitpid(pid, &found, 0) == pid { status = found }
    }
    drainOutput()
    if output >= 0 { close(output) }
    output = -1
  }
}

/// The two ends of a pipe, which programs that are started do not inherit by themselves.
struct Pipe {
  let read: Int32, write: Int32

  init() throws(ExchangeError) {
    var ends: [Int32] = [-1, -1]
    guard openPipe(&ends) else { throw .notStarted(Spawning.reason("no pipe can be made")) }
    (read, write) = (ends[0], ends[1])
  }

  func close() {
    Sockets.close(read)
    Sockets.close(write)
  }
}

private func openPipe(_ ends: inout [Int32]) -> Bool {
  // Linux's own call does it at once, but Swift does not see it.
  Spawning.lock.withLock { _ in
    guard pipe(&ends) == 0 else { return false }
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    return true
  }
}
