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
  /// Variables that a command heeds, or gives to programs that it starts.
  static let variables: [(name: String, meaning: String)] = [
    (
      "RELAX_KERNELS",
      "portable, avx2 or avx512: compute with this set of kernels, not with the best that the processor has. "
        + "One that it lacks is refused."
    ),
    ("RELAX_KIM_LIBRARY", "The KIM API's library, where kim: does not find it by itself."),
    (
      "RELAX_SHARD",
      "Set for programs that ase: and ipi: start, in a run with --shard: the part that is worked on, as 3-of-20."
    ),
    (
      "SLURM_ARRAY_TASK_ID, SGE_TASK_ID, LSB_JOBINDEX, PBS_ARRAY_INDEX, HQ_TASK_ID",
      "What --shard auto and auto/N take the part from, with the other variables of a job array."
    ),
    (
      "SLURM_MEM_PER_NODE, SLURM_MEM_PER_CPU",
      "What --memory-limit auto heeds beside the limits of the machine and its container."
    ),
    (
      "OMP_NUM_THREADS",
      "Kept for programs that ase: starts; else each gets its share of the processors."
    ),
    (
      "BROWSER",
      "What relax view opens pages with (names with : between them), before xdg-open."
    ),
    ("TMPDIR", "Where temporary files and sockets lie; /tmp without it."),
    (
      "SOURCE_DATE_EPOCH",
      "Seconds since 1970: the time that files get which hold one, such as ASE's databases."
    ),
  ]
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
