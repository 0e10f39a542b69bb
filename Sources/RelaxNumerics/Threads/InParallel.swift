// SPDX-License-Identifier: MIT

/// Runs `body` once with each of the numbers 0..<`workers`, at the same time as far as there are
/// threads for them, and waits for all.
///
/// The calling thread is the first worker, so that one worker costs nothing, and it takes over what no
/// thread has begun. Starting a thread takes some 20 µs: for computations of milliseconds. More threads
/// than processors would only take turns, so there are no more than a few of them.
public func inParallel(
  _ workers: Int, starter: ThreadStarter = .system, _ body: @escaping @Sendable (Int) -> Void
) {
  guard workers > 1 else { return body(0) }
  let begun = Guarded(1)
  @Sendable func takeOver() {
    while true {
      let number = begun.withLock { begun in
        defer { begun += 1 }
        return begun
      }
      guard number < workers else { return }
      body(number)
    }
  }
  let threads = starter.start(min(workers, WorkerThreads.mostInComputation) - 1, takeOver)
  body(0)
  takeOver()
  for thread in threads { thread.join() }
}

/// Runs `body` with consecutive parts of 0..<`count` at the same time, one a worker, and waits for all.
///
/// Parts end at whole kernel tiles, and where they do depends on the two numbers alone; those that are
/// left empty are passed too.
public func inParallel(
  _ workers: Int, over count: Int, _ body: @escaping @Sendable (Range<Int>) -> Void
) {
  let workers = max(1, workers)
  let share = KernelTile.whole((count + workers - 1) / workers)
  inParallel(workers) { worker in
    let start = min(count, worker * share)
    body(start..<min(count, start + share))
  }
}
