// SPDX-License-Identifier: MIT

import CLibrary

/// State that threads share, one at a time.
///
/// The lock is the system's own (`pthread_mutex_t`), whose order the thread sanitizer sees; the
/// standard library's `Mutex` on Linux is invisible to it, and every use looks like a race.
public final class Guarded<State>: @unchecked Sendable {
  private var state: State
  private let mutex: UnsafeMutablePointer<pthread_mutex_t>

  /// Takes over `state`; nobody else may hold on to what is in it.
  public init(_ state: sending State) {
    self.state = state
    mutex = .allocate(capacity: 1)
    mutex.initialize(to: pthread_mutex_t())
    let result = pthread_mutex_init(mutex, nil)
    precondition(result == 0, "the system has no mutex (error \(result))")
  }

  deinit {
    pthread_mutex_destroy(mutex)
    mutex.deallocate()
  }

  /// Runs `body` while no other thread is in such a call; not to be nested.
  public func withLock<Result>(_ body: (inout State) throws -> Result) rethrows -> Result {
    pthread_mutex_lock(mutex)
    defer { pthread_mutex_unlock(mutex) }
    return try body(&state)
  }
}
