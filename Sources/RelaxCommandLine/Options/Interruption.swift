// SPDX-License-Identifier: MIT

import CLibrary
import Files
import RelaxNumerics
import Synchronization

/// Notices what asks a command to stop (Ctrl-C, SIGTERM, SIGUSR1, `--time-limit`) so that it ends in order.
///
/// Until the command `hear`s, a request ends the process: nothing has been written. From then on the command
/// has some seconds to end by itself; what does not hear in time, such as the reading of a large file, is cut
/// off, for what is on the disk survives a kill. A second request does that at once.
final class Interruption: Sendable {
  /// Who asked.
  enum Cause: Hashable, Sendable {
    /// Ctrl-C, or SIGINT from elsewhere.
    case interrupt
    /// Another signal, by its name.
    case signal(String)
    /// `--time-limit`.
    case timeLimit(TimeLimit)

    /// The exit code that says so.
    var status: ExitStatus { self == .interrupt ? .interrupted : .stopped }

    /// What happened, for a message.
    var words: String {
      switch self {
      case .interrupt: "interrupted"
      case .signal(let name): "stopped by \(name)"
      case .timeLimit(let limit): "stopped after --time-limit \(limit)"
      }
    }
  }

  private struct State {
    var cause: Cause?
    /// What is kept of the work so far; nil while nothing is written.
    var kept: String?
  }

  /// Time to end in order.
  ///
  /// The rest of the 5 s that are promised is for a busy machine, which needs more than a second to take
  /// back the memory of a large structure.
  private static let patience = Duration.seconds(3)
  /// A request may come twice: from a scheduler to all processes, and passed on by the script that started us.
  private static let echo = Duration.milliseconds(100)
  /// Time for the last words, which somebody must read, and for removing unfinished files.
  private static let farewell = Duration.milliseconds(300)

  private let state = Guarded(State())
  private let wasRequested = Atomic(false)
  private let limit: TimeLimit?

  /// Starts to listen, if the system gives a thread for it; else a signal ends the process at once, as
  /// the system does by itself.
  ///
  /// Call it before any other thread is started.
  init(limit: TimeLimit?) {
    self.limit = limit
    var signals = sigset_t()
    sigemptyset(&signals)
    for number in [SIGINT, SIGTERM, SIGUSR1, SIGALRM] { sigaddset(&signals, number) }
    pthread_sigmask(SIG_BLOCK, &signals, nil)
    let listened = signals
    guard WorkerThreads.runAside({ [self] in listen(to: listened) }) else {
      pthread_sigmask(SIG_UNBLOCK, &signals, nil)
      if limit != nil {
        Console.warn("--time-limit cannot be kept: the system gives no thread for it")
      }
      return
    }
    if let limit {
      Interruption.alarm(after: .seconds(limit.seconds) - (ContinuousClock.now - Environment.begin))
    }
  }

  /// From now on the command looks at `isRequested`, and ends by itself.
  ///
  /// - Parameter kept: a clause for the user about what is kept if it is too slow for that.
  func hear(keeping kept: String) { state.withLock { $0.kept = kept } }

  /// Whether the command should end.
  var isRequested: Bool { wasRequested.load(ordering: .relaxed) }

  /// Why it should.
  var cause: Cause? { state.withLock(\.cause) }

  // MARK: - The thread that listens

  private func listen(to signals: sigset_t) {
    let cause = cause(of: Interruption.wait(for: signals))
    let kept = state.withLock { state in
      state.cause = cause
      return state.kept
    }
    guard let kept else {
      Interruption.end(cause.status, saying: "\(cause.words) before anything was written")
    }
    wasRequested.store(true, ordering: .relaxed)
    Interruption.sleep(Interruption.echo)
    Interruption.forgetPending(of: signals)
    Interruption.alarm(after: Interruption.patience)
    let isImpatient = Interruption.wait(for: signals) != SIGALRM
    Interruption.end(
      cause.status,
      saying:
        "\(cause.words)\(isImpatient ? " at once" : ", in work that cannot stop in time"); \(kept)")
  }

  private func cause(of signal: Int32) -> Cause {
    switch signal {
    case SIGINT: .interrupt
    case SIGTERM: .signal("SIGTERM")
    case SIGUSR1: .signal("SIGUSR1")
    default: limit.map { .timeLimit($0) } ?? .signal("SIGALRM")
    }
  }

  /// Ends the process, whatever its other threads do: neither a full pipe nor a file system that hangs may
  /// keep it.
  private static func end(_ status: ExitStatus, saying words: String) -> Never {
    WorkerThreads.runAside {
      Console.error("relax: \(words)")
      UnfinishedFiles.removeAll { _exit(status.rawValue) }
    }
    sleep(farewell)
    _exit(status.rawValue)
  }

  // MARK: - Signals

  private static func wait(for signals: sigset_t) -> Int32 {
    var signals = signals
    var received: Int32 = 0
    while sigwait(&signals, &received) != 0 {}
    return received
  }

  private static func forgetPending(of signals: sigset_t) {
    var pending = sigset_t()
    sigpending(&pending)
    for number in [SIGINT, SIGTERM, SIGUSR1, SIGALRM] where sigismember(&pending, number) == 1 {
      var one = sigset_t()
      sigemptyset(&one)
      sigaddset(&one, number)
      _ = wait(for: one)
    }
  }

  /// Has SIGALRM come after some time; an earlier such wish is forgotten.
  private static func alarm(after time: Duration) {
    let microseconds = max(Int(time / .microseconds(1)), 1_000)
    var timer = itimerval()
    timer.it_value.tv_sec = microseconds / 1_000_000
    timer.it_value.tv_usec = numericCast(microseconds % 1_000_000)
    setitimer(__itimer_which_t(ITIMER_REAL.rawValue), &timer, nil)
  }

  private static func sleep(_ time: Duration) { usleep(UInt32(time / .microseconds(1))) }
}

extension Interruption {
  /// From now on a signal ends the process as the system does by itself, but removes first what means nothing
  /// without it; for commands that have no half results to keep.
  ///
  /// Call it before any other thread is started.
  static func endOrderly() {
    var signals = sigset_t()
    sigemptyset(&signals)
    for number in [SIGINT, SIGTERM, SIGUSR1, SIGHUP] where !isIgnored(number) {
      sigaddset(&signals, number)
    }
    pthread_sigmask(SIG_BLOCK, &signals, nil)
    let listened = signals
    let listens = WorkerThreads.runAside {
      var signals = listened
      let received = wait(for: signals)
      UnfinishedFiles.removeAll {
        signal(received, SIG_DFL)
        pthread_sigmask(SIG_UNBLOCK, &signals, nil)
        kill(getpid(), received)
      }
    }
    if !listens { pthread_sigmask(SIG_UNBLOCK, &signals, nil) }
  }

  /// Whether whoever started the process wants it to live on, as `nohup` does.
  private static func isIgnored(_ number: Int32) -> Bool {
    let before = signal(number, SIG_IGN)
    signal(number, before)
    return unsafeBitCast(before, to: Int.self) == unsafeBitCast(SIG_IGN, to: Int.self)
  }
}
