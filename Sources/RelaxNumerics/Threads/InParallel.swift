// SPDX-License-Identifier: MIT

/// Runs `body` with the numbers 0..<`workers` at the same time, and waits for all.
///
/// The calling thread is the first worker, so that one worker costs nothing. Starting a thread takes
/// some 20 µs: for work of milliseconds.
public func inParallel(_ workers: Int, _ body: @escaping @Sendable (Int) -> Void) {
  guard workers > 1 else { return body(0) }
  let others = WorkerThreads(count: workers - 1) { body($0 + 1) }
  body(0)
  others.join()
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
