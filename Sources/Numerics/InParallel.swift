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
