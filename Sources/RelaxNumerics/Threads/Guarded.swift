// SPDX-License-Identifier: MIT

import CLibrary

/// State that threads share, one at a time.
///
/// The lock is the system's own (`pthread_mutex_t`), whose order the thread sanitizer sees; the
/// standard library's `Mutex` on Linux is invisible to it, and every use looks like a race.
public final class Guarded<State>: @unchecked Sendable {
  private var state: State
  private let mutex: UnsafeMutablePointer<pthread_mutex_t>
  private let changed: UnsafeMutablePointer<pthread_cond_t>
  /// Threads that wait for a change.
  private var waiting = 0

  /// Takes over `state`; nobody else may hold on to what is in it.
  public init(_ state: sending State) {
    self.state = state
    mutex = .allocate(capacity: 1)
    mutex.initialize(to: pthread_mutex_t())
    changed = .allocate(capacity: 1)
    changed.initialize(to: pthread_cond_t())
    let results = (pthread_mutex_init(mutex, nil), pthread_cond_init(changed, nil))
    precondition(results == (0, 0), "the system has no mutex (errors \(results))")
  }

  deinit {
    pthread_cond_destroy(changed)
    changed.deallocate()
    pthread_mutex_destroy(mutex)
    mutex.deallocate()
  }

  /// Runs `body` while no other thread is in such a call; not to be nested.
  public func withLock<Result>(_ body: (inout State) throws -> Result) rethrows -> Result {
    pthread_mutex_lock(mutex)
    defer {
      if waiting > 0 { pthread_cond_broadcast(changed) }
      pthread_mutex_unlock(mutex)
    }
    return try body(&state)
  }

  /// As `withLock`, as soon as `condition` holds: waits for other threads to change the state.
  public func withLock<Result>(
    when condition: (State) -> Bool, _ body: (inout State) throws -> Result
  ) rethrows -> Result {
    pthread_mutex_lock(mutex)
    while !condition(state) {
      waiting += 1
      pthread_cond_wait(changed, mutex)
      waiting -= 1
    }
    defer {
      if waiting > 0 { pthread_cond_broadcast(changed) }
      pthread_mutex_unlock(mutex)
    }
    return try body(&state)
  }
}
