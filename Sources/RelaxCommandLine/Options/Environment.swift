// SPDX-License-Identifier: MIT

import CLibrary
import Files
import RelaxNumerics
import Synchronization

/// What the process is told from outside: variables and signals.
enum Environment {
  /// A variable that is set and not empty.
  static func value(_ name: String) -> String? {
    getenv(name).map { String(cString: $0) }.flatMap { $0.isEmpty ? nil : $0 }
  }

  /// Folders below which Python keeps packages, the user's own first.
  static var packageRoots: [String] {
    [value("VIRTUAL_ENV"), value("CONDA_PREFIX"), value("HOME").map { $0 + "/.local" }]
      .compactMap { $0 } + ["/usr/local", "/usr"]
  }

  /// Refuses a `RELAX_KERNELS` that asks for what there is not.
  static func requireKernels() throws {
    do { _ = try KernelSet.requested() } catch {
      throw CommandFailure(.usage, "RELAX_KERNELS=\(error)")
    }
  }
}

extension Environment {
  /// Ends the threads that OpenBLAS has started; we have our own.
  ///
  /// Where the system gives too little memory, such a thread asks for it for ever and never ends: the
  /// process does then, and says why.
  static func retireThreads() {
    signal(SIGPROF) { _ in
      // Nothing else may be called here.
      let words: StaticString =
        "relax: the system gives too little memory to begin (see ulimit -v); 300 MB are needed\n"
      _ = write(2, words.utf8Start, words.utf8CodeUnitCount)
      _exit(ExitStatus.noResources.rawValue)
    }
    var limit = itimerval()
    // Time of the processors: ending the threads takes next to none, however busy the machine is.
    limit.it_value.tv_sec = 2
    setitimer(__itimer_which_t(ITIMER_PROF.rawValue), &limit, nil)
    LinearAlgebra.retireThreads()
    limit.it_value.tv_sec = 0
    setitimer(__itimer_which_t(ITIMER_PROF.rawValue), &limit, nil)
    signal(SIGPROF, SIG_DFL)
  }
}

/// Notices Ctrl-C and a polite kill, so that a run can end in order; a second one ends it at once.
final class Interruption: Sendable {
  private let wasRequested = Atomic(false)

  /// Starts to listen, if the system gives a thread for it; else a signal ends the process at once, as
  /// the system does by itself.
  ///
  /// Call it before any other thread is started.
  init() {
    var signals = sigset_t()
    sigemptyset(&signals)
    sigaddset(&signals, SIGINT)
    sigaddset(&signals, SIGTERM)
    pthread_sigmask(SIG_BLOCK, &signals, nil)
    let listened = signals
    let listens = WorkerThreads.runAside { [self] in
      var signals = listened
      var received: Int32 = 0
      sigwait(&signals, &received)
      wasRequested.store(true, ordering: .relaxed)
      sigwait(&signals, &received)
      _exit(ExitStatus.interrupted.rawValue)
    }
    if !listens { pthread_sigmask(SIG_UNBLOCK, &signals, nil) }
  }

  /// From now on a signal ends the process as the system does by itself, but removes first what means nothing
  /// without it; for commands that have no half results to keep.
  ///
  /// Call it before any other thread is started.
  static func endOrderly() {
    var signals = sigset_t()
    sigemptyset(&signals)
    for number in [SIGINT, SIGTERM, SIGHUP] where !isIgnored(number) { sigaddset(&signals, number) }
    pthread_sigmask(SIG_BLOCK, &signals, nil)
    let listened = signals
    let listens = WorkerThreads.runAside {
      var signals = listened
      var received: Int32 = 0
      sigwait(&signals, &received)
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

  /// Whether the run should end.
  var isRequested: Bool { wasRequested.load(ordering: .relaxed) }
}
