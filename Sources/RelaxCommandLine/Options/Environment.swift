// SPDX-License-Identifier: MIT

import CLibrary
import Files
import RelaxNumerics

/// What the process is told from outside: variables and signals.
enum Environment {
  /// When the process began; the first to ask must be the first to run.
  static let begin = ContinuousClock.now

  /// A variable that is set and not empty.
  static func value(_ name: String) -> String? {
    getenv(name).map { String(cString: $0) }.flatMap { $0.isEmpty ? nil : $0 }
  }

  /// Tells the programs that this process starts which part of a work it does.
  static func announce(_ shard: Shard?) {
    if let shard {
      setenv("RELAX_SHARD", "\(shard.number)-of-\(shard.count)", 1)
    } else {
      unsetenv("RELAX_SHARD")
    }
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
